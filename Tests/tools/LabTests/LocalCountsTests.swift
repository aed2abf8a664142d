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

    /// As etcd 3.4 tells them.
    @Test func etcdsOwnCountsAreByMethod() {
        let metrics = """
            # TYPE grpc_server_msg_received_total counter
            grpc_server_msg_received_total{grpc_method="LeaseKeepAlive",grpc_service="etcdserverpb.Lease",grpc_type="bidi_stream"} 21
            grpc_server_msg_received_total{grpc_method="Range",grpc_service="etcdserverpb.KV",grpc_type="unary"} 1
            grpc_server_started_total{grpc_method="LeaseKeepAlive",grpc_service="etcdserverpb.Lease",grpc_type="bidi_stream"} 5
            grpc_server_started_total{grpc_method="Put",grpc_service="etcdserverpb.KV",grpc_type="unary"} 5
            grpc_server_started_total{grpc_method="Range",grpc_service="etcdserverpb.KV",grpc_type="unary"} 1
            grpc_server_started_total{grpc_method="Watch",grpc_service="etcdserverpb.Watch",grpc_type="bidi_stream"} 2
            """
        #expect(RegistryCounts.etcd(metrics) == RegistryRequests(reads: 1, watches: 2, entries: 5, renewals: 21))
        let absurd = ["NaN", "+Inf", "-1", "1e30", "0.5", "x"].map {
            "grpc_server_started_total{grpc_method=\"Put\"} \($0)\n"
        }
        #expect(RegistryCounts.etcd(absurd.joined()).entries == 0)
        #expect(
            RegistryCounts.etcd(String(repeating: "grpc_server_started_total{grpc_method=\"Put\"} 2e9\n", count: 9))
                .entries == Int(Int32.max))
        #expect(RegistryCounts.etcd("") == RegistryRequests(reads: 0, watches: 0, entries: 0, renewals: 0))
    }

    /// As Consul 1.8 tells them; one that does not is not taken for one that was asked nothing.
    @Test func consulsOwnCountsAreByPath() {
        let metrics = """
            # TYPE consul_http_GET_v1_health_service__ summary
            consul_http_GET_v1_health_service__{quantile="0.5"} 0.4
            consul_http_GET_v1_health_service___sum 1.2
            consul_http_GET_v1_health_service___count 1
            consul_http_PUT_v1_agent_check_pass___count 20
            consul_http_PUT_v1_agent_service_register_count 5
            """
        #expect(RegistryCounts.consul(metrics) == RegistryRequests(reads: 1, entries: 5, renewals: 20))
        #expect(RegistryCounts.consul("consul_api_http_count 7") == nil)
    }

    @Test func envoysLookUpsAreItsAttemptsForTheCluster() {
        #expect(EnvoyStats.lookups("cluster.grpc.update_attempt: 12\n") == 12)
        #expect(EnvoyStats.lookups("cluster.grpc.update_attempt_x: 12\ncluster.grpc.update_empty: 1\n") == nil)
    }
}
