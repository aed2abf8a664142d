/// Messages of one stream that have arrived and that the application has not taken: a pure machine that also says how much
/// of the stream's flow-control window is free again.
///
/// A message gives its bytes back when it is taken, so that a server sends no more than a window beyond what the
/// application wants. Whoever waits for a message wants it whole, and it may be longer than the window: while somebody
/// waits, what has arrived of it is given back at once.
package struct MessageQueue: Sendable {
    private var messages: [ReceivedMessage] = []
    private var head = 0
    /// Bytes of DATA that have not been given back.
    private var held = 0
    /// Bytes that were given back of the message that is next.
    private var givenAhead = 0

    /// The message that was taken last had come compressed.
    package private(set) var lastWasCompressed = false

    package init() {}

    package var isEmpty: Bool { head == messages.count }

    /// DATA has arrived; the messages that it completes are appended before anybody takes one.
    package mutating func receive(dataBytes count: Int) { held += count }

    package mutating func append(_ message: consuming ReceivedMessage) { messages.append(message) }

    /// The next message, and how many bytes of window are free now, whether or not it can be expanded.
    package mutating func take() -> (message: ReceivedMessage, freed: Int)? {
        guard !isEmpty else { return nil }
        let message = messages[head]
        messages[head] = ReceivedMessage([])
        head += 1
        if head == messages.count {
            messages.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 64, head > messages.count / 2 {
            messages.removeFirst(head)
            head = 0
        }
        let size = MessageFraming.prefixLength + message.count
        let ahead = min(givenAhead, size)
        givenAhead -= ahead
        let freed = min(held, size - ahead)
        held -= freed
        lastWasCompressed = message.isCompressed
        return (message, freed)
    }

    /// Somebody waits for the next message, of which a part may have arrived: how many bytes of window are free now.
    package mutating func awaitNext() -> Int {
        guard isEmpty else { return 0 }
        defer { held = 0 }
        givenAhead += held
        return held
    }

    package mutating func removeAll() {
        messages = []
        head = 0
    }
}
