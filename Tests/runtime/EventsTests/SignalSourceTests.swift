import Events
import Glibc
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SignalSourceTests {
    @Test func aSignalIsAnEventOnTheLoop() async throws {
        try await withLoop { loop in
            SignalSource.block([.hangUp, .interrupt])
            let journal = Journal<Signal>()
            let source = try SignalSource([.hangUp, .interrupt], on: loop) { journal.note($0) }
            // To this thread alone: others of the test process do not block these signals and would die of them.
            raise(SIGHUP)
            #expect(await journal.next() == .hangUp)
            raise(SIGINT)
            raise(SIGINT)
            #expect(await journal.next() == .interrupt)
            source.close()
            source.close()
        }
    }

    @Test func aWriteToAClosedConnectionDoesNotKill() async throws {
        try await withLoop { loop in
            SignalSource.block([])
            let pipe = Pipe()
            pipe.closeReader()
            // A child that another test has just forked has this reader, too, until it begins its program.
            var error: Int32 = 0
            for _ in 0..<10_000 where error == 0 {
                if pipe.write([1]) == -1 { error = errno } else { try await loop.sleep(for: .milliseconds(1)) }
            }
            #expect(error == EPIPE)
            pipe.closeWriter()
        }
    }
}
