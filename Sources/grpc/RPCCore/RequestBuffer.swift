/// The messages of a call's request, kept for as long as the call may have to be sent again.
///
/// Each attempt is handed all of them, in order. Once the call is committed, what an attempt has got is let go: there will
/// be no other.
package struct RequestBuffer: Sendable {
    /// Bytes that an attempt has got and that are kept all the same; with more the call is committed (gRFC A6 asks for a
    /// limit, and this is grpc-go's). The first message is kept however long it is: it was there before the call was.
    package static let limit = 256 * 1024
    /// What a message takes besides its bytes.
    private static let overhead = 64

    /// Nearly every request is one message, which so needs no array of messages.
    private var first: OutgoingMessage?
    /// The second and later ones that are kept; of a committed call, those that have not been handed out.
    private var others: [OutgoingMessage] = []
    /// Of `first` and `others`, what the attempt under way has got.
    private var handedOut = 0
    private var handedOutBytes = 0
    /// Messages whose turn is still to come in the attempt under way.
    package private(set) var waitingBytes = 0
    package private(set) var isEnded = false
    private var endIsHandedOut = false
    /// There will be no further attempt.
    package private(set) var isCommitted = false

    package init() {}

    /// Messages that the caller has sent.
    package private(set) var messages = 0
    /// Whether an attempt can be given everything at once: a single message, and the end.
    package private(set) var isSingle = false

    package mutating func append(_ message: consuming OutgoingMessage) {
        waitingBytes += message.buffer.count
        messages += 1
        if messages == 1 { first = message } else { others.append(message) }
    }

    package mutating func end() {
        isEnded = true
        isSingle = messages == 1
    }

    /// Another attempt begins, which is to get everything from the start.
    package mutating func rewind() {
        waitingBytes += handedOutBytes
        handedOut = 0
        handedOutBytes = 0
        endIsHandedOut = false
    }

    /// The next message for the attempt under way.
    package mutating func next() -> OutgoingMessage? {
        guard handedOut < kept else { return nil }
        let message: OutgoingMessage
        if let first, handedOut == 0 { message = first } else { message = others[handedOut - (first == nil ? 0 : 1)] }
        handedOut += 1
        handedOutBytes += message.buffer.count
        waitingBytes -= message.buffer.count
        if isCommitted || (isOverLimit && handedOut > 1) { commit() }
        return message
    }

    /// The attempt under way has got more than a retry policy may repeat. A single message can be so long without
    /// committing the call to an attempt that no server has processed.
    package var isOverLimit: Bool { handedOutBytes + handedOut * RequestBuffer.overhead > RequestBuffer.limit }

    /// What is kept of a request of several messages as long as there may be another attempt. A single one counts for
    /// nothing: its caller had it before the call began.
    package var repeatableBytes: Int {
        isCommitted || messages < 2 ? 0 : handedOutBytes + waitingBytes + kept * RequestBuffer.overhead
    }

    /// Answers once whether this attempt's request ends here.
    package mutating func takeEnd() -> Bool {
        guard isEnded, !endIsHandedOut, handedOut == kept else { return false }
        endIsHandedOut = true
        return true
    }

    package mutating func commit() {
        isCommitted = true
        guard handedOut > 0 else { return }
        let ofOthers = first == nil ? handedOut : handedOut - 1
        first = nil
        others.removeFirst(ofOthers)
        handedOut = 0
        handedOutBytes = 0
    }

    /// The call is over.
    package mutating func removeAll() {
        first = nil
        others = []
        handedOut = 0
        handedOutBytes = 0
        waitingBytes = 0
        isCommitted = true
    }

    private var kept: Int { (first == nil ? 0 : 1) + others.count }
}
