import Events
import Glibc
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct RegistrationTests {
    private final class Handler: ReadinessHandler {
        let body: (Readiness) -> Void
        init(_ body: @escaping (Readiness) -> Void) { self.body = body }
        func descriptorReady(_ readiness: Readiness) { body(readiness) }
    }

    private final class Registrations {
        var all: [Registration] = []
    }

    @Test func anEventForAClosedDescriptorDoesNotReachItsSuccessor() async throws {
        try await withLoop { loop in
            let journal = Journal<Int>()
            let pipes = [Pipe(), Pipe()]
            let silent = Pipe()
            for pipe in pipes { pipe.write([1]) }
            let registrations = Registrations()
            // Both are readable in the same turn; whichever comes first replaces both by pipes that are not.
            let handler = Handler { _ in
                for registration in registrations.all { loop.unregister(registration) }
                let stranger = Handler { _ in Issue.record("got its predecessor's event") }
                registrations.all = pipes.compactMap { pipe in
                    // Closes the descriptor and gives its number to another file, in one step.
                    dup2(silent.reader, pipe.reader)
                    return try? loop.register(pipe.reader, for: .readable, handler: stranger)
                }
                journal.note(registrations.all.count)
            }
            registrations.all = try pipes.map { try loop.register($0.reader, for: .readable, handler: handler) }
            #expect(await journal.next() == 2)
            try await loop.sleep(for: .milliseconds(2))
            for registration in registrations.all { loop.unregister(registration) }
            for pipe in pipes + [silent] { pipe.closeBoth() }
        }
    }

    @Test func aRegistrationThatIsGoneCanBeModifiedAndUnregisteredWithoutHarm() async throws {
        try await withLoop { loop in
            let pipe = Pipe()
            let journal = Journal<Int>()
            let old = try loop.register(pipe.writer, for: [], handler: Handler { _ in journal.note(1) })
            loop.unregister(old)
            let new = try loop.register(pipe.writer, for: [], handler: Handler { _ in journal.note(2) })
            loop.unregister(old)
            loop.modify(old, to: .writable)
            #expect(loop.registrationCount == 1)
            loop.modify(new, to: .writable)
            #expect(await journal.next() == 2)
            loop.unregister(new)
            pipe.closeBoth()
        }
    }

    @Test func aDescriptorThatCannotBeWatchedIsAnErrorAndLeavesNothing() async throws {
        try await withLoop { loop in
            let error = #expect(throws: SystemError.self) {
                try loop.register(-1, for: .readable, handler: Handler { _ in })
            }
            #expect(error?.code == EBADF)
            #expect(loop.registrationCount == 0)
        }
    }

    @Test func turnEndHandlersRunOnceAfterTheTurnThatAskedForThem() async throws {
        final class AtEnd: TurnEndHandler {
            let journal: Journal<Int>
            init(_ journal: Journal<Int>) { self.journal = journal }
            func turnEnded() { journal.note(1) }
        }
        try await withLoop { loop in
            let journal = Journal<Int>()
            loop.atTurnEnd(AtEnd(journal))
            #expect(journal.isEmpty, "the turn has not ended")
            #expect(await journal.next() == 1)
            try await loop.sleep(for: .milliseconds(1))
            #expect(journal.isEmpty)
        }
    }
}
