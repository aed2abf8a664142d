import Events
import Glibc
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct LineOutputTests {
    /// In blocking mode, as a program's standard output is.
    private static func narrowPipe() -> Pipe {
        let pipe = Pipe(nonBlocking: false)
        pipe.narrow()
        return pipe
    }

    @Test func aFullPipeTakesWholeLinesAndDoesNotBlock() {
        let pipe = LineOutputTests.narrowPipe()
        let line = String(repeating: "x", count: 999) + "\n"
        let bytes = Array(String(repeating: line, count: 10).utf8)
        let output = LineOutput(descriptor: pipe.writer)
        #expect(output.write(bytes.span) == 4000)
        #expect(output.write(bytes.span) == 0)
        #expect(!output.waitUntilReady(atMost: .milliseconds(1)))
        #expect(pipe.read() == Array(String(repeating: line, count: 4).utf8))
        #expect(output.waitUntilReady(atMost: .seconds(1)))
        pipe.closeBoth()
    }

    @Test func whatNobodyWillReadIsDoneWith() {
        SignalSource.block([])
        let pipe = LineOutputTests.narrowPipe()
        pipe.closeReader()
        let output = LineOutput(descriptor: pipe.writer)
        #expect(output.write(Array("line\n".utf8).span) == 5)
        pipe.closeWriter()
    }

    @Test func aFileTakesEverythingAtOnce() throws {
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/log"
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
        let bytes = Array(String(repeating: "line\n", count: 10_000).utf8)
        #expect(LineOutput(descriptor: descriptor).write(bytes.span) == bytes.count)
        close(descriptor)
        #expect(try FileSystem.read(path) == bytes)
        directory.remove()
    }

    @Test func aLineLongerThanAPageIsWrittenInPieces() {
        let pipe = LineOutputTests.narrowPipe()
        let bytes = Array(String(repeating: "y", count: 5000).utf8) + [0x0A]
        let output = LineOutput(descriptor: pipe.writer)
        let first = output.write(bytes.span)
        #expect(first == 4096)
        #expect(pipe.read().count == 4096)
        #expect(output.write(bytes.span.extracting(droppingFirst: first)) == 905)
        pipe.closeBoth()
    }
}
