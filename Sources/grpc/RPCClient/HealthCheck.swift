import Bytes
import Events
import HTTP2
import LoadBalancing
import Protobuf
import RPCCore
import RPCTransport

/// Carries out a `HealthWatch` on one connection, and tells what becomes of it. Its calls are none of the channel's: no
/// picks, no figures. Loop thread only.
///
/// A Watch is a stream that does not end by itself: whoever closes the connection gracefully ends it first (`end`).
final class HealthCheck: CallAttemptDelegate {
    private static let method = MethodDescriptor(
        service: "grpc.health.v1.Health", method: "Watch", type: .serverStreaming)
    /// An answer is one number.
    private static let maxMessageBytes = 4 * 1024

    private let transport: ClientTransport
    private let service: String
    private let changed: (SubchannelHealth) -> Void
    /// Begins a call with the channel's head.
    private let start: (MethodDescriptor, ClientTransport, CallAttempt, consuming OutgoingMessage) -> Void
    private var machine: HealthWatch
    private var attempt: CallAttempt?
    private var timer: Timer?
    private var arrived: [ReceivedMessage] = []
    private var isOver = false
    private let loop: EventLoop

    init(
        of service: String, on transport: ClientTransport, backoff: BackoffConfiguration, loop: EventLoop,
        start: @escaping (MethodDescriptor, ClientTransport, CallAttempt, consuming OutgoingMessage) -> Void,
        changed: @escaping (SubchannelHealth) -> Void
    ) {
        self.service = service
        self.transport = transport
        self.loop = loop
        self.start = start
        self.changed = changed
        machine = HealthWatch(of: service, backoff)
    }

    var health: SubchannelHealth { machine.health }

    func begin() {
        let now = loop.now
        apply { $0.begin(at: now) }
    }

    /// Nobody wants to know any more.
    func end() {
        isOver = true
        timer?.cancel()
        timer = nil
        attempt?.cancel(RPCError(.cancelled, "the connection gets no more calls"))
        attempt = nil
    }

    private func apply(_ input: (inout HealthWatch) -> HealthWatch.Action) {
        let before = machine.health
        let action = input(&machine)
        if machine.health != before { changed(machine.health) }
        // Whoever heard of it may have ended it.
        if isOver { return }
        switch action {
        case .none: break
        case .watch: watch()
        case .wait(let delay):
            let timer = Timer(on: loop) { [weak self, loop] in
                let now = loop.now
                self?.apply { $0.waitEnded(at: now) }
            }
            timer.schedule(after: delay)
            self.timer = timer
        }
    }

    private func watch() {
        var writer = ProtobufWriter()
        writer.string(service, field: 1)
        let attempt = CallAttempt(
            expecting: .any, maxMessageBytes: HealthCheck.maxMessageBytes, tellsHead: false, delegate: self)
        self.attempt = attempt
        var message = OutgoingMessage(copying: writer.finish().span)
        message.isCompressed = false
        start(HealthCheck.method, transport, attempt, message)
    }

    private static func answer(_ message: [UInt8]) throws(ProtobufError) -> HealthWatch.Answer {
        var status: Int32 = 0
        var unknown: [UInt8] = []
        var reader = try ProtobufReader(message.span)
        while let tag = try reader.nextTag() {
            if tag == 0x08 { status = try reader.int32() } else { try reader.keep(in: &unknown) }
        }
        return HealthWatch.Answer(rawValue: status)
    }

    // MARK: CallAttemptDelegate

    func attemptReceivedHeaders(_ attempt: CallAttempt) {}

    func attempt(_ attempt: CallAttempt, received message: consuming ReceivedMessage) { arrived.append(message) }

    func attempt(_ attempt: CallAttempt, receivedData count: Int) {
        attempt.release(count)
        let messages = arrived
        arrived = []
        for message in messages where attempt === self.attempt {
            do {
                let answer = try HealthCheck.answer(try message.content())
                apply { machine in
                    machine.received(answer)
                    return .none
                }
            } catch {
                attempt.cancel(RPCError(.internal, "its health service answers with something else"))
            }
        }
    }

    func attemptDrained(_ attempt: CallAttempt) {}

    func attempt(_ attempt: CallAttempt, endedWith error: RPCError?, _ fate: CallFate) {
        guard attempt === self.attempt, !isOver else { return }
        self.attempt = nil
        let now = loop.now
        apply { $0.ended(error, at: now, random: .random(in: 0..<1)) }
    }
}
