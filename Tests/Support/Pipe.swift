import Glibc

/// A pipe whose ends a test reads, writes and closes by itself.
package struct Pipe {
    package let reader: Int32
    package let writer: Int32

    package init(nonBlocking: Bool = true) {
        var ends: [Int32] = [-1, -1]
        let result = unsafe pipe(&ends)
        precondition(result == 0, "out of descriptors")
        reader = ends[0]
        writer = ends[1]
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            if nonBlocking { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
        }
    }

    /// Makes it as narrow as Linux can: one page.
    package func narrow() {
        let setPipeSize: Int32 = 1031
        precondition(fcntl(writer, setPipeSize, 4096) == 4096)
    }

    /// How many bytes the pipe took; negative if none.
    @discardableResult
    package func write(_ bytes: [UInt8]) -> Int { unsafe Glibc.write(writer, bytes, bytes.count) }

    /// What is in the pipe now, at most 64 KiB.
    package func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = unsafe Glibc.read(reader, &buffer, buffer.count)
        return Array(buffer[..<max(count, 0)])
    }

    package func closeReader() { close(reader) }
    package func closeWriter() { close(writer) }

    package func closeBoth() {
        closeReader()
        closeWriter()
    }
}
