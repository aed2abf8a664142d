import Addresses
import DNS
import Events
import Glibc
import System
import TestSupport
import Testing

/// Against a real dnsmasq.
@Suite(.timeLimit(.minutes(5))) struct NameDialerTests {
    /// What a stream told, in order.
    private final class Client: ByteStreamDelegate {
        let journal = Journal<String>()

        func streamConnected() { journal.note("connected") }
        func streamReceived(_ bytes: Span<UInt8>) {
            journal.note("received \(String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self))")
        }
        func streamDrained() { journal.note("drained") }
        func streamReachedEnd() { journal.note("end") }
        func streamClosed(_ error: SystemError?) { journal.note("closed\(error.map { ": \($0)" } ?? "")") }
    }

    /// Greets whoever comes with what it is sent.
    private final class Echo: ByteStreamDelegate {
        var stream: (any ByteStream)?

        func streamReceived(_ bytes: Span<UInt8>) {
            stream?.write(bytes)
            stream?.finish()
        }
        func streamReachedEnd() { stream?.finish() }
        func streamClosed(_ error: SystemError?) { stream = nil }
    }

    private func withNames(
        _ hosts: String, _ body: @escaping @Sendable (EventLoop, NameDialer) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(on: loop, hosts: hosts, timeToLive: 5, options: [])
            try await body(loop, NameDialer(configuration: DNSConfiguration(server: server.address)))
            await server.stop()
        }
    }

    private func listen(on address: SocketAddress, _ loop: EventLoop) throws -> Listener {
        try Listener(on: address, loop: loop) { accepted in
            let echo = Echo()
            echo.stream = try? SocketStream(
                adopting: accepted.descriptor, peer: accepted.peer, on: loop, delegate: echo)
        }
    }

    @Test func whatIsWrittenBeforeTheAnswerArrives() async throws {
        try await withNames("127.1.0.1 pods.test\n") { loop, dialer in
            let listener = try listen(on: .ip(.v4(0x7f01_0001), port: 0), loop)
            let port = try #require(listener.address.port)
            let client = Client()
            let stream = try dialer.dial(.host("pods.test", port: port), on: loop, delegate: client)
            stream.write([UInt8]("hello".utf8).span)
            #expect(stream.pendingBytes == 5)
            #expect(await client.journal.next() == "connected")
            #expect(await client.journal.next() == "drained")
            #expect(await client.journal.next() == "received hello")
            #expect(await client.journal.next() == "end")
            #expect(stream.pendingBytes == 0)
            stream.close()
            #expect(await client.journal.next() == "closed")
            listener.close()
        }
    }

    /// 127.1.0.1 has no listener.
    @Test func theAddressesAreTriedOneAfterTheOther() async throws {
        try await withNames("127.1.0.1 pods.test\n127.1.0.2 pods.test\n127.1.0.3 pods.test\n") { loop, dialer in
            let listener = try listen(on: .ip(.v4(0x7f01_0002), port: 0), loop)
            let port = try #require(listener.address.port)
            let client = Client()
            let stream = try dialer.dial(.host("pods.test", port: port), on: loop, delegate: client)
            #expect(await client.journal.next() == "connected")
            stream.close()
            #expect(await client.journal.next() == "closed")
            listener.close()
            // Nobody at all any more: the name, and the last of its addresses.
            _ = try dialer.dial(.host("pods.test", port: port), on: loop, delegate: client)
            let end = await client.journal.next()
            #expect(end.hasPrefix("closed: connect to pods.test:\(port): connect to 127.1.0."), "\(end)")
            #expect(end.hasSuffix("Connection refused"), "\(end)")
        }
    }

    @Test func aNameThatIsNoneIsSaid() async throws {
        try await withNames("") { loop, dialer in
            let client = Client()
            _ = try dialer.dial(.host("missing.test", port: 80), on: loop, delegate: client)
            let end = await client.journal.next()
            #expect(end.hasPrefix("closed: connect to missing.test:80: cannot resolve \"missing.test\""), "\(end)")
        }
    }

    @Test func whoGivesUpMeanwhileHearsOfItsEndOnly() async throws {
        try await withNames("127.1.0.1 pods.test\n") { loop, dialer in
            let client = Client()
            let stream = try dialer.dial(.host("pods.test", port: 1), on: loop, delegate: client)
            stream.finish()
            #expect(await client.journal.next() == "closed")
            stream.close()
            stream.write([1].span)
            #expect(stream.pendingBytes == 0 && client.journal.isEmpty)
        }
    }

    @Test func anAddressIsNotLookedUp() async throws {
        try await withLoop { loop in
            let listener = try listen(on: .ip(.v4(0x7f00_0001), port: 0), loop)
            let client = Client()
            // A server that never answers.
            let dialer = NameDialer(configuration: DNSConfiguration(server: freeLoopbackAddress()))
            let stream = try dialer.dial(listener.address, on: loop, delegate: client)
            #expect(await client.journal.next() == "connected")
            stream.close()
            #expect(await client.journal.next() == "closed")
            listener.close()
        }
    }

    /// A backlog that is full: the kernel drops every SYN that comes, as a firewall would.
    @Test func anAddressThatSaysNothingIsGivenUpForTheNext() async throws {
        try await withLoop { loop in
            let server = try await Dnsmasq(
                on: loop, hosts: "127.1.0.1 pods.test\n127.1.0.2 pods.test\n", timeToLive: 5, options: [])
            let dialer = NameDialer(
                configuration: DNSConfiguration(server: server.address), patience: .milliseconds(500))
            let listener = try listen(on: .ip(.v4(0x7f01_0002), port: 0), loop)
            let port = try #require(listener.address.port)
            let hole = try BlackHole(0x7f01_0001, port)
            // Of two addresses dnsmasq gives each first in turn.
            for _ in 0..<4 {
                let client = Client()
                let stream = try dialer.dial(.host("pods.test", port: port), on: loop, delegate: client)
                #expect(await client.journal.next() == "connected")
                #expect(stream.peer == .ip(.v4(0x7f01_0002), port: port) && stream.localAddress != nil)
                stream.close()
                #expect(await client.journal.next() == "closed")
            }
            hole.close()
            listener.close()
            await server.stop()
        }
    }

    /// Listens, and answers nobody.
    private struct BlackHole {
        private var descriptors: [Int32] = []

        init(_ host: UInt32, _ port: UInt16) throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = host.bigEndian
            // The kernel takes one connection more than the backlog says, and a second one's SYN to wait for its place.
            for number in 0..<4 {
                let kind = Int32(SOCK_STREAM.rawValue) | (number == 0 ? 0 : Int32(SOCK_NONBLOCK.rawValue))
                let descriptor = socket(AF_INET, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
                try #require(descriptor >= 0)
                descriptors.append(descriptor)
                let status = unsafe withUnsafePointer(to: &address) {
                    unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
                        return unsafe number == 0 ? bind(descriptor, $0, size) : connect(descriptor, $0, size)
                    }
                }
                if number == 0 { try #require(status == 0 && Glibc.listen(descriptor, 0) == 0) }
            }
        }

        func close() { for descriptor in descriptors { Glibc.close(descriptor) } }
    }
}
