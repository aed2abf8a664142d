import Events
import Glibc
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ChildProcessTests {
    /// A child with its output and its end. Loop thread only.
    private final class Child {
        let output = ChildOutput()
        let exits = Journal<System.ExitStatus>()
        private(set) var process: ChildProcess?

        init(
            _ executable: String, _ arguments: [String], environment: [String: String] = [:],
            directory: String? = nil, on loop: EventLoop
        ) throws {
            let output = output
            let exits = exits
            process = try ChildProcess(
                ChildCommand(
                    executable: executable, arguments: arguments, environment: environment, directory: directory),
                on: loop, output: { descriptor throws(SystemError) in try output.read(descriptor, on: loop) },
                exited: { exits.note($0) })
        }

        func end() async -> System.ExitStatus {
            _ = await output.line(containing: ChildOutput.end)
            return await exits.next()
        }
    }

    private static func shell(_ script: String, on loop: EventLoop) throws -> Child {
        try Child("/bin/sh", ["-c", script], on: loop)
    }

    @Test(arguments: [0, 1, 64, 255])
    func theExitStatusArrives(status: Int32) async throws {
        let seen = try await withLoop { loop in try await ChildProcessTests.shell("exit \(status)", on: loop).end() }
        #expect(seen == .exited(status))
    }

    @Test func aSignalIsToldFromAStatus() async throws {
        try await withLoop { loop in
            let child = try ChildProcessTests.shell("echo started; exec sleep 600", on: loop)
            _ = await child.output.line(containing: "started")
            child.process?.signal(.terminate)
            #expect(await child.end() == .signalled(SIGTERM))
            // It is over: its id may be another's by now.
            child.process?.signal(.kill)
        }
    }

    @Test func outputAndErrorsArriveInOrder() async throws {
        try await withLoop { loop in
            let child = try ChildProcessTests.shell("echo one; echo two >&2; printf three", on: loop)
            #expect(await child.output.line(containing: "") == "one")
            #expect(await child.output.line(containing: "") == "two")
            #expect(await child.output.line(containing: "") == "three")
            #expect(await child.end() == .exited(0))
        }
    }

    @Test func argumentsEnvironmentAndDirectoryArePassedAsTheyAre() async throws {
        try await withLoop { loop in
            let child = try Child(
                "/bin/sh", ["-c", #"echo "$1|$NAME|$(pwd)|$HOME""#, "sh", #"a "b" $c"#],
                environment: ["NAME": "x y"], directory: "/usr", on: loop)
            #expect(await child.output.line(containing: "|") == #"a "b" $c|x y|/usr|"#)
            #expect(await child.end() == .exited(0))
        }
    }

    @Test func aChildGetsNoneOfOurDescriptorsAndNoBlockedSignals() async throws {
        try await withLoop { loop in
            SignalSource.block([.hangUp])
            let child = try Child("/bin/ls", ["/proc/self/fd"], on: loop)
            // The fourth is the directory that ls reads.
            for expected in ["0", "1", "2", "3"] { #expect(await child.output.line(containing: "") == expected) }
            #expect(await child.end() == .exited(0))
            let signals = try Child("/bin/grep", ["-E", "SigBlk|SigIgn", "/proc/self/status"], on: loop)
            #expect(await signals.output.line(containing: "SigBlk") == "SigBlk:\t0000000000000000")
            let ignored = await signals.output.line(containing: "SigIgn").split(separator: "\t").last
            // glibc keeps 32 and 33 to itself; whoever started the tests may have left them ignored.
            let own = UInt64(3) << 31
            #expect(ignored.flatMap { UInt64($0, radix: 16) }.map { $0 & ~own } == 0, "SIGPIPE is ignored here")
            #expect(await signals.end() == .exited(0))
        }
    }

    @Test func aMissingExecutableIsAnErrorThatNamesIt() async throws {
        try await withLoop { loop in
            let error = #expect(throws: SystemError.self) { try Child("/nowhere/program", [], on: loop) }
            #expect(error?.isNotFound == true)
            #expect(error?.description == "start /nowhere/program: No such file or directory")
        }
    }

    @Test func aMissingDirectoryIsAnError() async throws {
        try await withLoop { loop in
            let error = #expect(throws: SystemError.self) {
                try Child("/bin/true", [], directory: "/nowhere", on: loop)
            }
            #expect(error?.isNotFound == true)
        }
    }

    @Test func aChildDiesWithTheThreadThatStartedIt() async throws {
        try await withLoop { loop in
            let starter = try EventLoop.startThread(named: "starter")
            let pids = Journal<Int32>()
            let bound = LoopBound(pids, on: loop)
            starter.execute {
                let command = ChildCommand(executable: "/bin/sleep", arguments: ["600"])
                let pid = (try? command.spawn()) ?? -1
                loop.execute { bound.value.note(pid) }
            }
            let pid = await pids.next()
            #expect(ProcessTable.identity(of: pid) != nil)
            starter.stop()
            var status: System.ExitStatus?
            while status == nil {
                // A pidfd would need the loop that is gone; the suite's time limit bounds this.
                try await loop.sleep(for: .milliseconds(2))
                status = ProcessTable.collect(pid)
            }
            #expect(status == .signalled(SIGTERM))
        }
    }

    /// Where the child can be seen while it lives.
    private struct Traces {
        var pid: Int32 = -1
        var descriptor: Int32 = -1

        /// Finds the child by an argument that no other process has, and this process's pidfd for it.
        init(marker: String) {
            pid =
                ProcessTable.ownProcesses.map(\.pid).first { pid in
                    let line = (try? FileSystem.read("/proc/\(pid)/cmdline", limit: 4096)) ?? []
                    return String(decoding: line, as: UTF8.self).contains(marker)
                } ?? -1
            // The suites beside this one may hold any number of descriptors.
            let open = (try? FileSystem.names(in: "/proc/self/fd")) ?? []
            descriptor = open.lazy.compactMap(Int32.init).first { Traces.pid(of: $0) == "\(pid)" } ?? -1
            _ = fcntl(descriptor, Traces.setSignal, Traces.mark)
        }

        /// F_SETSIG and F_GETSIG of fcntl(2): a number that an open file keeps, here so that it is known again. A pidfd
        /// under the same number may be another test's by then.
        private static let (setSignal, getSignal, mark) = (Int32(10), Int32(11), SIGUSR2)

        /// What /proc says of a pidfd: the process's id; nil for another descriptor.
        static func pid(of descriptor: Int32) -> String? {
            let bytes = (try? FileSystem.read("/proc/self/fdinfo/\(descriptor)", limit: 4096)) ?? []
            let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("Pid:") }
            return line.map { String($0.dropFirst(4)).trimmed }
        }

        var isLeft: Bool {
            kill(pid, 0) == 0 || fcntl(descriptor, Traces.getSignal, 0) == Traces.mark
        }
    }

    /// A `sabotage` of one of the steps after the start makes the whole fail.
    private static func traces(
        _ loop: EventLoop, sabotage: @escaping (Traces) throws(SystemError) -> Void
    ) -> (error: SystemError?, traces: Traces?) {
        let marker = "600.\(UInt32.random(in: 0 ... .max))"
        var traces: Traces?
        do throws(SystemError) {
            _ = try ChildProcess(
                ChildCommand(executable: "/bin/sleep", arguments: [marker]), on: loop,
                output: { descriptor throws(SystemError) in
                    close(descriptor)
                    let found = Traces(marker: marker)
                    traces = found
                    #expect(found.isLeft)
                    try sabotage(found)
                }, exited: { _ in Issue.record("nobody is told of a child that was never handed out") })
            return (nil, traces)
        } catch {
            return (error, traces)
        }
    }

    @Test func aChildWhoseOutputNobodyTakesLeavesNothingBehind() async throws {
        try await withLoop { loop in
            let (error, traces) = Self.traces(loop) { _ throws(SystemError) in throw SystemError("refuse", code: EMFILE)
            }
            #expect(error == SystemError("refuse", code: EMFILE))
            let left = try #require(traces)
            #expect(left.pid > 0 && left.descriptor > 0)
            #expect(!left.isLeft)
        }
    }

    @Test func aChildThatCannotBeWatchedLeavesNothingBehind() async throws {
        try await withLoop { loop in
            let (error, traces) = Self.traces(loop) { traces in
                // A file in the pidfd's place: epoll takes none (EPERM).
                let file = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
                dup2(file, traces.descriptor)
                close(file)
            }
            #expect(error == SystemError("epoll_ctl add", code: EPERM))
            let left = try #require(traces)
            #expect(kill(left.pid, 0) < 0 && errno == ESRCH)
            #expect(FileSystem.linkTarget("/proc/self/fd/\(left.descriptor)") != Program.executable)
        }
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " || $0 == "\t" }) }
}
