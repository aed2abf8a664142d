import Glibc
import ServiceKit
import Testing

@Suite struct ServiceIdentityTests {
    @Test func thePodsNameIsTheHostname() {
        let identity = ServiceIdentity(name: "gateway", podName: "gateway-7d9f")
        #expect(identity == ServiceIdentity(name: "gateway", version: "0.1.0", hostname: "gateway-7d9f"))
    }

    @Test func withoutAPodItIsTheHosts() {
        var buffer = [CChar](repeating: 0, count: 256)
        let result = unsafe gethostname(&buffer, buffer.count)
        #expect(result == 0)
        let expected = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #expect(ServiceIdentity(name: "gateway", podName: "").hostname == expected)
    }
}
