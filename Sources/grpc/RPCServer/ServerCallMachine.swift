package import RPCCore

/// One call on a server: what its client has sent, what this side has answered, and what is to be done next. A pure
/// machine.
///
/// The two halves are open and closed apart from each other (RFC 9113 section 5.1): a handler of a stream may go on
/// answering when the request has ended, and may have answered before it has. A handler that takes one request starts
/// when that is complete, so that its call needs no task to wait in; any other, and one behind an interceptor, starts
/// with the head.
package struct ServerCallMachine: Hashable, Sendable {
    /// What the client has sent.
    package enum Input: Hashable, Sendable {
        /// Nothing that is a call: no tracer has heard of it.
        case head
        case open
        case halfClosed
    }

    /// What this side has sent.
    package enum Output: Hashable, Sendable {
        case idle
        case headers
        /// The call has its status, from this side or by being cut off.
        case ended
    }

    package enum Action: Hashable, Sendable {
        case none
        /// Not a call: answer with this HTTP status alone.
        case reject(httpStatus: Int)
        indirect case fail(RPCError)
        /// There is no such method; the router says what is missing.
        case failUnimplemented
        /// A worker is to run the handler.
        case start
        /// A handler that waits for a request may look again.
        case wakeReader
    }

    package private(set) var input = Input.head
    package private(set) var output = Output.idle
    private var type = CallType.unary
    private var isStarted = false
    private var received = 0
    private var sent = 0

    package init() {}

    package var hasEnded: Bool { output == .ended }
    /// The client is expected to send the rest of its only message.
    package var awaitsRequest: Bool { input == .open && type.takesOneRequest && !hasEnded }
    /// The handler may have what has arrived: of a request that has to be the only one, not before it is certain to be.
    package var mayRead: Bool { input == .halfClosed || !type.takesOneRequest }

    /// `verdict` is the reader's; `route` the method's, nil if there is none.
    package mutating func headReceived(_ verdict: RequestHeadReader.Outcome, _ route: Route?) -> Action {
        input = .open
        switch verdict {
        case .rejected(let httpStatus):
            output = .ended
            return .reject(httpStatus: httpStatus)
        case .failed(let error):
            return .fail(error)
        case .accepted:
            break
        }
        guard let route else { return .failUnimplemented }
        type = route.method.type
        guard route.startsWithHead || !type.takesOneRequest else { return .none }
        isStarted = true
        return .start
    }

    /// A whole message; UNIMPLEMENTED for the second one where one is due (statuscodes.md).
    package mutating func messageReceived() throws(RPCError) {
        guard received == 0 || !type.takesOneRequest else {
            throw RPCError(.unimplemented, "more than one message in the request of a \(type.name) call")
        }
        received += 1
    }

    /// END_STREAM from the client.
    package mutating func requestEnded() -> Action {
        guard input == .open, !hasEnded else { return .none }
        input = .halfClosed
        if type.takesOneRequest, received == 0 {
            return .fail(RPCError(.unimplemented, "no message in the request of a \(type.name) call"))
        }
        if isStarted { return .wakeReader }
        isStarted = true
        return .start
    }

    /// Answers whether the headers have to be sent now.
    package mutating func headersDue() -> Bool {
        guard output == .idle else { return false }
        output = .headers
        return true
    }

    /// A message of the answer is about to be sent.
    package mutating func messageSent() throws(RPCError) {
        guard !hasEnded else { throw RPCError(.cancelled, "the call is over") }
        guard sent == 0 || !type.bringsOneReply else {
            throw RPCError(.internal, "more than one message in the answer to a \(type.name) call")
        }
        sent += 1
    }

    /// There was no room for it.
    package mutating func messageNotSent() { sent -= 1 }

    /// The handler has returned, and thrown nothing: what is missing for an OK.
    package func checkAnswer() throws(RPCError) {
        guard sent == 0, type.bringsOneReply else { return }
        throw RPCError(.internal, "no message in the answer to a \(type.name) call")
    }

    /// Answers whether this was the end: the first of answer, failure and cut-off counts.
    package mutating func end() -> Bool {
        guard !hasEnded else { return false }
        output = .ended
        return true
    }
}
