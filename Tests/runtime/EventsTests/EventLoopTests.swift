import Events
import Synchronization
import Testing
import Timing

@Suite struct EventLoopTests {
    @Test func aTaskWithTheLoopAsPreferenceStaysOnIt() async throws {
        let loop = try EventLoop.startThread(named: "test")
        defer { loop.stop() }
        let places = await Task(executorPreference: loop) {
            var places = [loop.isCurrent]
            await Task.yield()
            places.append(loop.isCurrent)
            try? await loop.sleep(for: .milliseconds(1))
            places.append(loop.isCurrent)
            return places
        }.value
        #expect(places == [true, true, true])
    }

    @Test func anImmediateTaskRunsToItsFirstSuspensionBeforeItsStarterGoesOn() async throws {
        let loop = try EventLoop.startThread(named: "test")
        defer { loop.stop() }
        let order = Mutex<[Int]>([])
        await withCheckedContinuation { continuation in
            loop.execute {
                loop.startTask {
                    order.withLock { $0.append(1) }
                    await Task.yield()
                    #expect(loop.isCurrent)
                    order.withLock { $0.append(3) }
                    continuation.resume()
                }
                order.withLock { $0.append(2) }
            }
        }
        #expect(order.withLock { $0 } == [1, 2, 3])
    }

    @Test func cancellingASleeperWakesItAtOnce() async throws {
        let loop = try EventLoop.startThread(named: "test")
        defer { loop.stop() }
        let sleeper = Task(executorPreference: loop) {
            do {
                try await loop.sleep(for: .seconds(3600))
                return "slept"
            } catch {
                return "cancelled"
            }
        }
        sleeper.cancel()
        #expect(await sleeper.value == "cancelled")
        #expect(await loop.run { loop.timerCount } == 0)
    }
}
