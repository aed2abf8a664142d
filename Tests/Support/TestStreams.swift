package import Events
import Glibc
import System
import TLS

/// The streams of the clients and servers under test. `TEST_STREAMS=rough` puts a `RoughStream` under each, so that the
/// same suites show that nothing above rests on how a socket happens to cut its bytes; `TEST_STREAMS=tls` puts TLS under
/// each, for the suites in which both sides are ours.
package enum TestStreams {
    private static let kind = unsafe getenv("TEST_STREAMS").map { unsafe String(cString: $0) }
    package static let areRough = kind == "rough"
    private static let certificates = kind == "tls" ? try? Certificates() : nil

    package static let dialer: any Dialer = {
        if let certificates { return TLSDialer(certificates.client, serverName: "localhost") }
        return areRough ? RoughSockets() : PlainSockets()
    }()
    package static let acceptor: any StreamAcceptor = {
        if let certificates { return TLSAcceptor(certificates.server) }
        return areRough ? RoughSockets() : PlainSockets()
    }()

    /// Those of peers that a test plays by itself: sockets, or TLS where the other side has it.
    package static let peerDialer: any Dialer = certificates == nil ? PlainSockets() : dialer
    package static let peerAcceptor: any StreamAcceptor = certificates == nil ? PlainSockets() : acceptor

    private struct Certificates: Sendable {
        let client: TLSCredentials
        let server: TLSCredentials

        init() throws {
            let authority = try LocalAuthority(name: "test authority")
            let identity = try authority.issue(["localhost"])
            var material = TLSMaterial(.client)
            material.authorities = .init(authority.certificate, from: "the authority")
            material.protocols = ["h2"]
            client = try TLSCredentials(material)
            material = TLSMaterial(.server)
            material.certificate = .init(identity.certificate, from: "the certificate")
            material.key = .init(identity.key, from: "the key")
            material.protocols = ["h2"]
            server = try TLSCredentials(material)
        }
    }
}
