import JSON
import LocalCluster
import System
import Testing

@Suite struct StateFileTests {
    private let state = StateFile(
        name: "sample-service", supervisor: ProcessIdentity(pid: 100, startTime: 5_000), network: 69, port: 31234,
        children: [ProcessIdentity(pid: 101, startTime: 5_001), ProcessIdentity(pid: 102, startTime: 5_002)])

    @Test func itReadsWhatItWrote() throws {
        #expect(StateFile(try JSONParser.parse(state.json.text)) == state)
    }

    @Test(arguments: [
        "null", "{}",
        #"{"name":"a","supervisor":{"pid":1,"startTime":2},"network":"127.1.0.0/16","port":1,"children":[]}"#,
        #"{"name":"a","supervisor":{"pid":9,"startTime":2},"network":"x","port":1,"children":[]}"#,
        #"{"name":"a","supervisor":{"pid":9,"startTime":2},"network":"127.1.0.0/16","port":1,"children":[{"pid":-1}]}"#,
    ])
    func whatIsDamagedIsNotUsed(text: String) throws {
        #expect(StateFile(try JSONParser.parse(text)) == nil)
    }
}
