import Addresses
import DNS
import Events
import TestSupport
import Testing
import Timing

/// Against a real dnsmasq.
@Suite(.timeLimit(.minutes(5))) struct DNSClientTests {
    private static func withServer<Value: Sendable>(
        hosts: String = "", timeToLive: Int = 5, options: [String] = [],
        _ body: @escaping @Sendable (Dnsmasq, DNSClient) async throws -> Value
    ) async throws -> Value {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: hosts, timeToLive: timeToLive, options: options)
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: server.address))
            let value = try await body(server, client)
            await server.stop()
            return value
        }
    }

    private static func addresses(_ texts: String...) -> Set<IPAddress> { Set(texts.compactMap { IPAddress($0) }) }

    @Test func everyAddressOfANameIsFound() async throws {
        let hosts = "127.1.0.1 pods.test\n127.1.0.2 pods.test\n127.1.0.3 pods.test\n::5 pods.test\n"
        try await DNSClientTests.withServer(hosts: hosts, timeToLive: 9) { _, client in
            let answer = try await client.addresses(of: "pods.test")
            #expect(Set(answer.addresses) == DNSClientTests.addresses("127.1.0.1", "127.1.0.2", "127.1.0.3", "::5"))
            #expect(answer.addresses.count == 4)
            #expect(answer.addresses.last == .v6(5))
            #expect(answer.timeToLive == .seconds(9))
            #expect(answer.isComplete)
        }
    }

    @Test func aNameWithOneFamilyOnlyIsNoError() async throws {
        try await DNSClientTests.withServer(hosts: "127.1.0.1 four.test\n::6 six.test\n") { _, client in
            let four = try await client.addresses(of: "four.test")
            let six = try await client.addresses(of: "six.test")
            #expect(four.addresses == [.v4(0x7f01_0001)])
            #expect(six.addresses == [.v6(6)])
        }
    }

    @Test func aMissingNameIsAnErrorThatNamesHostServerAndReason() async throws {
        try await DNSClientTests.withServer { server, client in
            let error = await #expect(throws: DNSError.self) { try await client.addresses(of: "missing.test") }
            #expect(error?.reason == .nameNotFound)
            #expect(
                error?.description
                    == "cannot resolve \"missing.test\" (asked \(server.address)): name not found (NXDOMAIN)")
        }
    }

    @Test func aNameWithoutAnyAddressIsAnErrorOfItsOwn() async throws {
        try await DNSClientTests.withServer(options: ["--txt-record=text.test,hello"]) { _, client in
            let error = await #expect(throws: DNSError.self) { try await client.addresses(of: "text.test") }
            #expect(error?.reason == .noAddresses)
        }
    }

    @Test func theTimeToLiveOfAnAliasCounts() async throws {
        let options = ["--cname=alias.test,real.test,2"]
        try await DNSClientTests.withServer(hosts: "127.1.0.1 real.test\n", options: options) { _, client in
            let real = try await client.addresses(of: "real.test")
            let alias = try await client.addresses(of: "alias.test")
            #expect(real.timeToLive == .seconds(5))
            #expect(alias.timeToLive == .seconds(2))
        }
    }

    @Test func changedHostsAreSeenByTheNextLookUp() async throws {
        try await DNSClientTests.withServer(hosts: "127.1.0.1 pods.test\n") { server, client in
            let before = try await client.addresses(of: "pods.test")
            try await server.replaceHosts("127.1.0.7 pods.test\n")
            let after = try await client.addresses(of: "pods.test")
            #expect(before.addresses == [.v4(0x7f01_0001)])
            #expect(after.addresses == [.v4(0x7f01_0007)])
        }
    }

    @Test func searchDomainsAndNdotsAreThoseOfTheResolverFile() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: "127.1.0.1 pods.shop.test\n127.1.0.2 pods.shop\n")
            let directory = TemporaryDirectory()
            directory.write("search nothing.test test\noptions ndots:5\n", to: "resolv.conf")
            let client = DNSClient(
                on: loop,
                configuration: DNSConfiguration(
                    server: server.address, resolverFile: "\(directory.path)/resolv.conf"))
            // With ndots:5 the search list comes before the name as it is.
            let answer = try await client.addresses(of: "pods.shop")
            #expect(answer.addresses == [.v4(0x7f01_0001)])
            directory.remove()
            await server.stop()
        }
    }

    @Test func aServerThatDoesNotListenIsSaidToRefuse() async throws {
        try await withLoop { loop in
            let nobody = freeLoopbackAddress()
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: nobody))
            let error = await #expect(throws: DNSError.self) { try await client.addresses(of: "pods.test") }
            #expect(error?.reason == .connectionRefused)
            #expect(error?.servers == nobody.description)
        }
    }

    @Test(arguments: ["127.0.0.9", "::1"])
    func aLiteralIsItsOwnAnswerAndIsNotAskedFor(literal: String) async throws {
        try await withLoop { loop in
            // Nobody listens there, so a query would fail.
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: freeLoopbackAddress()))
            let answer = try await client.addresses(of: literal)
            #expect(answer.addresses.map(\.description) == [literal])
            #expect(answer.timeToLive == nil)
        }
    }

    @Test(arguments: ["", "two words", "nul\0.test", String(repeating: "a.", count: 200), "a..b"])
    func whatIsNoNameIsRefused(host: String) async throws {
        try await withLoop { loop in
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: freeLoopbackAddress()))
            let error = await #expect(throws: DNSError.self) { try await client.addresses(of: host) }
            #expect(error?.reason == .malformedName)
        }
    }

    @Test func manyLookUpsAtOnceEachGetTheirOwnAnswer() async throws {
        let hosts = (1...40).map { "127.2.0.\($0) pod\($0).test\n" }.joined()
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: hosts)
            let client = DNSClient(on: loop, configuration: DNSConfiguration(server: server.address))
            let journal = Journal<(Int, [IPAddress])>()
            for pod in 1...40 {
                client.lookUp("pod\(pod).test") { journal.note((pod, (try? $0.get().addresses) ?? [])) }
            }
            for _ in 1...40 {
                let (pod, addresses) = await journal.next()
                #expect(addresses == [.v4(0x7f02_0000 + UInt32(pod))])
            }
            await server.stop()
        }
    }
}
