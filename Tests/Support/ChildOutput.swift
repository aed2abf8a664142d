import Bytes
package import Events
package import System

/// A child's output, line by line. Loop thread only.
package final class ChildOutput: ByteStreamDelegate {
    private let journal = Journal<String>()
    private var rest: [UInt8] = []
    private var stream: (any ByteStream)?

    /// An entry of its own, so that waiting for a line that never comes ends with the output.
    package static let end = "(end of output)"

    package init() {}

    package func read(_ descriptor: Int32, on loop: EventLoop) throws(SystemError) {
        stream = try SocketStream(adopting: descriptor, peer: nil, on: loop, delegate: self)
    }

    /// Takes the first line that contains `text`, or `end`; drops those before it.
    package func line(containing text: String) async -> String {
        await journal.first { $0.contains(text) || $0 == ChildOutput.end }
    }

    package func streamReceived(_ bytes: Span<UInt8>) {
        rest.append(contentsOf: bytes)
        while let newline = rest.firstIndex(of: 0x0A) {
            journal.note(String(decoding: rest[..<newline], as: UTF8.self))
            rest.removeSubrange(...newline)
        }
    }

    package func streamReachedEnd() { stream?.close() }

    package func streamClosed(_ error: SystemError?) {
        if !rest.isEmpty { journal.note(String(decoding: rest, as: UTF8.self)) }
        journal.note(ChildOutput.end)
    }
}
