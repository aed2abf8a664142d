import JSON
import LocalCluster
import Testing
import Timing

@Suite struct DNSPresenceTests {
    private let early = Instant(nanoseconds: 10)
    private let late = Instant(nanoseconds: 20)

    @Test func aPodIsListedWhenTheServerHasAnswered() {
        var presence = DNSPresence.never
        presence.published(isNamed: true, in: 7)
        presence.confirmed(6, at: early)
        #expect(!presence.isListed && !presence.isAbsent)
        presence.confirmed(7, at: late)
        #expect(presence == .listed(since: late))
    }

    @Test func aLaterPublicationConfirmsTheEarlier() {
        var presence = DNSPresence.entering(publication: 7)
        presence.published(isNamed: true, in: 8)
        presence.confirmed(8, at: early)
        #expect(presence == .listed(since: early))
        presence.confirmed(9, at: late)
        #expect(presence == .listed(since: early))
    }

    @Test func itHasLeftWhenTheServerAnswersWithoutIt() {
        var presence = DNSPresence.listed(since: early)
        presence.published(isNamed: false, in: 8)
        #expect(!presence.isListed && !presence.isAbsent)
        presence.confirmed(8, at: late)
        #expect(presence == .unlisted(since: late) && presence.isAbsent)
    }

    @Test func aChangeOfMindCounts() {
        var presence = DNSPresence.entering(publication: 7)
        presence.published(isNamed: false, in: 8)
        presence.confirmed(7, at: early)
        #expect(!presence.isListed)
        presence.published(isNamed: true, in: 9)
        presence.confirmed(9, at: late)
        #expect(presence == .listed(since: late))
    }

    @Test func whatWasNeverNamedIsAbsent() {
        var presence = DNSPresence.never
        presence.published(isNamed: false, in: 1)
        presence.confirmed(1, at: early)
        #expect(presence == .never && presence.isAbsent)
    }

    @Test(arguments: [
        DNSPresence.never, .entering(publication: 3), .leaving(publication: 4), .listed(since: Instant(nanoseconds: 5)),
        .unlisted(since: Instant(nanoseconds: 6)),
    ])
    func itSurvivesTheControlSocket(presence: DNSPresence) throws {
        #expect(DNSPresence(try JSONParser.parse(presence.json.text)) == presence)
    }

    @Test(arguments: ["{}", #"{"listed":1,"since":1}"#, #"{"listed":true}"#, #"{"listed":true,"awaits":-1}"#, "3"])
    func anythingElseIsNotUnderstood(text: String) throws {
        #expect(DNSPresence(try JSONParser.parse(text)) == nil)
    }
}
