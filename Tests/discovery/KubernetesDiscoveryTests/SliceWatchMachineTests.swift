import JSON
import KubernetesDiscovery
import LoadBalancing
import RPCCore
import Testing
import Timing

@Suite struct SliceWatchMachineTests {
    private static let port = ServiceReference.Port.name("grpc")

    /// A machine with a clock.
    private struct Run {
        var machine = SliceWatchMachine()
        var now = Instant(nanoseconds: 0)

        mutating func list(_ slices: [EndpointSlice] = [], version: String = "10", next: String? = nil)
            -> SliceWatchMachine.Action
        {
            let page = EndpointSlicePage(slices: slices, resourceVersion: version, next: next)
            return machine.listed(page, at: now, random: 0.5)
        }

        mutating func receive(_ event: WatchEvent) -> SliceWatchMachine.Action? {
            machine.received(event, at: now, random: 0.5)
        }

        mutating func fail(_ failure: SliceWatchMachine.Failure) -> SliceWatchMachine.Action {
            machine.failed(failure, at: now, random: 0.5)
        }

        mutating func answer(_ code: Int, retryAfter: Duration? = nil) -> SliceWatchMachine.Action {
            fail(.answer(StatusAnswer(code: code, message: "no"), retryAfter: retryAfter))
        }

        mutating func endWatch() -> SliceWatchMachine.Action { machine.watchEnded(at: now, random: 0.5) }

        mutating func pass(_ time: Duration) { now = now + time }

        var addresses: [String]? { machine.slices?.endpoints(at: port).map(\.description) }

        /// Up to a watch from version 10.
        static func watching(_ slices: [EndpointSlice] = []) -> Run {
            var run = Run()
            #expect(run.machine.start() == .list(page: nil))
            #expect(run.list(slices) == .watch(from: "10"))
            run.machine.watchBegan(at: run.now)
            return run
        }
    }

    private func one(_ name: String = "a", version: Int = 1, _ address: String = "10.0.0.1") throws -> EndpointSlice {
        try slice(sliceJSON(name, version: version, [endpointJSON(address)]))
    }

    @Test func theRecordingIsFollowed() throws {
        var run = Run()
        _ = run.machine.start()
        #expect(run.machine.listed(try Recording.list(), at: run.now, random: 0) == .watch(from: "10924"))
        var sizes: [Int] = []
        for event in try Recording.events("endpointslices-watch.jsonl") {
            #expect(run.receive(event) == nil)
            sizes.append(run.addresses?.count ?? -1)
        }
        let expected = [
            5, 5, 5, 6, 7, 8,  // 5 → 8 pods
            7, 8,  // one pod's readiness
            7, 3, 3, 3, 3, 3, 3, 3,  // → 3, and one pod killed before; a bookmark
            0, 0, 0, 0, 0, 0, 1, 2,  // → 0 → 2
            0, 2, 2, 2, 2,  // the Service deleted and created; bookmarks
        ]
        #expect(sizes == expected)
        // Where a bookmark has been heard, a watch is resumed from there.
        #expect(run.endWatch() == .watch(from: "11260"))
    }

    @Test func theInitialEventsOfAWatchAreRead() throws {
        var run = Run.watching()
        for event in try Recording.events("watch-initial-events.jsonl") { #expect(run.receive(event) == nil) }
        #expect(run.addresses?.count == 2)
        #expect(run.endWatch() == .watch(from: "11292"))
    }

    @Test func aListCountsOnceItIsWhole() throws {
        var run = Run()
        _ = run.machine.start()
        #expect(run.list([try one()], next: "more") == .list(page: "more"))
        #expect(run.machine.slices == nil)
        #expect(run.list([try one("b", "10.0.0.2")], version: "12") == .watch(from: "12"))
        #expect(run.addresses == ["10.0.0.1:8080", "10.0.0.2:8080"])
    }

    @Test func aPageThatIsGoneBeginsTheListAnew() throws {
        var run = Run()
        _ = run.machine.start()
        _ = run.list([try one()], next: "more")
        #expect(run.answer(410) == .list(page: nil))
        #expect(run.list([try one("b", "10.0.0.2")]) == .watch(from: "10"))
        #expect(run.addresses == ["10.0.0.2:8080"])
    }

    @Test func eventsChangeTheSet() throws {
        var run = Run.watching([try one()])
        #expect(run.receive(.changed(try one("b", version: 11, "10.0.0.2"))) == nil)
        #expect(run.addresses == ["10.0.0.1:8080", "10.0.0.2:8080"])
        #expect(run.receive(.deleted(name: "a", resourceVersion: "12")) == nil)
        #expect(run.addresses == ["10.0.0.2:8080"])
        #expect(run.receive(.changed(try slice(sliceJSON("b", version: 13, [])))) == nil)
        #expect(run.addresses == [])
        #expect(run.endWatch() == .watch(from: "13"))
    }

    @Test func anEmptyListIsASet() {
        let run = Run.watching([])
        #expect(run.addresses == [])
    }

    @Test func goneMeansANewListAndTheSetStays() throws {
        var run = Run.watching([try one()])
        let event = try #require(try Recording.events("watch-too-old.jsonl").first)
        let tooOld = StatusAnswer(
            code: 410, reason: "Expired", message: "too old resource version: 1 (10364)")
        #expect(event == .failed(tooOld))
        #expect(run.receive(event) == .list(page: nil))
        #expect(run.addresses == ["10.0.0.1:8080"])
        #expect(run.list([try one("b", "10.0.0.2")], version: "99") == .watch(from: "99"))
        #expect(run.addresses == ["10.0.0.2:8080"])
    }

    @Test func aServerThatSaysGoneAgainAndAgainIsAskedWithBackOff() {
        var run = Run.watching()
        #expect(run.answer(410) == .list(page: nil))
        _ = run.list()
        #expect(run.answer(410) == .wait(until: run.now + .seconds(1)))
        run.pass(.seconds(1))
        #expect(run.machine.waited() == .list(page: nil))
        _ = run.list()
        #expect(run.answer(410) == .wait(until: run.now + .milliseconds(1600)))
        // A watch that lasts ends the row.
        _ = run.machine.waited()
        _ = run.list()
        run.machine.watchBegan(at: run.now)
        run.pass(.seconds(2))
        #expect(run.answer(410) == .list(page: nil))
    }

    @Test func aDroppedWatchIsResumedAtOnceAndThenWithBackOff() throws {
        var run = Run.watching([try one()])
        #expect(run.receive(.changed(try one("b", version: 11, "10.0.0.2"))) == nil)
        #expect(run.fail(.connection("reset")) == .watch(from: "11"))
        #expect(run.machine.problem == nil)
        #expect(run.fail(.connection("refused")) == .wait(until: run.now + .seconds(1)))
        #expect(run.machine.problem == "refused")
        #expect(run.addresses?.count == 2)
        run.pass(.seconds(1))
        #expect(run.machine.waited() == .watch(from: "11"))
        run.machine.watchBegan(at: run.now)
        #expect(run.machine.problem == nil)
    }

    /// A bookmark is heard of long after the last event; resuming from the event would be 410 by then.
    @Test func aBookmarkIsWhereAWatchIsResumed() {
        var run = Run.watching()
        #expect(run.receive(.bookmark(resourceVersion: "500")) == nil)
        #expect(run.endWatch() == .watch(from: "500"))
    }

    @Test(arguments: [401, 403, 404, 500, 503, 504]) func aRefusedListIsAskedForAgainWithBackOff(code: Int) {
        var run = Run()
        _ = run.machine.start()
        #expect(run.answer(code) == .wait(until: run.now + .seconds(1)))
        #expect(run.machine.problem?.hasPrefix("\(code) no") == true)
        #expect(run.machine.waited() == .list(page: nil))
        #expect(run.answer(code) == .wait(until: run.now + .milliseconds(1600)))
        #expect(run.machine.slices == nil)
        _ = run.machine.waited()
        #expect(run.list() == .watch(from: "10"))
        #expect(run.machine.problem == nil)
    }

    @Test(arguments: [401, 403, 404, 500, 504]) func aRefusedWatchKeepsTheSetAndListsAnew(code: Int) throws {
        var run = Run.watching([try one()])
        #expect(run.answer(code) == .wait(until: run.now + .seconds(1)))
        #expect(run.addresses == ["10.0.0.1:8080"])
        #expect(run.machine.waited() == .list(page: nil))
    }

    @Test func retryAfterIsObeyedWithinLimits() {
        var run = Run.watching()
        #expect(run.answer(429, retryAfter: .seconds(7)) == .wait(until: run.now + .seconds(7)))
        // What is known is good to go on from.
        #expect(run.machine.waited() == .watch(from: "10"))
        #expect(run.answer(429, retryAfter: .seconds(86_400)) == .wait(until: run.now + .seconds(120)))
        _ = run.machine.waited()
        #expect(run.answer(429, retryAfter: .zero) == .wait(until: run.now + .milliseconds(2560)))
    }

    @Test func nonsenseIsAFailure() throws {
        var run = Run.watching([try one()])
        #expect(run.fail(.malformed("bad answer")) == .wait(until: run.now + .seconds(1)))
        #expect(run.machine.problem == "bad answer")
        #expect(run.addresses == ["10.0.0.1:8080"])
        #expect(run.machine.waited() == .list(page: nil))
    }

    @Test func backOffHasItsEnd() {
        var run = Run()
        _ = run.machine.start()
        for _ in 0..<30 {
            _ = run.answer(500)
            _ = run.machine.waited()
        }
        #expect(run.answer(500) == .wait(until: run.now + .seconds(30)))
    }

    /// A server that takes its time to fail: a black hole, or one with too much to do.
    @Test func aRequestThatFailsSlowlyIsNoWatchThatLasted() {
        var run = Run.watching()
        run.pass(.seconds(60))
        #expect(run.fail(.connection("timed out")) == .watch(from: "10"))
        for wait in [1000, 1600, 2560] {
            run.pass(.seconds(10))
            #expect(run.fail(.connection("timed out")) == .wait(until: run.now + .milliseconds(wait)))
            #expect(run.machine.problem == "timed out")
            #expect(run.machine.waited() == .watch(from: "10"))
        }
        run.pass(.seconds(10))
        #expect(run.answer(429) == .wait(until: run.now + .milliseconds(4096)))
    }

    @Test func whatIsUrgentCutsTheBackOffDownToItsFirstStep() {
        var run = Run.watching()
        #expect(run.machine.urgentRetry == nil)
        for _ in 0..<12 {
            _ = run.answer(429)
            _ = run.machine.waited()
        }
        #expect(run.answer(429) == .wait(until: run.now + .seconds(30)))
        #expect(run.machine.urgentRetry == run.now + .seconds(1))
        _ = run.machine.waited()
        #expect(run.answer(429, retryAfter: .seconds(7)) == .wait(until: run.now + .seconds(30)))
        #expect(run.machine.urgentRetry == run.now + .seconds(7))
    }

    @Test func slicesAndPagesAreBounded() throws {
        var limits = SliceWatchMachine.Limits()
        limits.slices = 2
        limits.pages = 2
        var machine = SliceWatchMachine(limits: limits)
        let now = Instant(nanoseconds: 0)
        let three = try ["a", "b", "c"].map { try one($0) }
        _ = machine.start()
        let page = EndpointSlicePage(slices: three, resourceVersion: "1")
        #expect(machine.listed(page, at: now, random: 0.5) == .wait(until: now + .seconds(1)))
        #expect(machine.problem == "the Service has more than 2 slices")
        _ = machine.waited()
        let empty = EndpointSlicePage(slices: [], resourceVersion: "1", next: "x")
        _ = machine.listed(empty, at: now, random: 0.5)
        #expect(machine.listed(empty, at: now, random: 0.5) == .wait(until: now + .milliseconds(1600)))
        _ = machine.waited()
        _ = machine.listed(EndpointSlicePage(slices: [], resourceVersion: "1"), at: now, random: 0.5)
        for slice in three.dropLast() { #expect(machine.received(.changed(slice), at: now, random: 0) == nil) }
        #expect(machine.received(.changed(three[2]), at: now, random: 0) != nil)
    }
}
