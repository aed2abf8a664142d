import Bytes
import Events
package import System

/// The file with everything that a pod's processes print, one after the other.
///
/// It is at most 16 MiB: at half of that it is renamed to `….log.1`, over the one before, and begun anew.
package final class PodLog {
    private static let longestFile = 8 << 20

    let path: String
    private var file: OutputFile

    package init(_ path: String) throws(SystemError) {
        self.path = path
        file = try OutputFile(appendingTo: path)
    }

    /// For what runs beside it in the pod.
    func sibling(_ name: String) throws(SystemError) -> PodLog {
        try PodLog((path.hasSuffix(".log") ? String(path.dropLast(4)) : path) + "-\(name).log")
    }

    /// A full disk loses lines; it must not stop the pod.
    package func append(_ bytes: [UInt8]) {
        if file.size >= PodLog.longestFile { beginAnew() }
        try? file.append(bytes)
    }

    private func beginAnew() {
        guard (try? FileSystem.rename(path, to: path + ".1")) != nil, let next = try? OutputFile(appendingTo: path)
        else {
            return
        }
        file = next
    }
}

/// Carries a process's output from its pipe to a log.
final class OutputCollector: ByteStreamDelegate {
    private let write: ([UInt8]) -> Void
    private var stream: (any ByteStream)?

    init(adopting descriptor: Int32, on loop: EventLoop, write: @escaping ([UInt8]) -> Void) throws(SystemError) {
        self.write = write
        stream = try SocketStream(adopting: descriptor, peer: nil, on: loop, delegate: self)
    }

    func streamReceived(_ bytes: Span<UInt8>) { write(Array(copying: bytes)) }
    func streamReachedEnd() { stream?.close() }
    func streamClosed(_ error: SystemError?) { stream = nil }
}
