import System
import Testing
import samplectl

@Suite struct LogTailTests {
    /// A directory of the test's own, gone when the test ends.
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = "/tmp/samplectl-test-\(Program.pid)-\(UInt32.random(in: 0 ... .max))"
        try FileSystem.createDirectory(path)
        defer { try? FileSystem.removeTree(path) }
        try body(path)
    }

    @Test func linesComeWhenTheyAreComplete() throws {
        try withDirectory { directory in
            let file = try OutputFile(appendingTo: directory + "/a.log")
            var tail = LogTail(path: file.path)
            #expect(tail.newLines(atEnd: false) == [])
            try file.append(Array("one\ntw".utf8))
            #expect(tail.newLines(atEnd: false) == ["one"])
            try file.append(Array("o\n\nthree".utf8))
            #expect(tail.newLines(atEnd: false) == ["two", ""])
            #expect(tail.newLines(atEnd: true) == ["three"])
        }
    }

    @Test func aFileThatIsBegunAnewIsReadFromItsStart() throws {
        try withDirectory { directory in
            let path = directory + "/a.log"
            try OutputFile(appendingTo: path).append(Array("a long first line\n".utf8))
            var tail = LogTail(path: path)
            #expect(tail.newLines(atEnd: false) == ["a long first line"])
            try FileSystem.rename(path, to: path + ".1")
            try OutputFile(appendingTo: path).append(Array("new\n".utf8))
            #expect(tail.newLines(atEnd: false) == ["new"])
        }
    }

    @Test func aComponentSelectsItsPodsOnly() {
        let pod = "sample-service-grpc-wk9zgzcqf-64pgz"
        #expect(LogsCommand.isSelected(pod, by: nil) && LogsCommand.isSelected(pod, by: "grpc"))
        #expect(LogsCommand.isSelected(pod, by: pod) && LogsCommand.isSelected("dnsmasq", by: "dnsmasq"))
        #expect(!LogsCommand.isSelected("dnsmasq", by: nil))
        #expect(!LogsCommand.isSelected(pod, by: "gateway") && !LogsCommand.isSelected(pod, by: "g"))
    }
}
