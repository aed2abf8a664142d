import Bytes
import Events
package import System

/// The file with everything that a pod's processes print, one after the other.
///
/// It is at most 16 MiB: at half of that it is renamed to `….log.1`, over the one before, and begun anew. `….log.places`
/// says then where the two begin in all that was ever written, so that a reader knows what it has missed.
package final class PodLog {
    package static let usualLength = 8 << 20

    let path: String
    private let longestFile: Int
    private var file: OutputFile
    /// How much was written before this file.
    private var start = 0

    package init(_ path: String, longestFile: Int = PodLog.usualLength) throws(SystemError) {
        self.path = path
        self.longestFile = longestFile
        file = try OutputFile(appendingTo: path)
    }

    /// Its files, whether they are there or not.
    package static func files(_ path: String) -> [String] { [path, path + ".1", LogPlaces.path(path)] }

    /// For what runs beside it in the pod.
    func sibling(_ name: String) throws(SystemError) -> PodLog {
        try PodLog((path.hasSuffix(".log") ? String(path.dropLast(4)) : path) + "-\(name).log")
    }

    /// A full disk loses lines; it must not stop the pod.
    package func append(_ bytes: [UInt8]) {
        if file.size >= longestFile { beginAnew() }
        try? file.append(bytes)
    }

    private func beginAnew() {
        let before = LogPlaces.Place(of: path, start: start)
        guard (try? FileSystem.rename(path, to: path + ".1")) != nil, let next = try? OutputFile(appendingTo: path)
        else {
            return
        }
        start += file.size
        file = next
        LogPlaces([before, LogPlaces.Place(of: path, start: start)].compactMap(\.self)).write(for: path)
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
