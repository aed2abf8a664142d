import Testing
import samplectl

@Suite struct LogLineTimeTests {
    /// 2023-11-24T07:30:45Z
    private static let second: Int64 = 1_700_811_045_000_000_000
    private static let now = second + 3_600_000_000_000

    @Test(arguments: [
        ("2023/11/24 07:30:45 Received request: /sample.service.HelloWorld/SayHello", 0),
        ("2023/11/24 07:30:45 [error] 12#12: *3 connect() failed", 0),
        ("2023/11/24 07:30:45.25 a log line of Go's", 250_000_000),
        ("[GATEWAY] 2023/11/24 - 07:30:45 | 200 |       2.098ms |       127.0.0.1 | GET      \"/go\"", 0),
        ("2023-11-24T07:30:45.678Z [WARN]  agent: a line of Consul's", 678_000_000),
        ("    2023-11-24T07:30:45.678Z [WARN]  agent: as Consul indents it", 678_000_000),
        (#"    {"@timestamp":"2023-11-24T07:30:45.678901Z"}"#, 678_901_000),
        ("2023-11-24T08:30:45+01:00 elsewhere", 0),
        ("[2023-11-24 07:30:45.678][7][warning][main] [source/server.cc:1] Envoy's", 678_000_000),
        ("Nov 24 07:30:45 dnsmasq[12]: started, version 2.90", 0),
        (#"{"time":"2023-11-24T07:30:45.678Z","level":"info","message":"ours"}"#, 678_000_000),
        (#"{"level":"warn","ts":"2023-11-24T07:30:45.678Z","caller":"etcd"}"#, 678_000_000),
        (#"{"level":"warn","ts":1700811045.5,"caller":"an older etcd"}"#, 500_000_000),
        (#"{"@level":"warn","@timestamp":"2023-11-24T07:30:45.678901Z"}"#, 678_901_000),
    ])
    func everyFormThatOccursIsRead(line: String, nanoseconds: Int64) {
        #expect(LogLineTime.read(Array(line.utf8), now: LogLineTimeTests.now) == LogLineTimeTests.second + nanoseconds)
    }

    @Test(arguments: [
        "", " ", "[", "{", "{}", "1", "Fatal error: index out of range", "    at frame 3", "[GATEWAY] listens",
        "2023/11/24", "2023/13/24 07:30:45", "2023/11/24 07:30", "Now 24 07:30:45", "Nov 31 07:30:45", "[[[[[[[[[[",
        #"{"time":"soon"}"#, #"{"time":1e300}"#, #"{"time":"#, "2099/01/01 00:00:00 is to come",
    ])
    func otherLinesHaveNone(line: String) {
        #expect(LogLineTime.read(Array(line.utf8), now: LogLineTimeTests.now) == nil)
    }

    @Test func decembersLinesAreLastYearsInJanuary() {
        // 2024-01-02T00:00:00Z
        let january: Int64 = 1_704_153_600_000_000_000
        #expect(LogLineTime.read(Array("Dec 31 23:59:59 x".utf8), now: january) == 1_704_067_199_000_000_000)
        #expect(LogLineTime.read(Array("Jan  1 00:00:00 x".utf8), now: january) == 1_704_067_200_000_000_000)
    }
}
