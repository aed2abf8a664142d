import Addresses
import Events
import HTTP
import HTTPTransport
import System
import TLS
import TestSupport
import Testing

/// HTTP/1.1 over TLS: the client and the server are the same, on other streams.
@Suite(.timeLimit(.minutes(5))) struct HTTPSTests {
    private let authority: LocalAuthority
    private let identity: LocalAuthority.Identity

    init() throws {
        authority = try LocalAuthority(name: "test authority")
        identity = try authority.issue(["kubernetes.default.svc", "127.0.0.1"])
    }

    private func server(on loop: EventLoop) throws -> HTTPServer {
        var material = TLSMaterial(.server)
        material.certificate = .init(identity.certificate, from: "the certificate")
        material.key = .init(identity.key, from: "the key")
        material.protocols = ["http/1.1"]
        let acceptor = TLSAcceptor(try TLSCredentials(material), over: TestStreams.acceptor)
        return try HTTPServer(on: loopback, loop: loop, acceptor: acceptor) { _ in
            var router = HTTPRouter()
            router.on(.post, "/echo") { HTTPResponse(status: .accepted, body: $0.body) }
            return router
        }
    }

    private func client(
        on loop: EventLoop, serverName: String = "kubernetes.default.svc", dialer: (any Dialer)? = nil
    ) throws -> HTTPClient {
        var material = TLSMaterial(.client)
        material.authorities = .init(authority.certificate, from: "ca.crt")
        material.protocols = ["http/1.1"]
        var configuration = HTTPClient.Configuration.defaults
        configuration.idleConnections = 1
        configuration.dialer =
            try dialer
            ?? TLSDialer(TLSCredentials(material), serverName: serverName, over: TestStreams.dialer)
        return HTTPClient(on: loop, configuration: configuration)
    }

    private func request(_ size: Int = 5) -> HTTPClientRequest {
        HTTPClientRequest(.post, "/echo", host: "kubernetes.default.svc", body: [UInt8](repeating: 0x61, count: size))
    }

    @Test func requestsAndAnswersOfAnySizeTravel() async throws {
        try await onLoop { loop in
            let server = try server(on: loop)
            let client = try client(on: loop)
            for size in [0, 1, 16 * 1024, 300_000] {
                let response = try await client.send(request(size), to: server.address, timeout: .seconds(20))
                #expect(response.status == .accepted)
                #expect(response.body.count == size)
            }
            #expect(client.idleConnectionCount == 1)
            client.closeIdleConnections()
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aServerOfAnotherNameIsRefused() async throws {
        try await onLoop { loop in
            let server = try server(on: loop)
            let client = try client(on: loop, serverName: "other")
            let expected = HTTPClientError.Problem.notConnected(
                "TLS handshake with \(server.address): the server's certificate is for kubernetes.default.svc, 127.0.0.1, "
                    + "not for other")
            do throws(HTTPClientError) {
                _ = try await client.send(request(), to: server.address, timeout: .seconds(20))
                Issue.record("it was accepted")
            } catch {
                #expect(error.problem == expected)
            }
            await server.stop(grace: .seconds(5))
        }
    }

    @Test func aClientInClearTextGetsNoAnswer() async throws {
        try await onLoop { loop in
            let server = try server(on: loop)
            let client = try client(on: loop, dialer: TestStreams.dialer)
            do throws(HTTPClientError) {
                _ = try await client.send(request(), to: server.address, timeout: .seconds(20))
                Issue.record("it was answered")
            } catch {
                let isCutOff = if case .disconnected = error.problem { true } else { false }
                #expect(isCutOff, "\(error)")
            }
            await server.stop(grace: .seconds(5))
        }
    }
}
