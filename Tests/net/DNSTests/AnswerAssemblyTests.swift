import Addresses
import DNS
import Testing

@Suite struct AnswerAssemblyTests {
    private let v4 = IPAddress.v4(0x0A00_0001)
    private let v6 = IPAddress.v6(1)
    private var foundV4: AnswerAssembly.Outcome { .addresses([v4], timeToLive: .seconds(5)) }
    private var foundV6: AnswerAssembly.Outcome { .addresses([v6], timeToLive: .seconds(3)) }

    private func answer(_ addresses: [IPAddress], _ seconds: Int, complete: Bool = true) -> AnswerAssembly.Action {
        let answer = DNSAnswer(addresses: addresses, timeToLive: .seconds(seconds), isComplete: complete)
        return .deliver(.success(answer), isLast: complete)
    }

    @Test func bothFamiliesMakeOneAnswerWithTheSmallestTimeToLive() {
        var assembly = AnswerAssembly()
        #expect(assembly.received(foundV6, for: .v6) == .startDelay)
        #expect(assembly.received(foundV4, for: .v4) == answer([v4, v6], 3))
    }

    @Test func aFamilyThatStaysAwayDelaysTheOtherByTheResolutionDelayOnly() {
        var assembly = AnswerAssembly()
        #expect(assembly.received(foundV4, for: .v4) == .startDelay)
        #expect(assembly.delayElapsed() == answer([v4], 5, complete: false))
        #expect(assembly.received(foundV6, for: .v6) == answer([v4, v6], 3))
    }

    @Test func aLateFailureOfTheOtherFamilyChangesNothing() {
        var assembly = AnswerAssembly()
        _ = assembly.received(foundV4, for: .v4)
        _ = assembly.delayElapsed()
        #expect(assembly.received(.failed(.timedOut), for: .v6) == .finish)
    }

    @Test func noDataInOneFamilyIsNoErrorIfTheOtherHasAddresses() {
        var assembly = AnswerAssembly()
        #expect(assembly.received(.noData, for: .v6) == .wait)
        #expect(assembly.received(foundV4, for: .v4) == answer([v4], 5))
    }

    @Test func aFailureOfOneFamilyIsNoErrorIfTheOtherHasAddresses() {
        var assembly = AnswerAssembly()
        #expect(assembly.received(.failed(.serverFailure), for: .v4) == .wait)
        #expect(assembly.received(foundV6, for: .v6) == answer([v6], 3))
    }

    @Test(arguments: [
        (AnswerAssembly.Outcome.noData, AnswerAssembly.Outcome.noData, DNSError.Reason.noAddresses),
        (.noData, .failed(.timedOut), .timedOut),
        (.failed(.serverFailure), .failed(.nameNotFound), .nameNotFound),
        (.failed(.connectionRefused), .failed(.timedOut), .connectionRefused),
    ])
    func withoutAnAddressTheMostTellingReasonIsGiven(
        v4: AnswerAssembly.Outcome, v6: AnswerAssembly.Outcome, reason: DNSError.Reason
    ) {
        var assembly = AnswerAssembly()
        _ = assembly.received(v4, for: .v4)
        #expect(assembly.received(v6, for: .v6) == .deliver(.failure(reason), isLast: true))
    }

    @Test func aMissingNameIsReportedWithoutTheOtherFamilyAndOnlyOnce() {
        var assembly = AnswerAssembly()
        #expect(assembly.received(.failed(.nameNotFound), for: .v4) == .startDelay)
        #expect(assembly.delayElapsed() == .deliver(.failure(.nameNotFound), isLast: false))
        #expect(assembly.received(.failed(.timedOut), for: .v6) == .finish)
    }

    @Test func addressesAfterAMissingNameAreDelivered() {
        var assembly = AnswerAssembly()
        _ = assembly.received(.failed(.nameNotFound), for: .v4)
        _ = assembly.delayElapsed()
        #expect(assembly.received(foundV6, for: .v6) == answer([v6], 3))
    }

    @Test func aDelayThatFiresAfterBothAnswersDoesNothing() {
        var assembly = AnswerAssembly()
        _ = assembly.received(foundV4, for: .v4)
        _ = assembly.received(foundV6, for: .v6)
        #expect(assembly.delayElapsed() == .wait)
    }

    @Test func duplicatesAreDropped() {
        var assembly = AnswerAssembly()
        _ = assembly.received(.noData, for: .v6)
        let twice = AnswerAssembly.Outcome.addresses([v4, v4], timeToLive: .seconds(5))
        #expect(assembly.received(twice, for: .v4) == answer([v4], 5))
    }
}
