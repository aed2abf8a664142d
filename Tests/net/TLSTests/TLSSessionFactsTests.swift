import TLS
import Testing

/// What can be told of a peer, whatever comes of the handshake.
@Suite(.timeLimit(.minutes(5))) struct TLSSessionFactsTests {
    private func pair(
        as name: String = "localhost", _ change: (inout TLSMaterial, Certificates) -> Void = { _, _ in }
    ) throws -> SessionPair {
        let certificates = try Certificates()
        var server = certificates.serverMaterial
        change(&server, certificates)
        let pair = try SessionPair(certificates.clientMaterial, server, serverName: name)
        pair.exchange()
        return pair
    }

    @Test func aBelievedCertificateIsTold() throws {
        let pair = try pair()
        let facts = try #require(pair.client.peerCertificate)
        #expect(pair.clientFault == nil)
        #expect(facts.names.contains("localhost"))
        #expect(facts.fingerprint.count == 64)
        let isHexadecimal = facts.fingerprint.allSatisfy { $0.isHexDigit }
        #expect(isHexadecimal)
        #expect(!pair.client.peerAsksForCertificate)
    }

    /// OpenSSL drops it when it finds it wanting.
    @Test func oneThatIsNotBelievedIsToldAsWell() throws {
        let pair = try pair(as: "other.test")
        #expect(pair.clientFault?.kind == .wrongName)
        #expect(pair.client.peerCertificate?.names.contains("localhost") == true)
    }

    @Test func twoCertificatesHaveTwoFingerprints() throws {
        let (one, other) = (try pair(), try pair())
        #expect(one.client.peerCertificate?.fingerprint != other.client.peerCertificate?.fingerprint)
    }

    @Test func aServerThatAsksForACertificateIsNoticed() throws {
        let pair = try pair { $0.authorities = $1.clientMaterial.authorities }
        #expect(pair.client.peerAsksForCertificate)
        #expect(pair.serverFault?.kind == .clientCertificateMissing)
    }

    @Test func nothingIsKnownOfWhoSaysNothing() throws {
        let session = try TLSSession(try TLSContext(try Certificates().clientMaterial), serverName: "localhost")
        #expect(session.peerCertificate == nil)
    }
}
