import Bytes
import RPCCore
import Testing

/// Drives a machine with whatever may happen next, and looks at what it says.
struct CallRun {
    private var machine: CallMachine
    private var isPicking = false
    private var isAttempting = false
    private var isWaiting = false
    /// This attempt's head has come.
    private var hasHead = false
    private var isAborted = false
    private var sent: [UInt8] = []
    /// What the attempt has got.
    private var got: [UInt8] = []
    private var gotEnd = false
    private var refusals = 0
    private var retries = 0
    private let policy: RetryPolicy?
    private(set) var finishes = 0
    private(set) var problem: String?
    private(set) var history: [String] = []

    init(_ type: CallType, _ policy: RetryPolicy?) {
        machine = CallMachine(type, retryPolicy: policy)
        self.policy = policy
    }

    mutating func step(using generator: inout SplitMix64) {
        let choice = Int.random(in: 0..<16, using: &generator)
        let error = RPCError([.unavailable, .internal].randomElement(using: &generator) ?? .internal, "\(choice)")
        switch choice {
        case 0: obey("begin", machine.begin())
        case 1, 2, 3, 4: send(long: Int.random(in: 0..<10, using: &generator) == 0)
        case 5: obey("end", machine.finishSending())
        case 6, 7, 8:
            obey("picked", machine.picked(Int.random(in: 0..<5, using: &generator)))
        case 9: obey("not picked", machine.notPicked(error))
        case 10: obey("back-off", machine.backoffEnded())
        case 11: close(error, [.unsent, .refused, .processed].randomElement(using: &generator) ?? .unsent)
        case 12 where Int.random(in: 0..<8, using: &generator) == 0: close(nil, .processed)
        case 13:
            if isAttempting { hasHead = true }
            machine.headersArrived()
            obey("message", machine.messageArrived())
        case 14 where Int.random(in: 0..<20, using: &generator) == 0: abort(error)
        default: break
        }
    }

    mutating func end() {
        abort(RPCError(.cancelled, "the end"))
        if isAttempting { close(RPCError(.cancelled, "the end"), .processed) }
    }

    private mutating func send(long: Bool) {
        let byte = UInt8(truncatingIfNeeded: sent.count)
        let message = OutgoingMessage(copying: [UInt8](repeating: byte, count: long ? 100_000 : 1).span)
        let before = machine.requests.messages
        let action = machine.send(message)
        if machine.requests.messages > before { sent.append(byte) }
        obey("send", action)
    }

    private mutating func abort(_ error: RPCError) {
        isAborted = isAborted || finishes == 0
        obey("abort", machine.abort(error))
    }

    private mutating func close(_ error: RPCError?, _ fate: CallFate) {
        // An attempt whose answer has begun was processed.
        let fate = hasHead ? .processed : fate
        isAttempting = false
        let action = machine.attemptClosed(error, fate, random: 0.3)
        if action == .dispatch {
            if hasHead || isAborted || fate == .processed { problem = "sent again" }
            if fate == .refused { refusals += 1 }
            if refusals > 1 { problem = "refused and sent again twice" }
        }
        obey("close \(fate)", action)
    }

    private mutating func obey(_ input: String, _ action: CallMachine.Action) {
        history.append("\(input): \(action)")
        if finishes > 0, action != .none { problem = "something after the end" }
        switch action {
        case .none: return
        case .dispatch: isPicking = true
        case .attempt:
            if !isPicking || isAttempting { problem = "an attempt that nobody asked for" }
            (isPicking, isAttempting, hasHead) = (false, true, false)
            (got, gotEnd) = ([], false)
            take()
        case .send:
            if !isAttempting { problem = "nothing to send on" }
            take()
        case .retry:
            retries += 1
            isWaiting = true
            if policy == nil || retries > 3 || isAborted || hasHead { problem = "no policy says so" }
        case .deliver: if !isAttempting || isAborted { problem = "a message that is not wanted" }
        case .stop(let error):
            if !isAttempting { problem = "nothing to stop" }
            isAborted = true
            close(error, .processed)
        case .finish:
            if isAttempting { problem = "an attempt goes on" }
            finishes += 1
        }
    }

    /// Every attempt gets all that has been sent, in order, and then the end.
    private mutating func take() {
        while let message = machine.requests.next() {
            if gotEnd { problem = "a message after the end" }
            got.append(message.buffer[MessageFraming.prefixLength])
        }
        if machine.requests.takeEnd() { gotEnd = true }
        if got != sent { problem = "sent \(sent), but the attempt got \(got)" }
        if gotEnd != machine.requests.isEnded { problem = "no end" }
    }
}
