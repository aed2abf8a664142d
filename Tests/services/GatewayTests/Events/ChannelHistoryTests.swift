import LoadBalancing
import RPCClient
import Synchronization
import Testing
import gateway

@Suite struct ChannelHistoryTests {
    private static func add(_ count: Int, to history: ChannelHistory) {
        for _ in 0..<count {
            _ = history.add(
                ChannelEvent(.state(from: .idle, to: .ready), of: "dns:///pods:1", unixNanoseconds: 1_500_000_000))
        }
    }

    @Test func theLastTwoHundredAreKept() {
        let history = ChannelHistory(gateway: "g", run: "r")
        Self.add(203, to: history)
        #expect(history.last(200).map(\.number) == Array(4...203))
        #expect(history.last(1000).count == 200 && history.last(2).map(\.number) == [202, 203])
        #expect(history.last(0).isEmpty && history.last(-1).isEmpty)
        #expect(
            String(decoding: history.last(1)[0].json, as: UTF8.self)
                == #"{"time":"1970-01-01T00:00:01.500Z","id":"g/r:203","gateway":"g","kind":"state","from":"IDLE","#
                + #""to":"READY","message":"the channel is READY, it was IDLE"}"#)
    }

    @Test func whoFellBehindHasAGap() {
        let history = ChannelHistory(gateway: "g", run: "r")
        #expect(history.entries(after: 0).entries.isEmpty && !history.entries(after: 0).hasGap)
        Self.add(201, to: history)
        #expect(history.entries(after: 0).hasGap && history.entries(after: 0).entries.count == 200)
        #expect(!history.entries(after: 1).hasGap && history.entries(after: 1).entries.count == 200)
        #expect(history.entries(after: 199).entries.map(\.number) == [200, 201])
        #expect(history.entries(after: 201).entries.isEmpty && !history.entries(after: 201).hasGap)
    }

    @Test(arguments: [
        // Within what is known: behind the event.
        ("g/r:250", 0, 250), ("g/r:260", 50, 260), ("g/r:60", 0, 60),
        // Beyond it: all of it, without a gap that would end the stream.
        ("g/r:59", 0, 60), ("g/r:1", 0, 60), ("g/r:0", 0, 60),
        // Of another gateway, of a run with more events, or none at all: all of it.
        ("h/r:250", 0, 60), ("g/q:250", 0, 60), ("g:250", 0, 60),
        ("g/r:261", 0, 60), ("g/r:-1", 0, 60), ("g/r:", 0, 60), ("250", 0, 60), ("", 0, 60),
        ("g/r:99999999999999999999", 0, 60), ("g/r:2x", 0, 60),
        // Without an id: what comes from now on, or the last few.
        (nil, 0, 260), (nil, 5, 255), (nil, 200, 60), (nil, 1_000, 60), (nil, -1, 260),
    ])
    func whereAReaderBegins(id: String?, last: Int, start: Int) {
        let history = ChannelHistory(gateway: "g", run: "r")
        Self.add(260, to: history)
        #expect(history.start(after: id, last: last) == start)
        #expect(!history.entries(after: start).hasGap)
    }

    @Test func aNewHistoryHasNothingToBeginWith() {
        let history = ChannelHistory(gateway: "g", run: "r")
        for id in [nil, "g/r:0", "g/r:7", "x"] { #expect(history.start(after: id, last: 9) == 0) }
    }

    @Test func listenersHaveAsManyPlacesAsThereAre() throws {
        let history = ChannelHistory(gateway: "g", run: "r")
        let woken = Mutex(0)
        var places: [ChannelHistory.Place] = []
        for _ in 0..<ChannelHistory.mostListeners {
            places.append(try #require(history.listen { woken.withLock { $0 += 1 } }))
        }
        #expect(history.listen {} == nil)
        Self.add(1, to: history)
        #expect(woken.withLock { $0 } == 32)
        places.removeLast()
        let place = history.listen {}
        #expect(place != nil && history.listen {} == nil)
        history.dismissListeners()
        #expect(woken.withLock { $0 } == 63 && places.allSatisfy(\.isDismissed) && place?.isDismissed == true)
        places.removeLast()
        let late = try #require(history.listen { woken.withLock { $0 += 1 } })
        #expect(!late.isDismissed && !history.entries(after: 0).hasEnded)
        history.end()
        #expect(woken.withLock { $0 } == 94 && history.entries(after: 0).hasEnded)
    }
}
