import Glibc
import System
import TestSupport
import Testing

@Suite final class FileSliceTests {
    private let directory = TemporaryDirectory()

    deinit { directory.remove() }

    private func slice(offset: Int, count: Int) throws -> FileSlice {
        directory.write("0123456789", to: "file")
        let opened = try FileTree(directory.path).open(["file"])
        guard let file = opened else { throw SystemError("open", code: ENOENT) }
        return FileSlice(file, offset: offset, count: count)
    }

    /// What arrives at the other end of a socket pair, sent in steps of `limit` bytes.
    private func sent(_ slice: FileSlice, limit: Int, spoilSplicing: Bool) throws -> (String, FileSlice.Outcome?) {
        var ends: [Int32] = [0, 0]
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        // sendfile(2) refuses a descriptor that appends.
        if spoilSplicing { _ = fcntl(ends[0], F_SETFL, O_APPEND) }
        var last: FileSlice.Outcome?
        while slice.count > 0 {
            last = slice.send(to: ends[0], limit: limit)
            if last != .progress { break }
        }
        shutdown(ends[0], Int32(SHUT_WR))
        var bytes = [UInt8](repeating: 0, count: 1000)
        var text = ""
        while true {
            let count = unsafe read(ends[1], &bytes, bytes.count)
            guard count > 0 else { return (text, last) }
            text += String(decoding: bytes[..<count], as: UTF8.self)
        }
    }

    @Test(arguments: [false, true]) func aStretchOfAFile(spoilSplicing: Bool) throws {
        let slice = try slice(offset: 2, count: 7)
        let (text, outcome) = try sent(slice, limit: 3, spoilSplicing: spoilSplicing)
        #expect(text == "2345678")
        #expect(outcome == .progress && slice.count == 0)
    }

    @Test(arguments: [false, true]) func aFileThatHasBecomeShorter(spoilSplicing: Bool) throws {
        let slice = try slice(offset: 0, count: 12)
        let (text, outcome) = try sent(slice, limit: 100, spoilSplicing: spoilSplicing)
        #expect(text == "0123456789")
        #expect(outcome == .truncated)
    }

    @Test func readInPieces() throws {
        let slice = try slice(offset: 1, count: 10)
        #expect(try slice.read(limit: 4) == Array("1234".utf8))
        #expect(try slice.read(limit: 100) == Array("56789".utf8))
        #expect(slice.count == 1)
        #expect(throws: SystemError.truncatedFile) { try slice.read(limit: 100) }
    }
}
