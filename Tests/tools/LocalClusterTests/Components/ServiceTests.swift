import LocalCluster
import Testing

@Suite struct ServiceTests {
    @Test func aShortNameIsCompletedAsInAPod() {
        #expect(Service.complete("sample-service-grpc") == "sample-service-grpc.default.svc.cluster.local")
        #expect(Service.complete("a.other.svc.cluster.local") == "a.other.svc.cluster.local")
    }
}
