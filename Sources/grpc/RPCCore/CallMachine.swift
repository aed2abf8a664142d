/// One call as a client sees it, from its first look for a connection to its end: a pure machine.
///
///     ──begin──► PICKING ──picked──► ATTEMPTING ──closed──► ended
///                   ▲                  │     │
///                   ├──not processed───┘     └──failed, retry policy──► BACKING OFF
///                   └────────────────────back-off over───────────────────────┘
///
/// A call is sent again as long as the server certainly did not process it (transparent retry, gRFC A6), and, if there is
/// a policy, when it failed in a way that the policy names. It is committed, and sent no more, once the head of an answer
/// has come, or when its request is longer than what is kept of one (`RequestBuffer`).
package struct CallMachine: Sendable {
    package enum Action: Hashable, Sendable {
        case none
        /// Look for a connection, and tell by `picked`.
        case dispatch
        /// Begin an attempt on the connection that was picked, with what `requests` has for it.
        case attempt
        /// Give the attempt what `requests` has for it.
        case send
        /// Wait, and tell by `backoffEnded`.
        case retry(after: Duration)
        /// Hand the message that has come to the caller.
        case deliver
        /// Stop the attempt; it closes with this error.
        case stop(RPCError)
        /// The call is over; no error is OK.
        case finish(RPCError?)
    }

    private enum Phase: Hashable {
        case new
        case picking
        /// On the connection with this number.
        case attempting(Int)
        case backingOff
        case ended
    }

    private var phase = Phase.new
    /// What the caller has sent, and what of it the attempt has got.
    package var requests = RequestBuffer()
    private let type: CallType
    /// Counts from the end of the next attempt on.
    package var retryPolicy: RetryPolicy?
    /// Attempts that a server has processed and failed.
    package private(set) var failedAttempts = 0
    /// Attempts because the one before was certainly not processed.
    package private(set) var transparentRetries = 0
    /// Attempts because the policy says so.
    package private(set) var retries = 0
    /// Waits since the server last said how long one was to be.
    private var waits = 0
    private var wasRefused = false
    /// The connection that an attempt did not leave by, and why. The call does not try it again: that it could be picked
    /// at all would be a mistake, and the call would go round for ever.
    private var unsent: (connection: Int, error: RPCError)?
    /// This side has given the call up: the deadline has passed, or the caller wants no more of it.
    package private(set) var isAborted = false

    package init(_ type: CallType, retryPolicy: RetryPolicy? = nil) {
        self.type = type
        self.retryPolicy = retryPolicy
    }

    package private(set) var hasEnded = false

    // MARK: From the caller

    package mutating func begin() -> Action {
        guard case .new = phase else { return .none }
        phase = .picking
        return .dispatch
    }

    /// A message of the request, sealed. One that is too many ends the call.
    package mutating func send(_ message: consuming OutgoingMessage) -> Action {
        if hasEnded { return .none }
        if requests.isEnded { return abort(RPCError(.internal, "a message after the end of the request")) }
        if type.takesOneRequest, requests.messages == 1 {
            return abort(RPCError(.internal, "more than one message in the request of a \(type.name) call"))
        }
        requests.append(message)
        return sending
    }

    package mutating func finishSending() -> Action {
        if hasEnded || requests.isEnded { return .none }
        if type.takesOneRequest, requests.messages == 0 {
            return abort(RPCError(.internal, "no message in the request of a \(type.name) call"))
        }
        requests.end()
        return sending
    }

    private var sending: Action {
        if case .attempting = phase { .send } else { .none }
    }

    /// The deadline has passed, or the caller cancels.
    package mutating func abort(_ error: RPCError) -> Action {
        switch phase {
        case .attempting:
            // The first reason counts.
            if isAborted { return .none }
            isAborted = true
            return .stop(error)
        case .new, .picking, .backingOff:
            isAborted = true
            return finish(error)
        case .ended:
            return .none
        }
    }

    // MARK: From the channel

    /// A connection has been picked; `connection` is its number.
    package mutating func picked(_ connection: Int) -> Action {
        guard case .picking = phase else { return .none }
        if let unsent, unsent.connection == connection { return finish(unsent.error) }
        phase = .attempting(connection)
        requests.rewind()
        return .attempt
    }

    /// There is no connection to be had.
    package mutating func notPicked(_ error: RPCError) -> Action {
        guard case .picking = phase else { return .none }
        return finish(error)
    }

    package mutating func backoffEnded() -> Action {
        guard case .backingOff = phase else { return .none }
        phase = .picking
        retries += 1
        return .dispatch
    }

    // MARK: From the attempt

    /// The head of an answer: the server has the call, and this one is the last attempt.
    package mutating func headersArrived() {
        guard case .attempting = phase else { return }
        requests.commit()
    }

    package mutating func messageArrived() -> Action {
        guard case .attempting = phase, !isAborted else { return .none }
        return .deliver
    }

    /// The attempt is over: the call ends with it, or is sent again. `throttled` counts a failure and answers whether
    /// retries rest (see `RetryTokens`); `random` is uniform in 0..<1, for a retry's jitter.
    package mutating func attemptClosed(
        _ error: RPCError?, _ fate: CallFate, pushback: RetryPolicy.Pushback = .none,
        throttled: @autoclosure () -> Bool = false, random: @autoclosure () -> Double
    ) -> Action {
        guard case .attempting(let connection) = phase else { return .none }
        guard let error, !isAborted, !requests.isCommitted else { return finish(error) }
        switch fate {
        case .unsent:
            unsent = (connection, error)
            return sendAgain()
        case .refused where !wasRefused:
            wasRefused = true
            return sendAgain()
        case .refused, .processed:
            return retry(error, pushback, throttled: throttled(), random: random())
        case .hopeless:
            return finish(error)
        }
    }

    private mutating func sendAgain() -> Action {
        transparentRetries += 1
        phase = .picking
        return .dispatch
    }

    /// In grpc-go's order, which says what counts as a failure for the throttling. One that is too long to be repeated is
    /// none: it would take the tokens of calls that are retried.
    private mutating func retry(
        _ error: RPCError, _ pushback: RetryPolicy.Pushback, throttled: @autoclosure () -> Bool,
        random: @autoclosure () -> Double
    ) -> Action {
        failedAttempts += 1
        if requests.isOverLimit { return finish(error) }
        if pushback == .never {
            _ = throttled()
            return finish(error)
        }
        guard let retryPolicy, retryPolicy.retryableStatusCodes.contains(error.code), !throttled(),
            failedAttempts < retryPolicy.maxAttempts
        else { return finish(error) }
        switch pushback {
        case .never:
            return finish(error)
        case .wait(let time):
            // The sequence begins anew after it (A6, "pushback").
            waits = 0
            phase = .backingOff
            return .retry(after: time)
        case .none:
            phase = .backingOff
            defer { waits += 1 }
            return .retry(after: retryPolicy.backoff(after: waits, random: random()))
        }
    }

    private mutating func finish(_ error: RPCError?) -> Action {
        phase = .ended
        hasEnded = true
        requests.removeAll()
        return .finish(error)
    }
}
