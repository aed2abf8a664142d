import Addresses
import EtcdAPI
import EtcdDiscovery
import LoadBalancing
import RPCCore
import Testing
import Timing

/// `random` 0.5 is no jitter.
@Suite struct EtcdWatchMachineTests {
    private typealias Machine = EtcdWatchMachine
    private typealias Action = EtcdWatchMachine.Action

    // MARK: What is said

    private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

    private func header(_ revision: Int64, term: UInt64 = 2, cluster: UInt64 = 7) -> ResponseHeader {
        ResponseHeader(clusterId: cluster, memberId: 1, revision: revision, raftTerm: term)
    }

    private func pair(_ name: String, _ value: String, revision: Int64 = 1) -> KeyValue {
        var pair = KeyValue()
        pair.key = Array("/pods/\(name)".utf8)
        pair.value = Array(value.utf8)
        pair.modRevision = revision
        return pair
    }

    private func put(_ name: String, _ value: String, revision: Int64) -> Event {
        var event = Event()
        event.kv = pair(name, value, revision: revision)
        return event
    }

    private func delete(_ name: String, revision: Int64) -> Event {
        var event = Event()
        event.type = .delete
        event.kv = pair(name, "", revision: revision)
        return event
    }

    private func endpoints(_ addresses: String...) -> [Endpoint] {
        addresses.compactMap { SocketAddress($0).map { Endpoint($0) } }
    }

    private let firstRead = Action.read(
        RangeRequest(
            key: Array("/pods/".utf8), rangeEnd: Array("/pods0".utf8), limit: Machine.pageSize, revision: 0))

    private func watch(from revision: Int64) -> Action {
        .watch(
            WatchCreateRequest(
                key: Array("/pods/".utf8), rangeEnd: Array("/pods0".utf8), startRevision: revision,
                progressNotify: true, fragment: true))
    }

    private func feed(
        _ machine: inout Machine, _ answer: WatchResponse, at time: Double = 1
    ) -> [Action] {
        machine.watchArrived(answer, at: at(time), random: 0.5)
    }

    /// One that has read pods a and b at revision 10, and watches from 11 on.
    private func watching() -> Machine {
        var machine = Machine(service: "pods")
        #expect(machine.start() == [firstRead])
        let page = RangeResponse(
            header: header(10), kvs: [pair("a", "10.0.0.1:80"), pair("b", "10.0.0.2:80")], count: 2)
        let read = machine.pageArrived(page, at: at(0), random: 0.5)
        #expect(read == [.publish(endpoints("10.0.0.1:80", "10.0.0.2:80")), watch(from: 11)])
        #expect(feed(&machine, WatchResponse(header: header(10), created: true), at: 0) == [])
        #expect(machine.wakeAt == .distantFuture && machine.problem == nil)
        return machine
    }

    // MARK: Reading

    @Test func eventsAfterTheReadChangeTheSet() {
        var machine = watching()
        let added = feed(
            &machine, WatchResponse(header: header(11), events: [put("c", "[fd00::3]:80", revision: 11)]))
        #expect(added == [.publish(endpoints("10.0.0.1:80", "10.0.0.2:80", "[fd00::3]:80"))])
        let changed = feed(
            &machine,
            WatchResponse(
                header: header(13),
                events: [delete("a", revision: 12), put("b", "10.0.0.9:80", revision: 13)]))
        #expect(changed == [.publish(endpoints("10.0.0.9:80", "[fd00::3]:80"))])
        // The same again changes nothing.
        let again = feed(
            &machine, WatchResponse(header: header(14), events: [put("b", "10.0.0.9:80", revision: 14)]))
        #expect(again == [])
    }

    @Test func anEmptySetIsASet() {
        var machine = Machine(service: "pods")
        _ = machine.start()
        let none = machine.pageArrived(RangeResponse(header: header(3)), at: at(0), random: 0.5)
        #expect(none == [.publish([]), watch(from: 4)])
    }

    @Test func pagesAreReadAsTheStoreWasAtTheFirst() {
        var machine = Machine(service: "pods")
        _ = machine.start()
        let first = RangeResponse(header: header(10), kvs: [pair("a", "10.0.0.1:80")], more: true, count: 2)
        let next = machine.pageArrived(first, at: at(0), random: 0.5)
        #expect(
            next == [
                .read(
                    RangeRequest(
                        key: Array("/pods/a".utf8) + [0], rangeEnd: Array("/pods0".utf8), limit: Machine.pageSize,
                        revision: 10))
            ])
        let second = RangeResponse(header: header(12), kvs: [pair("b", "10.0.0.2:80")])
        let all = machine.pageArrived(second, at: at(0), random: 0.5)
        #expect(all == [.publish(endpoints("10.0.0.1:80", "10.0.0.2:80")), watch(from: 11)])
    }

    @Test func aReadThatFailsIsToldOnlyWhileThereIsNoSetAndTriedAgainWithBackoff() {
        var machine = Machine(service: "pods")
        _ = machine.start()
        #expect(machine.readFailed("down", at: at(0), random: 0.5) == [.fail(RPCError(.unavailable, "down"))])
        #expect(machine.problem == "down" && machine.wakeAt == at(1) && machine.retryAt == at(1))
        #expect(machine.timerFired(at: at(0.9), random: 0.5) == [])
        #expect(machine.timerFired(at: at(1), random: 0.5) == [firstRead])
        _ = machine.readFailed("down", at: at(1), random: 0.5)
        #expect(machine.wakeAt == at(2.6))
        var now = machine.wakeAt
        for _ in 0..<10 {
            _ = machine.timerFired(at: now, random: 0.5)
            _ = machine.readFailed("down", at: now, random: 0.5)
            #expect(machine.wakeAt - now <= .seconds(5))
            now = machine.wakeAt
        }
    }

    @Test func answersThatMakeNoSenseAreFailures() {
        for page in [
            RangeResponse(), RangeResponse(header: header(1), more: true), RangeResponse(header: header(-1)),
            RangeResponse(header: header(.max)),
        ] {
            var machine = Machine(service: "pods")
            _ = machine.start()
            guard case .fail? = machine.pageArrived(page, at: at(0), random: 0.5).first else {
                Issue.record("taken for good")
                return
            }
        }
    }

    // MARK: Values

    @Test func whatIsNoAddressIsSkippedAndNamed() {
        var machine = Machine(service: "pods")
        _ = machine.start()
        let bad = ["somewhere", ":80", "10.0.0.1:0", "unix:/x", "", String(repeating: "1", count: 500)]
        let page = RangeResponse(
            header: header(1),
            kvs: bad.enumerated().map { pair("p\($0)", $1) } + [pair("good", "10.0.0.1:80")])
        let actions = machine.pageArrived(page, at: at(0), random: 0.5)
        #expect(actions.first == .publish(endpoints("10.0.0.1:80")))
        #expect(
            machine.problem
                == "/pods/p0 is \"somewhere\", not an address such as 10.1.2.3:8080, and 5 more such")
    }

    @Test func twoKeysWithOneAddressAreOneEndpoint() {
        var machine = watching()
        let actions = feed(
            &machine, WatchResponse(header: header(11), events: [put("c", "10.0.0.1:80", revision: 11)]))
        #expect(actions == [])
        let gone = feed(&machine, WatchResponse(header: header(12), events: [delete("a", revision: 12)]))
        #expect(gone == [.publish(endpoints("10.0.0.2:80", "10.0.0.1:80"))])
    }

    @Test func theSetIsBounded() {
        var machine = watching()
        var revision: Int64 = 11
        let events = (0..<11_000).map { number in
            put("x\(number)", "10.1.\(number / 250).\(number % 250):80", revision: 11)
        }
        let actions = feed(&machine, WatchResponse(header: header(revision), events: events))
        guard case .publish(let endpoints)? = actions.first else {
            Issue.record("not published")
            return
        }
        #expect(endpoints.count == 10_000)
        #expect(machine.problem?.contains("more than 10000 keys") == true)
        revision += 1
        // One that is there may change all the same.
        let changed = feed(
            &machine, WatchResponse(header: header(12), events: [put("a", "10.0.0.77:80", revision: 12)]))
        #expect(changed.count == 1)
    }

    // MARK: Watches that end

    @Test func afterAWatchThatBrokeTheKeysAreReadAgain() {
        var machine = watching()
        _ = feed(&machine, WatchResponse(header: header(12), events: [delete("a", revision: 12)]))
        #expect(machine.watchEnded("reset", at: at(20), random: 0.5) == [])
        #expect(machine.endpoints == endpoints("10.0.0.2:80") && machine.problem == "reset")
        #expect(machine.wakeAt == at(21))
        #expect(machine.timerFired(at: at(21), random: 0.5) == [firstRead])
        // While that fails, the set stays, and nobody is told of a failure.
        #expect(machine.readFailed("down", at: at(21), random: 0.5) == [])
        #expect(machine.timerFired(at: at(30), random: 0.5) == [firstRead])
        let page = RangeResponse(header: header(15), kvs: [pair("b", "10.0.0.2:80"), pair("c", "10.0.0.3:80")])
        let read = machine.pageArrived(page, at: at(30), random: 0.5)
        #expect(read == [.publish(endpoints("10.0.0.2:80", "10.0.0.3:80")), watch(from: 16)])
        #expect(feed(&machine, WatchResponse(header: header(15), created: true), at: 30) == [])
        #expect(machine.problem == nil && machine.wakeAt == .distantFuture)
        // The back-off begins anew after a watch that stood.
        _ = machine.watchEnded("reset", at: at(40), random: 0.5)
        #expect(machine.wakeAt == at(41))
    }

    /// A watch may be with a member that is behind the one that was read from.
    @Test func aMemberThatIsBehindIsNoOtherStore() {
        var machine = watching()
        _ = machine.watchEnded("reset", at: at(20), random: 0.5)
        _ = machine.timerFired(at: at(21), random: 0.5)
        let page = RangeResponse(header: header(20), kvs: [pair("b", "10.0.0.2:80")])
        _ = machine.pageArrived(page, at: at(21), random: 0.5)
        #expect(feed(&machine, WatchResponse(header: header(14, term: 1), created: true), at: 21) == [])
        #expect(machine.wakeAt == .distantFuture)
    }

    /// Without it, a store that lost its data would have to do less than ours ever did to be known.
    @Test func whatEtcdTellsOfItsProgressIsRemembered() {
        var machine = watching()
        #expect(feed(&machine, WatchResponse(header: header(500))) == [])
        _ = machine.watchEnded("reset", at: at(20), random: 0.5)
        _ = machine.timerFired(at: at(21), random: 0.5)
        // Older than 500: nothing of it is known to be gone.
        let read = machine.pageArrived(RangeResponse(header: header(400)), at: at(21), random: 0.5)
        #expect(read == [watch(from: 401)])
    }

    @Test func theFragmentsOfAnAnswerAreOneChange() {
        var machine = watching()
        let first = WatchResponse(header: header(12), fragment: true, events: [delete("a", revision: 12)])
        #expect(feed(&machine, first) == [])
        let last = WatchResponse(header: header(12), events: [put("c", "10.0.0.3:80", revision: 12)])
        #expect(feed(&machine, last) == [.publish(endpoints("10.0.0.2:80", "10.0.0.3:80"))])
    }

    @Test func whatIsCompactedIsReadAgainAtOnce() {
        var machine = watching()
        let compacted = WatchResponse(header: header(90), canceled: true, compactRevision: 80)
        #expect(feed(&machine, compacted) == [.stopWatch, firstRead])
        #expect(machine.endpoints == endpoints("10.0.0.1:80", "10.0.0.2:80"))
        let page = RangeResponse(header: header(90), kvs: [pair("b", "10.0.0.2:80")])
        let read = machine.pageArrived(page, at: at(2), random: 0.5)
        #expect(read == [.publish(endpoints("10.0.0.2:80")), watch(from: 91)])
        #expect(machine.reads == 2)
    }

    /// A member that says so of every watch, or that confirms each and ends it.
    @Test(arguments: [true, false]) func watchesThatDoNotLastAreBegunAgainWithBackoff(isCompacted: Bool) {
        var machine = watching()
        _ = feed(&machine, WatchResponse(header: header(90), canceled: true, compactRevision: 80), at: 1)
        var now = 1.0
        for wait in [1, 1.6, 2.56] {
            let page = RangeResponse(header: header(90), kvs: [pair("b", "10.0.0.2:80")])
            #expect(machine.pageArrived(page, at: at(now), random: 0.5).last == watch(from: 91))
            #expect(feed(&machine, WatchResponse(header: header(90), created: true), at: now) == [])
            let end = WatchResponse(header: header(90), canceled: true, compactRevision: isCompacted ? 91 : 0)
            #expect(feed(&machine, end, at: now) == [.stopWatch])
            #expect(machine.retryAt == at(now + wait))
            now += wait
            #expect(machine.timerFired(at: at(now), random: 0.5) == [firstRead])
        }
    }

    @Test func pagesThatDoNotGoOnOrDoNotEndAreFailures() {
        var machine = Machine(service: "pods")
        _ = machine.start()
        let same = RangeResponse(header: header(10), kvs: [pair("a", "10.0.0.1:80")], more: true)
        _ = machine.pageArrived(same, at: at(0), random: 0.5)
        guard case .fail? = machine.pageArrived(same, at: at(0), random: 0.5).first else {
            Issue.record("taken for good")
            return
        }
        _ = machine.timerFired(at: at(1), random: 0.5)
        for page in 1..<Machine.mostPages {
            let name = String(repeating: "x", count: page)
            let next = RangeResponse(header: header(10), kvs: [pair(name, "10.0.0.1:80")], more: true)
            guard case .read? = machine.pageArrived(next, at: at(1), random: 0.5).first else {
                Issue.record("page \(page)")
                return
            }
        }
        let last = RangeResponse(header: header(10), kvs: [pair("y", "10.0.0.1:80")], more: true)
        guard case .fail? = machine.pageArrived(last, at: at(1), random: 0.5).first else {
            Issue.record("taken for good")
            return
        }
    }

    @Test func aWatchThatEtcdEndsIsBegunAgainAfterABackoff() {
        var machine = watching()
        let ended = WatchResponse(header: header(11), canceled: true, cancelReason: "permission denied")
        #expect(feed(&machine, ended, at: 5) == [.stopWatch])
        #expect(machine.problem == "etcd ended the watch: permission denied" && machine.wakeAt == at(6))
        #expect(machine.timerFired(at: at(6), random: 0.5) == [firstRead])
    }

    @Test func aWatchThatIsNotConfirmedIsGivenUp() {
        var machine = watching()
        _ = machine.watchEnded("reset", at: at(20), random: 0.5)
        _ = machine.timerFired(at: at(21), random: 0.5)
        _ = machine.pageArrived(RangeResponse(header: header(10)), at: at(21), random: 0.5)
        #expect(machine.wakeAt == at(26))
        #expect(machine.timerFired(at: at(26), random: 0.5) == [.stopWatch])
        #expect(machine.problem == "etcd did not confirm the watch in time")
        #expect(machine.wakeAt == at(27.6))
    }

    // MARK: Another store

    @Test func podsOfAStoreThatLostItsDataHaveTimeToEnterThemselvesAgain() {
        for lost in [header(2), header(99, term: 1), header(99, cluster: 8)] {
            var machine = watching()
            _ = machine.watchEnded("reset", at: at(3), random: 0.5)
            #expect(machine.timerFired(at: at(4), random: 0.5) == [firstRead])
            let read = machine.pageArrived(RangeResponse(header: lost), at: at(4), random: 0.5)
            #expect(read == [watch(from: lost.revision + 1)])
            _ = feed(&machine, WatchResponse(header: lost, created: true), at: 4)
            #expect(machine.wakeAt == at(14))
            // b is back, at another address.
            var later = lost
            later.revision += 1
            let entered = WatchResponse(
                header: later, events: [put("b", "10.0.0.22:80", revision: later.revision)])
            #expect(feed(&machine, entered, at: 5) == [.publish(endpoints("10.0.0.1:80", "10.0.0.22:80"))])
            #expect(machine.timerFired(at: at(14), random: 0.5) == [.publish(endpoints("10.0.0.22:80"))])
            #expect(machine.wakeAt == .distantFuture)
        }
    }

    @Test func aPodThatIsTakenOutOfTheNewStoreIsNotKept() {
        var machine = watching()
        _ = machine.watchEnded("reset", at: at(3), random: 0.5)
        _ = machine.timerFired(at: at(4), random: 0.5)
        _ = machine.pageArrived(RangeResponse(header: header(2)), at: at(4), random: 0.5)
        let gone = feed(&machine, WatchResponse(header: header(3), events: [delete("a", revision: 3)]), at: 5)
        #expect(gone == [.publish(endpoints("10.0.0.2:80"))])
    }

    // MARK: The end

    @Test func nothingHappensAfterTheEnd() {
        var machine = watching()
        machine.shutDown()
        #expect(machine.wakeAt == .distantFuture)
        #expect(machine.start() == [])
        #expect(machine.timerFired(at: at(100), random: 0.5) == [])
        #expect(machine.pageArrived(RangeResponse(header: header(1)), at: at(100), random: 0.5) == [])
        #expect(machine.readFailed("x", at: at(100), random: 0.5) == [])
        #expect(feed(&machine, WatchResponse(header: header(11))) == [])
        #expect(machine.watchEnded("x", at: at(100), random: 0.5) == [])
    }
}
