import Events
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct LoopLocalTests {
    @Test func eachLoopFindsItsOwnValue() async throws {
        let loops = try (0..<3).map { _ in try EventLoop.startThread(named: "local") }
        defer { for loop in loops { loop.stop() } }
        let local = LoopLocal(on: loops) { ObjectIdentifier($0) }
        for loop in loops { #expect(await loop.run { local.current } == ObjectIdentifier(loop)) }
    }

    @Test func onTheCurrentLoopTheValueIsThereAtOnce() async throws {
        try await withLoop { loop in #expect(LoopLocal(on: [loop]) { _ in 42 }.current == 42) }
    }

    @Test func aThreadOfNoneOfThemFindsNothing() async throws {
        let stranger = try EventLoop.startThread(named: "stranger")
        defer { stranger.stop() }
        try await withLoop { loop in
            let local = LoopLocal(on: [loop]) { _ in 42 }
            #expect(await stranger.run { local.current } == nil)
        }
    }
}
