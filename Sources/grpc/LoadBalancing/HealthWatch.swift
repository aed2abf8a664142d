package import RPCCore
package import Timing

/// A client's watch over the health of one server that it is connected to (gRFC A17): a pure machine.
///
/// Until the server has said something it is connecting. Whatever it says but SERVING, it gets no calls. A server without
/// the health service is as good as serving, and is not asked again; any other end of the watch is as bad as NOT_SERVING,
/// and the next watch begins: at once if this one had brought an answer and lived for the first back-off (1 s), else after a
/// back-off. (grpc-go asks for the answer only; a server that answers and ends would then be asked without end.)
package struct HealthWatch: Sendable {
    package enum Action: Hashable, Sendable {
        case none
        /// Begin a Watch call.
        case watch
        /// Wait, and tell by `waitEnded`.
        case wait(Duration)
    }

    /// What the server said: grpc.health.v1's ServingStatus.
    package enum Answer: Hashable, Sendable {
        case serving
        case other(Int32)

        package init(rawValue: Int32) { self = rawValue == 1 ? .serving : .other(rawValue) }

        var name: String {
            switch self {
            case .serving: "SERVING"
            case .other(0): "UNKNOWN"
            case .other(2): "NOT_SERVING"
            case .other(3): "SERVICE_UNKNOWN"
            case .other(let number): "status \(number)"
            }
        }
    }

    private enum Phase: Hashable {
        case new
        case watching
        case waiting
        /// The server has no health service.
        case resting
    }

    package private(set) var health = SubchannelHealth.connecting
    private let service: String
    private var phase = Phase.new
    private var backoff: Backoff
    private var hasAnswer = false
    private var began = Instant(nanoseconds: 0)
    private let shortest: Duration

    package init(of service: String, _ configuration: BackoffConfiguration) {
        self.service = service
        backoff = Backoff(configuration)
        shortest = configuration.base
    }

    /// The connection is ready for calls.
    package mutating func begin(at now: Instant) -> Action {
        guard phase == .new else { return .none }
        return watch(at: now)
    }

    package mutating func received(_ answer: Answer) {
        guard phase == .watching else { return }
        hasAnswer = true
        backoff.reset()
        let subject = service.isEmpty ? "its health service says" : "its health service says of \(service):"
        health = answer == .serving ? .serving : .notServing(RPCError(.unavailable, "\(subject) \(answer.name)"))
    }

    /// The Watch call is over. `random` is uniform in 0..<1, for the back-off.
    package mutating func ended(_ error: RPCError?, at now: Instant, random: Double) -> Action {
        guard phase == .watching else { return .none }
        if error?.code == .unimplemented {
            phase = .resting
            health = .serving
            return .none
        }
        let reason = error.map { "\($0)" } ?? "the server ended it"
        health = .notServing(RPCError(.unavailable, "the watch over its health failed: \(reason)"))
        if hasAnswer, now - began >= shortest { return watch(at: now) }
        phase = .waiting
        return .wait(backoff.next(random: random))
    }

    package mutating func waitEnded(at now: Instant) -> Action {
        guard phase == .waiting else { return .none }
        return watch(at: now)
    }

    private mutating func watch(at now: Instant) -> Action {
        phase = .watching
        began = now
        hasAnswer = false
        health = .connecting
        return .watch
    }
}
