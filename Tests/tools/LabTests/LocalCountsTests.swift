import Addresses
import Lab
import Testing

/// What the lab reads of this machine: connections, DNS queries, calls under way.
@Suite struct LocalCountsTests {
    /// As `/proc/net/tcp` has them on a little-endian machine: 127.5.1.3:8080 is 0301057F:1F90.
    private let table = Array(
        """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0301057F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
           1: 0301057F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
           2: 0100007F:C350 0301057F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
           3: 0301057F:1F90 0100007F:C351 06 00000000:00000000 03:00001700 00000000     0        0 0 3 0
           4: 0301057F:2382 0100007F:C352 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1

        """.utf8)

    @Test(.enabled(if: 1.littleEndian == 1))
    func establishedConnectionsOfAPodAreThoseAtItsOwnAddressAndPort() throws {
        let pod = try #require(SocketAddress("127.5.1.3:8080"))
        #expect(SocketTable.count(table, at: [pod]) == 1)
        #expect(SocketTable.count(table, at: [try #require(SocketAddress("127.5.1.4:8080"))]) == 0)
        #expect(SocketTable.count([], at: [pod]) == 0)
    }

    @Test func dnsmasqsLastWordOnItsQueriesCounts() throws {
        let log = """
            2026/11/22 08:57:01 dnsmasq[7]: queries forwarded 0, queries answered locally 12
            2026/11/22 08:57:01 dnsmasq[7]: queries for authoritative zones 0
            2026/11/22 08:57:12 dnsmasq[7]: queries forwarded 0, queries answered locally 19

            """
        let last = try #require(QueryCount.last(in: Array(log.utf8)))
        #expect(last.count == 19 && last.told == 2)
        #expect(QueryCount.last(in: Array("dnsmasq[7]: started\n".utf8)) == nil)
    }

    @Test func callsUnderWayAreThoseThatBeganAndDidNotEndOfTheSamplesOwnMethod() {
        let metrics = """
            # TYPE grpc_server_call_started_total counter
            grpc_server_call_started_total{grpc_method="sample.service.HelloWorld/SayHello"} 57
            grpc_server_call_started_total{grpc_method="grpc.health.v1.Health/Watch"} 9
            grpc_server_call_duration_seconds_count{grpc_method="sample.service.HelloWorld/SayHello",grpc_status="OK"} 40
            grpc_server_call_duration_seconds_count{grpc_method="sample.service.HelloWorld/SayHello",grpc_status="CANCELLED"} 7
            grpc_server_call_duration_seconds_sum{grpc_method="sample.service.HelloWorld/SayHello",grpc_status="OK"} 99
            """
        #expect(PodCalls.underWay(metrics) == 10)
        #expect(PodCalls.underWay("") == 0)
    }
}
