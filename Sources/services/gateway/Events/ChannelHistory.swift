package import Channelz
package import JSON
package import RPCClient
import Synchronization
import Timing

/// The last events of all loops' channels, each as the JSON that people and programs get, and who wants to hear of the
/// next. Any thread; calls never come here.
package final class ChannelHistory: Sendable {
    /// Events that are kept.
    package static let capacity = 200
    /// Each has a connection, and a task.
    package static let mostListeners = 32

    package struct Entry: Sendable {
        package let number: Int
        /// One JSON object, without the line's end.
        package let json: [UInt8]
        /// The same for channelz.
        let channelz: ChannelzEvent
    }

    /// What comes after a number.
    package struct Batch: Sendable {
        /// The oldest first.
        package var entries: [Entry]
        /// Events in between are forgotten.
        package var hasGap: Bool
        /// There will be no more for listeners.
        package var hasEnded: Bool
    }

    private struct State {
        var entries: [Entry] = []
        var lastNumber = 0
        var wakes: [Int: @Sendable () -> Void] = [:]
        var listenersMade = 0
        /// Listeners up to this one are to go.
        var lastDismissed = 0
        var hasEnded = false
    }

    /// The pod whose channels these are.
    package let gateway: String
    /// In front of each event's number, in its id: a container that is started anew has the same pod's name, and counts
    /// from 1 again.
    private let prefix: String
    private let state = Mutex(State())

    /// `run` is another one for each start.
    package init(gateway: String, run: String) {
        self.gateway = gateway
        prefix = "\(gateway)/\(run):"
    }

    package func id(of number: Int) -> String { "\(prefix)\(number)" }

    /// Keeps the event and answers its JSON members, the time and the message not among them.
    package func add(_ event: ChannelEvent, pod: String? = nil) -> JSONMembers {
        let (members, wakes) = state.withLock { state in
            state.lastNumber += 1
            let message = event.message(name: pod)
            let members = JSONMembers { [number = state.lastNumber] writer in
                writer.member("id", id(of: number))
                writer.member("gateway", gateway)
                event.writeMembers(pod: pod, to: &writer)
            }
            var writer = JSONWriter(capacity: 512)
            writer.beginObject()
            writer.member("time", event.timeText)
            writer.members(members)
            writer.member("message", message)
            writer.endObject()
            if state.entries.count == ChannelHistory.capacity { state.entries.removeFirst() }
            state.entries.append(
                Entry(number: state.lastNumber, json: writer.bytes, channelz: ChannelzEvent(event, message)))
            return (members, Array(state.wakes.values))
        }
        for wake in wakes { wake() }
        return members
    }

    /// The last `count`, the oldest first.
    package func last(_ count: Int) -> [Entry] { state.withLock { Array($0.entries.suffix(max(count, 0))) } }

    /// What is still known of one of the channels, the oldest first.
    package func channelz(_ channel: Int) -> [ChannelzEvent] {
        state.withLock { $0.entries.lazy.map(\.channelz).filter { $0.channel == channel } }
    }

    package func entries(after number: Int) -> Batch {
        state.withLock { state in
            let first = state.entries.firstIndex { $0.number > number } ?? state.entries.endIndex
            let entries = Array(state.entries[first...])
            let hasGap = entries.first.map { $0.number > number + 1 } ?? false
            return Batch(entries: entries, hasGap: hasGap, hasEnded: state.hasEnded)
        }
    }

    // MARK: Listeners

    /// Where somebody begins who has seen the event with this id: behind it, or at the beginning of what is known if it is
    /// none of this gateway's. nil, no id, is behind the last event, or the last but `last`.
    package func start(after id: String?, last: Int) -> Int {
        state.withLock { state in
            guard let id else { return state.lastNumber - min(max(last, 0), state.entries.count) }
            let oldest = (state.entries.first?.number ?? 1) - 1
            guard let number = number(in: id), number <= state.lastNumber else { return oldest }
            return max(number, oldest)
        }
    }

    private func number(in id: String) -> Int? {
        guard id.hasPrefix(prefix) else { return nil }
        return Int(id.dropFirst(prefix.count)).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// `wake` is called, on any thread, for each event from now on, and at the end. nil if there are too many already; the
    /// place is given back with what is returned.
    package func listen(_ wake: @escaping @Sendable () -> Void) -> Place? {
        state.withLock { state in
            guard state.wakes.count < ChannelHistory.mostListeners else { return nil }
            state.listenersMade += 1
            state.wakes[state.listenersMade] = wake
            return Place(in: self, state.listenersMade)
        }
    }

    package final class Place: Sendable {
        private let history: ChannelHistory
        private let number: Int

        fileprivate init(in history: ChannelHistory, _ number: Int) {
            self.history = history
            self.number = number
        }

        /// Whoever has it is to go, and may come back.
        package var isDismissed: Bool { history.state.withLock { number <= $0.lastDismissed } }

        deinit {
            let wake = history.state.withLock { $0.wakes.removeValue(forKey: number) }
            // What it holds may end with it, and not under the lock.
            _ = wake
        }
    }

    /// Those who listen now are to go, and may come back: to whom requests are sent then.
    package func dismissListeners() {
        let wakes = state.withLock { state in
            state.lastDismissed = state.listenersMade
            return Array(state.wakes.values)
        }
        for wake in wakes { wake() }
    }

    /// Listeners hear that there will be nothing more.
    package func end() {
        let wakes = state.withLock { state in
            state.hasEnded = true
            return Array(state.wakes.values)
        }
        for wake in wakes { wake() }
    }
}
