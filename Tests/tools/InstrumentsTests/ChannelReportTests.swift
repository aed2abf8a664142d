import Instruments
import JSON
import Testing

@Suite struct ChannelReportTests {
    @Test func itCountsReadyConnections() throws {
        let text = """
            {"target":"dns:///x","policy":"round_robin","state":"READY","resolver":{"addresses":["1","2","3"]},
             "subchannels":[{"address":"127.1.1.1:8080","state":"READY","picks":3,"inFlight":0,"lastError":null},
                            {"address":"127.1.1.2:8080","state":"CONNECTING","lastError":"refused"}]}
            """
        let report = try #require(ChannelReport(try JSONParser.parse(text)))
        #expect(report.state == "READY" && report.ready == ["127.1.1.1:8080"] && report.lastError == "refused")
        #expect(report.inFlight == ["127.1.1.1:8080": 0])
    }

    @Test func anotherAnswerIsNotUnderstood() throws {
        #expect(ChannelReport(try JSONParser.parse(#"{"error":{"code":"UNAVAILABLE"}}"#)) == nil)
    }
}
