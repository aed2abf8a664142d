import Events
import HTTP2
import RPCCore
import RPCTestSupport
import RPCTransport
import Testing

/// Notes what a transport tells its delegate. Loop thread only.
final class TransportRecord: ClientTransportDelegate {
    var events: [String] = []
    let watch: Watch

    init(on loop: EventLoop) {
        watch = Watch(on: loop)
    }

    func transportReady(_ transport: ClientTransport) { note("ready") }
    func transportReceivedGoAway(_ transport: ClientTransport, _ goAway: GoAway) { note("\(goAway)") }
    func transportDraining(_ transport: ClientTransport, reason: String, tooManyPings: Bool) {
        note(tooManyPings ? "draining, too many pings" : "draining")
    }
    func transportClosed(_ transport: ClientTransport, reason: String) { note("closed: \(reason)") }

    private func note(_ event: String) {
        events.append(event)
        watch.changed()
    }

    func event(_ text: String) async { await watch.until(text) { self.events.contains { $0.hasPrefix(text) } } }
}

/// One call, and how it ended. Loop thread only.
final class Outcome: CallAttemptDelegate {
    private(set) var error: RPCError?
    private(set) var fate: CallFate?
    private(set) var endings = 0
    private(set) var messages: [[UInt8]] = []
    private(set) var dataBytes = 0
    private(set) var heads = 0
    private(set) var drains = 0
    let watch: Watch
    private(set) var call: CallAttempt?

    init(
        _ transport: ClientTransport, on loop: EventLoop, message: [UInt8]? = [1],
        expecting cardinality: ResponseReader.Cardinality = .one, fields: [(name: String, value: String)] = []
    ) {
        watch = Watch(on: loop)
        let call = CallAttempt(expecting: cardinality, maxMessageBytes: 1000, delegate: self)
        self.call = call
        transport.start(
            call, HeaderBlock(requestHead("/test.Service/Method", fields)),
            message: message.map { OutgoingMessage(copying: $0.span) })
    }

    func attemptReceivedHeaders(_ attempt: CallAttempt) {
        heads += 1
        watch.changed()
    }

    func attemptDrained(_ attempt: CallAttempt) {
        drains += 1
        watch.changed()
    }

    func attempt(_ attempt: CallAttempt, received message: consuming ReceivedMessage) {
        do throws(RPCError) { messages.append(try message.content()) } catch { Issue.record(error) }
    }

    func attempt(_ attempt: CallAttempt, receivedData count: Int) {
        dataBytes += count
        watch.changed()
    }

    func attempt(_ attempt: CallAttempt, endedWith error: RPCError?, _ fate: CallFate) {
        self.error = error
        self.fate = fate
        endings += 1
        watch.changed()
    }

    var reply: [UInt8]? { endings > 0 && error == nil ? messages.first : nil }

    func end() async { await watch.until("the call's end") { self.endings > 0 } }
}
