import ConsulDiscovery
import RPCCore
import Testing

@Suite struct ConsulAddressTests {
    @Test(arguments: [
        ("sample-service-consul:8500", "sample-service-consul:8500"), ("127.0.0.1:18500", "127.0.0.1:18500"),
        ("http://consul.test:80", "consul.test:80"), ("http://consul.test:80/", "consul.test:80"),
        ("HTTP://consul.test", "consul.test:8500"), ("localhost", "localhost:8500"), ("[::1]:8501", "[::1]:8501"),
        ("http://[fd00::7]", "[fd00::7]:8500"),
    ])
    func whatConsulsToolsRead(_ text: String, _ address: String) throws {
        #expect(try ConsulAddress(text).description == address)
    }

    @Test(arguments: [
        "", ":8500", "consul:0", "consul:65536", "consul:+1", "a:b:c", "http://", "http://consul/v1", "con sul:8500",
        "[::1", "[127.0.0.1]:8500", "::1", "999.0.0.1:8500", "user@consul:8500", "unix:///run/consul.sock",
    ])
    func whatIsNoAddress(_ text: String) {
        #expect { try ConsulAddress(text) } throws: { ($0 as? RPCError)?.code == .invalidArgument }
    }

    @Test func httpsIsSecureAndHasAPortOfItsOwn() throws {
        let address = try ConsulAddress("https://consul.test")
        #expect(address.isSecure)
        #expect(address.port == 8501)
        #expect(try ConsulAddress("https://[::1]:7501/").port == 7501)
        #expect(try !ConsulAddress("http://consul.test").isSecure)
        #expect(try !ConsulAddress("consul.test").isSecure)
    }

    @Test func aTokenIsWhatAFieldCanCarry() {
        #expect(ConsulToken("b1gs33cr3t") != nil)
        #expect(ConsulToken("") == nil)
        #expect(ConsulToken("one two") == nil)
        #expect(ConsulToken("a\r\nX-Other: b") == nil)
    }
}
