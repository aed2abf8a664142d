import Events
import HTTPTransport
import Timing

/// One client that hears of the channels' events as they happen. It has a place in the history and no queue of its own:
/// whoever falls behind by more than the history keeps is let go, and may resume. Loop thread only.
final class EventListener {
    /// A comment as often, so that neither side nor a proxy takes the connection for dead: nginx waits 60 s.
    private static let longestSilence = Duration.seconds(15)

    private let history: ChannelHistory
    private let loop: EventLoop
    private let keepAlive: Duration
    private let end: Instant
    private var number: Int
    private var change: Notice?
    private var isOver = false
    private var place: ChannelHistory.Place?

    /// Begins behind the event with this number. nil if there are too many.
    ///
    /// After `time` the stream ends, and its reader comes back with the id of what it has seen: an nginx or a gateway that
    /// stops waits for whoever has a request under way, and a listener's would have no end.
    init?(_ history: ChannelHistory, after number: Int, for time: Duration, on loop: EventLoop) {
        self.history = history
        self.loop = loop
        keepAlive = min(EventListener.longestSilence, time / 4)
        end = loop.now + time
        self.number = number
        let bound = LoopBound(WeakListener(self), on: loop)
        let wake: @Sendable () -> Void = { loop.executeHereOrLater { bound.value.listener?.wake() } }
        guard let place = history.listen(wake) else { return nil }
        self.place = place
    }

    private struct WeakListener {
        weak var listener: EventListener?

        init(_ listener: EventListener) { self.listener = listener }
    }

    private func wake() {
        change?.give()
        change = nil
    }

    /// Until its time is over, the history ends, or the client leaves. What it does not take the connection keeps, and waits for; one that
    /// takes nothing for too long is cut off by the server, as with any response.
    func run(to writer: HTTPBodyWriter) async throws(HTTPBodyWriter.Disconnected) {
        try await writer.write(Array("retry: 1000\n\n".utf8))
        while !isOver, loop.now < end {
            let batch = history.entries(after: number)
            // The client has been too slow, and would miss some without a word.
            if batch.hasGap { return }
            if let last = batch.entries.last {
                number = last.number
                try await writer.write(text(of: batch.entries))
                continue
            }
            if batch.hasEnded || place?.isDismissed != false { return }
            let left = end - loop.now
            if await hasChanged(within: min(keepAlive, left)) { continue }
            if left > keepAlive { try await writer.write(Array(": \n\n".utf8)) }
        }
    }

    /// WHATWG's HTML, "Server-sent events".
    private func text(of entries: [ChannelHistory.Entry]) -> [UInt8] {
        var text: [UInt8] = []
        for entry in entries {
            text += "id: \(history.id(of: entry.number))\nevent: channel\ndata: ".utf8
            text += entry.json
            text += "\n\n".utf8
        }
        return text
    }

    /// False if nothing has happened meanwhile.
    private func hasChanged(within time: Duration) async -> Bool {
        let change = Notice()
        self.change = change
        var isLate = false
        let timer = Timer(on: loop) {
            isLate = true
            change.give()
        }
        timer.schedule(after: time)
        let bound = LoopBound(self, on: loop)
        await withTaskCancellationHandler {
            await change.wait()
        } onCancel: { [loop] in
            loop.executeHereOrLater { bound.value.leave() }
        }
        timer.cancel()
        return !isLate
    }

    private func leave() {
        isOver = true
        wake()
    }
}
