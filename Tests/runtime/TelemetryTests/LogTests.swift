import Addresses
import Events
import JSON
import Synchronization
import System
import Telemetry
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct LogTests {
    /// What a log writes to its output.
    private static func output(
        _ format: LogFormat = .text, level: LogLevel = .info, _ body: @escaping @Sendable (Log) -> Void
    ) async throws -> [String] {
        try await withLoop { loop in
            let pipe = Pipe(nonBlocking: false)
            let output = LineOutput(descriptor: pipe.writer)
            let log = Log(name: "gateway", format: format, level: level, output: output, loops: [loop])
            body(log)
            log.flush()
            pipe.closeWriter()
            defer { pipe.closeReader() }
            return String(decoding: pipe.read(), as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    private static func object(_ line: String) throws -> JSONObject {
        try #require(try JSONParser.parse(line).object)
    }

    private static let call = CallRecord(
        method: "/sample.service.HelloWorld/SayHello", peer: .ip(.v4(0x0AF4_0001), port: 4242), status: "OK",
        duration: .microseconds(2_098), traceID: "4bf92f35")

    private static func request(_ target: String, problem: String? = nil) -> RequestRecord {
        RequestRecord(
            method: "GET", target: target, status: 200, duration: .microseconds(2_098),
            peer: .ip(.v4(0x0AF4_0001), port: 4242), problem: problem)
    }

    @Test func aCallIsOneLine() async throws {
        let lines = try await LogTests.output {
            $0.ofThisLoop.callReceived("/sample.service.HelloWorld/SayHello")
            $0.callFinished(LogTests.call)
        }
        #expect(lines.count == 1)
        let form = #/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d Received request: \/sample.service.HelloWorld\/SayHello/#
        #expect(try form.wholeMatch(in: lines[0]) != nil)
    }

    /// The line of the call before is used again, for the same method only.
    @Test func eachCallHasItsMethodsLine() async throws {
        let methods = ["/a.B/C", "/a.B/C", "/a.B/Other", "/a.B/C", "", "/a.B/C\n"]
        let lines = try await LogTests.output { log in
            let lines = log.ofThisLoop
            for method in methods { lines.callReceived(method) }
        }
        let expected = ["/a.B/C", "/a.B/C", "/a.B/Other", "/a.B/C", "", #"/a.B/C\n"#]
        #expect(lines.map { String($0.dropFirst(20)) } == expected.map { "Received request: \($0)" })
    }

    @Test func aRequestHasGinsColumns() async throws {
        let lines = try await LogTests.output { $0.requestFinished(LogTests.request("/go/sample")) }
        let line = try #require(lines.first)
        let start = #/\[GATEWAY\] \d{4}\/\d\d\/\d\d - \d\d:\d\d:\d\d/#
        let match = try #require(try start.prefixMatch(in: line))
        #expect(
            line.dropFirst(match.output.count)
                == #" | 200 |       2.098ms |      10.244.0.1 | GET      "/go/sample""#)
    }

    /// Every column is as wide as it was when strings were padded, whatever is in it.
    @Test(arguments: [
        (0, "           0ns"), (999, "         999ns"), (1_000, "       1.000µs"), (999_999, "     999.999µs"),
        (12_345_678, "      12.345ms"), (999_999_999, "     999.999ms"), (1_000_000_000, "        1.000s"),
        (7_200_050_000_000, "     7200.050s"), (123_456_789_000_000_000, " 123456789.000s"), (-5, "           0ns"),
    ])
    func theColumnOfTheDuration(nanoseconds: Int64, column: String) async throws {
        var record = LogTests.request("/")
        record.duration = .nanoseconds(nanoseconds)
        let lines = try await LogTests.output { [record] in $0.requestFinished(record) }
        let columns = try #require(lines.first).split(separator: " |")
        #expect(columns[2] == column)
        #expect(LogLine.duration(record.duration) == column.drop { $0 == " " })
    }

    @Test(
        arguments: [
            (SocketAddress.ip(.v4(0x0102_0304), port: 1), "         1.2.3.4"),
            (.ip(.v4(0xffff_ffff), port: 1), " 255.255.255.255"),
            (.ip(.v6(1), port: 1), "             ::1"),
            (.ip(.v6(0xfd00_0001_0002_0003_0004_0005_0006_0007), port: 1), " fd00:1:2:3:4:5:6:7"),
            (.unix(path: "/run/x"), "               -"), (nil, "               -"),
        ] as [(SocketAddress?, String)])
    func theColumnOfThePeer(peer: SocketAddress?, column: String) async throws {
        var record = LogTests.request("/")
        record.peer = peer
        let lines = try await LogTests.output { [record] in $0.requestFinished(record) }
        #expect(try #require(lines.first).split(separator: " |")[3] == column)
    }

    @Test func jsonHasOneLineForACallWithAllFacts() async throws {
        let lines = try await LogTests.output(.json) {
            $0.ofThisLoop.callReceived("/sample.service.HelloWorld/SayHello")
            $0.callFinished(LogTests.call)
        }
        #expect(lines.count == 1)
        let entry = try LogTests.object(lines[0])
        #expect(entry["message"] == .string("Received request"))
        #expect(entry["method"] == .string("/sample.service.HelloWorld/SayHello"))
        #expect(entry["peer"] == .string("10.244.0.1:4242"))
        #expect(entry["status"] == .string("OK"))
        #expect(entry["duration_ms"] == .number(.double(2.098)))
        #expect(entry["trace_id"] == .string("4bf92f35"))
        #expect(entry["level"] == .string("info"))
    }

    @Test func jsonHasOneLineForARequestWithAllFacts() async throws {
        let lines = try await LogTests.output(.json) {
            $0.requestFinished(LogTests.request("/go/\"x\"", problem: "bad\nthing"))
        }
        #expect(lines.count == 1)
        let entry = try LogTests.object(lines[0])
        #expect(entry["server"] == .string("GATEWAY"))
        #expect(entry["target"] == .string("/go/\"x\""))
        #expect(entry["status"] == .number(.integer(200)))
        #expect(entry["problem"] == .string("bad\nthing"))
    }

    @Test(arguments: [LogFormat.text, .json])
    func noRequestForgesALine(format: LogFormat) async throws {
        let forged = "x\n2023/11/24 07:30:45 Received request: /forged\r\u{85}\u{2028}"
        let lines = try await LogTests.output(format) {
            $0.ofThisLoop.callReceived(forged)
            $0.callFinished(
                CallRecord(method: forged, peer: nil, status: "OK", duration: .zero, traceID: forged))
            $0.requestFinished(LogTests.request(forged, problem: forged))
            $0.warn(forged)
        }
        #expect(lines.count == 3)
        for line in lines { #expect(line.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }) }
        #expect(!lines.contains { $0.hasPrefix("2023/11/24") })
    }

    @Test func aLineStaysBelowWhatAPipeTakesInOnePiece() async throws {
        let long = String(repeating: "\u{202e}\"\\", count: 10_000)
        for format in LogFormat.allCases {
            let lines = try await LogTests.output(format) {
                $0.requestFinished(LogTests.request(long, problem: long))
            }
            #expect(lines.count == 1)
            #expect(lines[0].utf8.count < LineOutput.longestLine)
        }
    }

    @Test func levelsBelowTheConfiguredOneAreNotPrinted() async throws {
        for level in LogLevel.allCases {
            let lines = try await LogTests.output(level: level) { log in
                log.debug("debug")
                log.info("info")
                log.warn("warn")
                log.error("error")
                log.ofThisLoop.callReceived("call")
                log.ofThisLoop.callReceived("probe", level: .debug)
            }
            let expected = [
                "debug", "info", "warn: warn", "error: error", "Received request: call", "Received request: probe",
            ]
            let wanted = zip(expected, [LogLevel.debug, .info, .warn, .error, .info, .debug]).filter { $0.1 >= level }
            #expect(lines.map { String($0.dropFirst(20)) } == wanted.map(\.0))
        }
    }

    @Test func anAnnouncementIsNotHiddenAndHasATimeAsAllLinesHave() async throws {
        let lines = try await LogTests.output(level: .error) { $0.announce("Listening on 127.0.0.1:8080 (grpc)") }
        let line = try #require(lines.first)
        #expect(
            try line.wholeMatch(of: Regex(#"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d Listening on 127.0.0.1:8080 \(grpc\)"#))
                != nil)
    }

    @Test func linesOfATurnAreWrittenAtItsEnd() async throws {
        try await withLoop { loop in
            let pipe = Pipe()
            let log = Log(
                name: "x", format: .text, level: .info, output: LineOutput(descriptor: pipe.writer), loops: [loop])
            log.info("one")
            log.info("two")
            #expect(pipe.read().isEmpty)
            try await loop.sleep(for: .milliseconds(1))
            #expect(String(decoding: pipe.read(), as: UTF8.self).split(separator: "\n").count == 2)
            pipe.closeBoth()
        }
    }

    @Test func anOutputThatNobodyReadsCostsBoundedMemoryAndTheLossIsTold() async throws {
        try await withLoop { loop in
            let pipe = Pipe(nonBlocking: false)
            pipe.narrow()
            let log = Log(
                name: "x", format: .text, level: .info, output: LineOutput(descriptor: pipe.writer), loops: [loop])
            let text = String(repeating: "y", count: 979)
            // 1000 bytes each with date and line feed; nobody reads, and the loop goes on all the same.
            for _ in 0..<2000 { log.info(text) }
            try await loop.sleep(for: .milliseconds(1))
            var received: [UInt8] = []
            while !String(decoding: received.suffix(100), as: UTF8.self).contains("dropped") {
                received += pipe.read()
                try await loop.sleep(for: .milliseconds(1))
            }
            let lines = String(decoding: received, as: UTF8.self).split(separator: "\n")
            let kept = lines.filter { $0.hasSuffix("y") }.count
            #expect(kept == Log.pendingLimit / 1000 + 1)
            let complaint = try #require(lines.last)
            #expect(
                complaint.hasSuffix(" warn: dropped \(2000 - kept) log lines that nobody took from standard output"))
            pipe.closeBoth()
        }
    }

    @Test func linesOfSeveralLoopsDoNotMix() async throws {
        let loops = try (0..<3).map { _ in try EventLoop.startThread(named: "log") }
        defer { for loop in loops { loop.stop() } }
        let directory = TemporaryDirectory()
        let path = "\(directory.path)/log"
        let file = try OutputFile(appendingTo: path)
        let log = Log(
            name: "x", format: .text, level: .info, output: LineOutput(descriptor: file.descriptor), loops: loops)
        await withTaskGroup(of: Void.self) { group in
            for (number, loop) in loops.enumerated() {
                group.addTask {
                    for _ in 0..<200 {
                        await loop.run { for _ in 0..<5 { log.info(String(repeating: "\(number)", count: 200)) } }
                    }
                    await loop.run { log.flush() }
                }
            }
        }
        let lines = String(decoding: try FileSystem.read(path), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3000)
        #expect(
            lines.allSatisfy { line in
                let text = line.dropFirst(20)
                return text.count == 200 && Set(text).count == 1
            })
        directory.remove()
    }

    @Test(arguments: LogFormat.allCases)
    func aThreadWithoutALoopCanLog(format: LogFormat) async throws {
        let loop = try EventLoop.startThread(named: "log")
        let stranger = try EventLoop.startThread(named: "stranger")
        defer { for loop in [loop, stranger] { loop.stop() } }
        let pipe = Pipe(nonBlocking: false)
        let output = LineOutput(descriptor: pipe.writer)
        let log = Log(name: "x", format: format, level: .debug, output: output, loops: [loop])
        await stranger.run {
            log.warn("from outside")
            log.requestFinished(LogTests.request("/go/outside"))
        }
        // Nobody has flushed, and no loop's turn is awaited.
        let lines = String(decoding: pipe.read(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains("from outside") && lines[1].contains("/go/outside"))
        await stranger.run { log.flush() }
        pipe.closeBoth()
    }

    @Test func whatAFullOutputDidNotTakeOfAThreadWithoutALoopLeavesLater() async throws {
        let loop = try EventLoop.startThread(named: "log")
        let stranger = try EventLoop.startThread(named: "stranger")
        defer { for loop in [loop, stranger] { loop.stop() } }
        let pipe = Pipe(nonBlocking: false)
        pipe.narrow()
        let output = LineOutput(descriptor: pipe.writer)
        let log = Log(name: "x", format: .text, level: .info, output: output, loops: [loop])
        // 1000 bytes each; a pipe of one page counts as full once there is something in it.
        await stranger.run { for number in 0..<4 { log.info(String(repeating: "\(number)", count: 979)) } }
        #expect(pipe.read().count == 1000)
        await stranger.run { log.flush() }
        #expect(pipe.read().count == 3000)
        pipe.closeBoth()
    }

    /// A reader that goes on, a little at a time, must not hold the end of a program up for as long as it likes.
    @Test func theLastFlushHasABoundInTotal() async throws {
        let reader = try EventLoop.startThread(named: "reader")
        defer { reader.stop() }
        let pipe = Pipe()
        pipe.narrow()
        let taken = Mutex(0)
        let isSlow = Mutex(true)
        let logged = 1_000_000
        let reading = await reader.run {
            // Each page that it takes is progress, and all of them together would take 25 s.
            reader.startTask {
                while taken.withLock({ $0 < logged }) {
                    try? await reader.sleep(for: isSlow.withLock { $0 } ? .milliseconds(100) : .milliseconds(1))
                    let count = pipe.read().count
                    taken.withLock { $0 += count }
                }
            }
        }
        try await withLoop { loop in
            let output = LineOutput(descriptor: pipe.writer)
            let log = Log(name: "x", format: .text, level: .info, output: output, loops: [loop])
            for _ in 0..<1000 { log.info(String(repeating: "y", count: 979)) }
            log.flush()
            #expect(taken.withLock { $0 } < logged / 2, "it waited until all was taken")
            isSlow.withLock { $0 = false }
            await reading.value
        }
        pipe.closeBoth()
    }
}
