import Addresses
import HTTP2
import LoadBalancing
import RPCClient
import RPCTransport
import Testing

@Suite struct ChannelEventTests {
    private static let pod = SocketAddress.ip(.v4(0x0AF4_0007), port: 8080)
    private static let others = (1...12).map { SocketAddress.ip(.v4(0x0A00_0000 + UInt32($0)), port: 80) }
    private static let broken = HTTP2ErrorCode(rawValue: 99)

    @Test(
        arguments: [
            (.addresses(count: 0, added: [], removed: []), "addresses", "dns:///pods:80 has no addresses"),
            (
                .addresses(count: 1, added: [others[0]], removed: []), "addresses",
                "dns:///pods:80 has 1 address: 10.0.0.1:80"
            ),
            (
                .addresses(count: 12, added: others, removed: []), "addresses",
                "dns:///pods:80 has 12 addresses: 10.0.0.1:80, 10.0.0.2:80, 10.0.0.3:80, 10.0.0.4:80, 10.0.0.5:80,"
                    + " 10.0.0.6:80, 10.0.0.7:80, 10.0.0.8:80, 10.0.0.9:80, 10.0.0.10:80 and 2 more"
            ),
            (
                .addresses(count: 2, added: [others[1]], removed: []), "addresses",
                "dns:///pods:80 has 2 addresses now; new: 10.0.0.2:80"
            ),
            (
                .addresses(count: 0, added: [], removed: [others[1]]), "addresses",
                "dns:///pods:80 has no addresses now; gone: 10.0.0.2:80"
            ),
            (
                .lookupFailed(reason: "no answer", retryIn: .milliseconds(1_240)), "lookup-failed",
                "look-up of dns:///pods:80 failed: no answer; the next in 1.2s"
            ),
            (
                .lookupFailed(reason: "no answer", retryIn: nil), "lookup-failed",
                "look-up of dns:///pods:80 failed: no answer"
            ),
            (.connected(pod), "connected", "connected to 10.244.0.7:8080"),
            (
                .connectFailed(pod, reason: "Connection refused", retryIn: .milliseconds(950)), "connect-failed",
                "cannot connect to 10.244.0.7:8080: Connection refused; the next attempt in 1.0s"
            ),
            (
                .goAway(pod, GoAway(.noError, debugData: "max_age"), age: .milliseconds(30_249), retryIn: nil),
                "goaway",
                "GOAWAY NO_ERROR from 10.244.0.7:8080 after 30.2s: max_age: the server ends connections of this age"
            ),
            (
                .goAway(pod, GoAway(broken), age: .zero, retryIn: .seconds(2)), "goaway",
                "GOAWAY error code 99 from 10.244.0.7:8080 after 0.0s: the server ends the connection with error code 99;"
                    + " the next attempt in 2.0s"
            ),
            (
                .connectionLost(pod, reason: "Connection reset by peer", age: .seconds(7), retryIn: nil),
                "connection-lost",
                "connection to 10.244.0.7:8080 lost after 7.0s: Connection reset by peer"
            ),
            (
                .connectionClosed(pod, reason: "its address is no longer wanted", age: .seconds(7)),
                "connection-closed",
                "connection to 10.244.0.7:8080 closed after 7.0s: its address is no longer wanted"
            ),
            (.state(from: .ready, to: .transientFailure), "state", "the channel is TRANSIENT_FAILURE, it was READY"),
            (
                .state(from: .ready, to: .idle, reason: "no call for 30m"), "state",
                "the channel is IDLE, it was READY: no call for 30m"
            ),
        ] as [(ChannelEvent.Kind, String, String)])
    func words(kind: ChannelEvent.Kind, name: String, message: String) {
        let event = ChannelEvent(kind, of: "dns:///pods:80", unixNanoseconds: 0)
        #expect(event.name == name && event.message() == message)
    }

    @Test func aPodIsNamedBesideItsAddress() {
        let event = ChannelEvent(.connected(Self.pod), of: "dns:///pods:80", unixNanoseconds: 0)
        #expect(event.message(name: "pod-7") == "connected to 10.244.0.7:8080 (pod-7)")
    }
}
