import LocalCluster
import System
import Testing
import samplectl

@Suite struct LogSourceTests {
    private static let name = LogName("sample-service-grpc-wk9zgzcqf-64pgz")

    /// A directory of the test's own, gone when the test ends.
    private func withLog(_ body: (String) throws -> Void) throws {
        let directory = "/tmp/samplectl-test-\(Program.pid)-\(UInt32.random(in: 0 ... .max))"
        try FileSystem.createDirectory(directory)
        defer { try? FileSystem.removeTree(directory) }
        try body(directory + "/a.log")
    }

    private func write(_ text: String, to path: String) throws {
        try OutputFile(appendingTo: path).append(Array(text.utf8))
    }

    private func lines(_ source: LogSource, atEnd: Bool = false) -> [String] {
        var lines: [String] = []
        while let record = source.next(atEnd: atEnd) { lines.append(String(decoding: record.line, as: UTF8.self)) }
        return lines
    }

    @Test func linesComeWhenTheyAreComplete() throws {
        try withLog { path in
            let source = LogSource(LogSourceTests.name, path: path)
            #expect(lines(source) == [])
            try write("one\ntw", to: path)
            #expect(lines(source) == ["one"])
            try write("o\n\nthree", to: path)
            #expect(lines(source) == ["two", ""])
            #expect(lines(source, atEnd: true) == ["three"])
        }
    }

    @Test func aFileThatIsBegunAnewLosesNothing() throws {
        try withLog { path in
            try write("first\n", to: path)
            let source = LogSource(LogSourceTests.name, path: path)
            #expect(lines(source) == ["first"])
            // Also what was written after it was read last, and a line that the two files share.
            try write("second\nthi", to: path)
            try FileSystem.rename(path, to: path + ".1")
            try write("rd\nfourth\n", to: path)
            #expect(lines(source) == ["second", "third", "fourth"])
            #expect(lines(LogSource(LogSourceTests.name, path: path)) == ["first", "second", "third", "fourth"])
        }
    }

    /// A reader that is held up, by a pager or Ctrl-S, while the file is begun anew twice.
    @Test func aFileThatIsBegunAnewTwiceLosesNothingThatIsThere() throws {
        try withLog { path in
            try write("first\n", to: path)
            let source = LogSource(LogSourceTests.name, path: path)
            #expect(lines(source) == ["first"])
            try write("second\n", to: path)
            try FileSystem.rename(path, to: path + ".1")
            try write("third\n", to: path)
            try FileSystem.rename(path, to: path + ".1")
            try write("fourth\n", to: path)
            #expect(lines(source) == ["second", "third", "fourth"])
            try FileSystem.rename(path, to: path + ".1")
            try write("fifth\n", to: path)
            #expect(lines(source) == ["fifth"])
        }
    }

    /// A file of four bytes is begun anew by the next line. `log` writes as pods' logs are written.
    @Test func whatIsRotatedAwayBeforeItIsReadIsCounted() throws {
        try withLog { path in
            let log = try PodLog(path, longestFile: 4)
            func write(_ lines: String...) { for line in lines { log.append(Array("\(line)\n".utf8)) } }
            var missed: [Int] = []
            let source = LogSource(LogSourceTests.name, path: path, missed: { missed.append($0) })
            write("first")
            #expect(lines(source) == ["first"])
            write("second", "third")
            #expect(lines(source) == ["second", "third"] && missed == [])
            write("fourth", "fifth", "6th", "last")
            #expect(lines(source) == ["6th", "last"] && missed == ["fourth\nfifth\n".utf8.count])
            // Who begins now has missed nothing.
            let late = LogSource(LogSourceTests.name, path: path, missed: { missed.append($0) })
            write("x1234")
            #expect(lines(late) == ["6th", "last", "x1234"] && lines(source) == ["x1234"] && missed.count == 1)
        }
    }

    /// A line that goes on in a file that is gone is not joined with another one.
    @Test func aLineWhoseEndIsGoneEndsThere() throws {
        try withLog { path in
            let log = try PodLog(path, longestFile: 4)
            var missed = 0
            let source = LogSource(LogSourceTests.name, path: path, missed: { missed += $0 })
            log.append(Array("begun, ".utf8))
            #expect(lines(source) == [])
            for text in ["gone ", "gone ", "ended\n", "next\n"] { log.append(Array(text.utf8)) }
            #expect(lines(source) == ["begun, ", "ended", "next"])
            #expect(missed == 10)
        }
    }

    @Test func aFileThatBecameShorterIsReadAnew() throws {
        try withLog { path in
            try write("a long first line\n", to: path)
            let source = LogSource(LogSourceTests.name, path: path)
            #expect(lines(source).count == 1)
            try FileSystem.removeFile(path)
            try write("new\n", to: path)
            #expect(lines(source) == ["new"])
        }
    }

    @Test(arguments: [
        (0, []), (1, ["5"]), (2, ["", "5"]), (3, ["4", "", "5"]), (5, ["2", "3", "4", "", "5"]),
        (6, ["1", "2", "3", "4", "", "5"]), (9, ["1", "2", "3", "4", "", "5"]),
    ])
    func theTailIsOfBothFiles(count: Int, expected: [String]) throws {
        for end in ["5\n", "5"] {
            try withLog { path in
                try write("1\n2\n", to: path + ".1")
                try write("3\n4\n\n" + end, to: path)
                #expect(lines(LogSource(LogSourceTests.name, path: path, tail: count), atEnd: true) == expected)
            }
        }
    }

    @Test func aLongLogIsReadInPieces() throws {
        try withLog { path in
            let numbers = (0..<30_000).map { "line \($0)" }
            try write(numbers.joined(separator: "\n") + "\n", to: path)
            #expect(lines(LogSource(LogSourceTests.name, path: path)) == numbers)
            #expect(lines(LogSource(LogSourceTests.name, path: path, tail: 20_000)) == Array(numbers.suffix(20_000)))
        }
    }

    @Test func aLineWithoutEndIsCut() throws {
        try withLog { path in
            try write(String(repeating: "x", count: LogSource.longestLine + 100_000), to: path)
            let source = LogSource(LogSourceTests.name, path: path)
            let first = try #require(source.next(atEnd: false))
            #expect(first.line.count >= LogSource.longestLine && first.line.count < LogSource.longestLine + 100_000)
            #expect(source.next(atEnd: false) == nil)
        }
    }

    @Test func aLineWithoutATimeHasThatOfTheLineBeforeIt() throws {
        try withLog { path in
            try write(
                "starting\n2023/11/24 07:30:45 a\n  more of a\n2023/11/24 07:30:44 late\n  more\n", to: path)
            let source = LogSource(LogSourceTests.name, path: path)
            var records: [LogRecord] = []
            while let record = source.next(atEnd: true) { records.append(record) }
            let second: Int64 = 1_700_811_045_000_000_000
            #expect(records.map(\.time) == [0, 0, 0, -1, -1].map { second + $0 * 1_000_000_000 })
            #expect(records.map(\.order) == records.map { _ in second }, "a log's lines stay in their order")
        }
    }

    @Test func aLogWithoutAnyTimeHasItsFiles() throws {
        try withLog { path in
            try write("one\n", to: path)
            let record = try #require(LogSource(LogSourceTests.name, path: path).next(atEnd: true))
            #expect(abs(record.time - WallClock.nanoseconds) < 3_600_000_000_000)
        }
    }

    @Test func logsAreMergedByTime() throws {
        try withLog { path in
            try write("2023/11/24 07:30:45 a\n  trace\n2023/11/24 07:30:47 c\n2023/11/24 07:30:48 d\n", to: path)
            try write(
                #"{"time":"2023-11-24T07:30:46.500Z","message":"b"}"# + "\n2023/11/24 07:30:48 e\n", to: path + "2")
            var merge = LogMerge()
            for each in [path, path + "2"] { merge.add(LogSource(LogName(each), path: each)) }
            merge.refill(atEnd: true)
            var order: [String] = []
            while let record = merge.next(atEnd: true) { order.append(String(decoding: record.line, as: UTF8.self)) }
            #expect(order.map(\.last) == ["a", "e", "}", "c", "d", "e"])
        }
    }
}

@Suite struct LogSelectionTests {
    private static let pods = [
        "sample-service-grpc-wk9zgzcqf-64pgz", "sample-service-grpc-wk9zgzcqf-7h2k9",
        "sample-service-gateway-7d9f8c6b5-x2x4z", "sample-service-gateway-7d9f8c6b5-x2x4z-envoy",
    ]
    private static let names = (pods + ["dnsmasq", "supervisor"]).map { LogName($0) }

    private func chosen(_ words: String...) throws -> [String] {
        try LogSelection(words).chosen(from: LogSelectionTests.names).map(\.text).sorted()
    }

    @Test func aNameHasItsParts() {
        let name = LogName(LogSelectionTests.pods[3])
        #expect(name.pod == LogSelectionTests.pods[2] && name.component == "gateway" && name.container == "envoy")
        let pod = LogName(LogSelectionTests.pods[0])
        #expect(pod.pod == pod.text && pod.component == "grpc" && pod.container == nil)
        #expect(LogName("dnsmasq").component == nil)
    }

    @Test func componentsPodsAndPartsOfNames() throws {
        let pods = LogSelectionTests.pods
        #expect(try chosen() == pods.sorted())
        #expect(try chosen("grpc") == [pods[0], pods[1]])
        #expect(try chosen("grpc", "gateway") == pods.sorted())
        #expect(try chosen(pods[1]) == [pods[1]])
        #expect(try chosen("64pgz", "dnsmasq") == ["dnsmasq", pods[0]])
        #expect(try chosen("x2x4z") == [pods[2], pods[3]], "a pod and its sidecar")
        #expect(try chosen("supervisor") == ["supervisor"])
    }

    @Test func whatIsNotClearIsNamed() {
        #expect(throws: UnknownLog(word: "wk9", candidates: Array(LogSelectionTests.pods[..<2]))) { try chosen("wk9") }
        #expect(throws: UnknownLog(word: "nobody", candidates: [])) { try chosen("grpc", "nobody") }
        #expect(throws: UnknownLog.self) { try chosen("") }
        #expect(throws: UnknownLog.self, "a component without pods is no part of a name") { try chosen("js") }
    }
}
