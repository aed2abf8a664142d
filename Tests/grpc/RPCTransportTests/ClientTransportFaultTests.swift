import Events
import HTTP2
import RPCCore
import RPCTestSupport
import RPCTransport
import TestSupport
import Testing

/// Servers that do not keep to HTTP/2.
@Suite(.timeLimit(.minutes(5))) struct ClientTransportFaultTests {
    /// Whatever a server writes, the client takes its calls elsewhere at once: none of them may hang or spin.
    @Test func aServerThatBreaksTheProtocol() async throws {
        try await withLoop { loop in
            let line = ByteRecord(on: loop)
            let listener = try Listener(on: .loopback, loop: loop) { try? line.adopt($0) }
            let delegate = TransportRecord(on: loop)
            let transport = try ClientTransport(
                to: listener.address, context: TransportContext(on: loop), dialer: TestStreams.dialer,
                delegate: delegate)
            await line.watch.until("the preface") { !line.received.isEmpty }
            // SETTINGS, then a PING of three bytes.
            line.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
            await delegate.event("ready")
            line.send([0, 0, 3, 6, 0, 0, 0, 0, 0, 1, 2, 3])
            await delegate.event("draining")
            #expect(!transport.acceptsCalls)
            let call = Outcome(transport, on: loop)
            await call.end()
            #expect(call.error?.code == .unavailable)
            #expect(call.fate == .unsent)
            transport.close(because: "the test is over")
            line.close()
            listener.close()
        }
    }

    @Test func callsOnASessionThatBreaksEndAtOnce() async throws {
        try await withLoop { loop in
            let line = ByteRecord(on: loop)
            let listener = try Listener(on: .loopback, loop: loop) { try? line.adopt($0) }
            let delegate = TransportRecord(on: loop)
            let transport = try ClientTransport(
                to: listener.address, context: TransportContext(on: loop), dialer: TestStreams.dialer,
                delegate: delegate)
            await line.watch.until("the preface") { !line.received.isEmpty }
            line.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
            await delegate.event("ready")
            let preface = line.received.count
            let call = Outcome(transport, on: loop)
            await line.watch.until("the request") { line.received.count > preface + 40 }
            line.send([0, 0, 3, 6, 0, 0, 0, 0, 0, 1, 2, 3])
            await call.end()
            #expect(call.error?.code == .unavailable)
            #expect(call.error?.message.contains("the peer broke the rules of HTTP/2: FRAME_SIZE_ERROR") == true)
            // The server, which goes on as if nothing had happened, has not been waited for.
            #expect(!delegate.events.contains { $0.hasPrefix("closed") })
            #expect(!line.isClosed)
            await delegate.event("closed")
            line.close()
            listener.close()
        }
    }

    /// gRPC's specification: over TLS a server is asked for `h2` by ALPN, and one that does not say so is none.
    @Test(arguments: ["h2", "http/1.1", nil]) func anEncryptedStreamIsOnlyUsedForHTTP2(agreed: String?) async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { peer in
                peer.record.requestEnded = { [unowned peer] in peer.answer($0, [9]) }
            }
            var dialer = RoughSockets()
            dialer.agreement = StreamAgreement(isEncrypted: true, applicationProtocol: agreed)
            let delegate = TransportRecord(on: loop)
            let transport = try ClientTransport(
                to: server.address, context: TransportContext(on: loop), dialer: dialer, delegate: delegate)
            if agreed == "h2" {
                await delegate.event("ready")
                #expect(transport.scheme == "https")
                transport.close(because: "the test is over")
            }
            await delegate.event("closed")
            if agreed != "h2" {
                #expect(delegate.events.count == 1)
                #expect(delegate.events[0].contains("did not agree to speak HTTP/2"))
            }
            server.stop()
            await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
        }
    }

    @Test func anotherProtocolIsNoServer() async throws {
        try await withLoop { loop in
            let line = ByteRecord(on: loop)
            let listener = try Listener(on: .loopback, loop: loop) { try? line.adopt($0) }
            let delegate = TransportRecord(on: loop)
            _ = try ClientTransport(
                to: listener.address, context: TransportContext(on: loop), dialer: TestStreams.dialer,
                delegate: delegate)
            await line.watch.until("the preface") { !line.received.isEmpty }
            line.send(Array("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".utf8))
            await delegate.event("closed")
            #expect(!delegate.events.contains("ready"))
            line.close()
            listener.close()
        }
    }
}
