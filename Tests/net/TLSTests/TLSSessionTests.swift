import Bytes
import System
import TLS
import Testing

@Suite(.timeLimit(.minutes(5))) struct TLSSessionTests {
    private func fault(
        _ client: TLSMaterial, _ server: TLSMaterial, name: String = "localhost"
    ) throws -> (client: TLSFault?, server: TLSFault?) {
        let pair = try SessionPair(client, server, serverName: name)
        pair.exchange()
        return (pair.clientFault, pair.serverFault)
    }

    @Test(arguments: [Int.max, 1, 7, 1000]) func bytesTravelBothWaysWhateverTheirPieces(piece: Int) throws {
        let certificates = try Certificates()
        let pair = try SessionPair(certificates.clientMaterial, certificates.serverMaterial)
        pair.piece = piece
        pair.exchange()
        #expect(pair.clientFault == nil)
        #expect(pair.serverFault == nil)
        #expect(pair.clientJournal.isEstablished)
        #expect(pair.serverJournal.isEstablished)
        #expect(pair.client.version == "TLSv1.3")
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
        try pair.client.write(bytes.span)
        try pair.server.write([4, 5].span)
        pair.exchange()
        #expect(pair.serverJournal.received == bytes)
        #expect(pair.clientJournal.received == [4, 5])
        #expect(!pair.serverJournal.hasEnded)
        pair.client.endOutput()
        pair.exchange()
        #expect(pair.serverJournal.hasEnded)
        try pair.server.write([6].span)
        pair.exchange()
        #expect(pair.clientJournal.received == [4, 5, 6])
    }

    @Test func theProtocolIsTheServersFirstThatTheClientOffers() throws {
        let certificates = try Certificates()
        var (client, server) = (certificates.clientMaterial, certificates.serverMaterial)
        client.protocols = ["http/1.1", "h2"]
        server.protocols = ["h2", "http/1.1"]
        let pair = try SessionPair(client, server)
        pair.exchange()
        #expect(pair.client.applicationProtocol == "h2")
        #expect(pair.server.applicationProtocol == "h2")
    }

    @Test func whoSharesNoProtocolIsRefused() throws {
        let certificates = try Certificates()
        var (client, server) = (certificates.clientMaterial, certificates.serverMaterial)
        server.protocols = ["h2"]
        server.requiresProtocol = true
        client.protocols = ["http/1.1"]
        var faults = try fault(client, server)
        #expect(faults.server?.kind == .noCommonProtocol)
        #expect(faults.client?.description == "the server speaks none of the protocols offered (ALPN)")
        client.protocols = []
        faults = try fault(client, server)
        #expect(faults.server?.description == "the client does not offer to speak h2 (ALPN)")
        let pair = try SessionPair(client, server)
        pair.exchange()
        #expect(pair.clientFault == nil)
        #expect(pair.clientJournal.hasEnded, "it is told of an end")
    }

    // MARK: Certificates

    @Test func anExpiredCertificateIsRefusedWithItsDate() throws {
        // 2026-01-01 and 2026-02-01.
        let certificates = try Certificates(validity: .init(from: 1_767_225_600, until: 1_769_904_000))
        let faults = try fault(certificates.clientMaterial, certificates.serverMaterial)
        #expect(
            faults.client
                == TLSFault(
                    .expired, "the server's certificate has expired: it was valid until 2026-02-01 00:00:00 UTC"))
        #expect(
            faults.server?.description
                == "the client refuses this server's certificate: expired, or not yet valid by its clock")
    }

    @Test func aCertificateOfTheFutureIsRefusedWithItsDate() throws {
        // 2100-01-01 and a day later.
        let certificates = try Certificates(validity: .init(from: 4_102_444_800, until: 4_102_531_200))
        let faults = try fault(certificates.clientMaterial, certificates.serverMaterial)
        #expect(
            faults.client
                == TLSFault(
                    .notYetValid, "the server's certificate is not yet valid: it begins at 2100-01-01 00:00:00 UTC"))
    }

    @Test(arguments: ["other.example", "127.0.0.2", "::1"]) func aWrongNameIsToldBesideTheNamesThereAre(name: String)
        throws
    {
        let certificates = try Certificates(names: ["localhost", "*.example.org", "127.0.0.1", "fd00::1"])
        let faults = try fault(certificates.clientMaterial, certificates.serverMaterial, name: name)
        #expect(
            faults.client
                == TLSFault(
                    .wrongName,
                    "the server's certificate is for localhost, *.example.org, 127.0.0.1, fd00::1, not for \(name)"))
        #expect(faults.server?.kind == .refused)
    }

    @Test(arguments: ["localhost", "LOCALHOST", "a.example.org", "127.0.0.1", "fd00::1", "localhost."])
    func namesAndAddressesOfTheCertificateAreAccepted(name: String) throws {
        let certificates = try Certificates(names: ["localhost", "*.example.org", "127.0.0.1", "fd00::1"])
        let faults = try fault(certificates.clientMaterial, certificates.serverMaterial, name: name)
        #expect(faults.client == nil)
        #expect(faults.server == nil)
    }

    @Test(arguments: ["", "a\0b", ".", ".example.org", ".localhost"])
    func aNameThatWouldSwitchTheCheckOffIsRefused(name: String) throws {
        let context = try TLSContext(try Certificates().clientMaterial)
        #expect(throws: TLSFault.self) { try TLSSession(context, serverName: name) }
    }

    @Test func anUnknownAuthorityIsNamed() throws {
        let certificates = try Certificates()
        let strangers = try Certificates()
        let faults = try fault(strangers.clientMaterial, certificates.serverMaterial)
        #expect(faults.client?.kind == .unknownIssuer)
        #expect(
            faults.server?.description
                == "the client refuses this server's certificate: it does not know the authority that signed it")
        let other = try LocalAuthority(name: "another authority")
        var server = certificates.serverMaterial
        let identity = try other.issue(["localhost"])
        server.certificate?.pem = identity.certificate
        server.key?.pem = identity.key
        #expect(
            try fault(certificates.clientMaterial, server).client
                == TLSFault(
                    .unknownIssuer,
                    "the server's certificate comes from an unknown authority: /CN=another authority"))
    }

    @Test func aCertificateSignedByItselfIsToldAsSuch() throws {
        let certificates = try Certificates()
        // OpenSSL takes an authority's certificate for a server's, if it is the only one.
        let lone = try LocalAuthority(name: "lone").selfSigned()
        var server = certificates.serverMaterial
        server.certificate?.pem = lone.certificate
        server.key?.pem = lone.key
        let faults = try fault(certificates.clientMaterial, server)
        #expect(
            faults.client?.description
                == "the server's certificate is signed by itself (/CN=lone) and not among the authorities")
    }

    @Test func aClientsCertificateIsNoServers() throws {
        let certificates = try Certificates()
        var server = certificates.serverMaterial
        let identity = try certificates.authority.issue(["localhost"], for: .client)
        server.certificate?.pem = identity.certificate
        server.key?.pem = identity.key
        #expect(
            try fault(certificates.clientMaterial, server).client?.description
                == "the server's certificate is not made for a TLS server (extended key usage)")
    }

    // MARK: Clients' certificates

    @Test func aClientWithACertificateIsAccepted() throws {
        let (client, server) = try Certificates().mutual
        let faults = try fault(client, server)
        #expect(faults.client == nil)
        #expect(faults.server == nil)
    }

    @Test func aClientWithoutOneIsRefused() throws {
        let certificates = try Certificates()
        let faults = try fault(certificates.clientMaterial, certificates.mutual.server)
        #expect(
            faults.server
                == TLSFault(
                    .clientCertificateMissing, "the client shows no certificate, and this server asks for one"))
        #expect(
            faults.client
                == TLSFault(
                    .clientCertificateMissing,
                    "the server asks for a client certificate, and this client shows none"))
    }

    @Test func aStrangersCertificateIsRefused() throws {
        var (client, server) = try Certificates().mutual
        server.authorities?.pem = try LocalAuthority(name: "another").certificate
        let faults = try fault(client, server)
        #expect(faults.server?.kind == .unknownIssuer)
        #expect(
            faults.client?.description
                == "the server refuses this client's certificate: it does not know the authority that signed it")
        _ = client
        client.authorities = nil
    }

    // MARK: Peers that do not speak TLS

    @Test(arguments: [
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 (a gRPC client, for instance)"),
        ("GET / HTTP/1.1\r\n", "HTTP/1.1"), ("OPTIONS * HTTP/1.1\r\n", "HTTP/1.1"),
        ("SSH-2.0-x", "SSH"), ("\0\0", "something that is not TLS"),
    ])
    func aClientInClearTextIsToldByWhatItSpeaks(bytes: String, what: String) throws {
        let server = try TLSSession(try TLSContext(try Certificates().serverMaterial))
        #expect(throws: TLSFault(.plaintext, "the client speaks in clear text, not TLS: \(what)")) {
            try server.receive(Array(bytes.utf8).span, SessionJournal())
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 400 Bad Request\r\n", "HTTP/1.1"),
        ("\0\0\u{6}\u{4}\0\0\0\0\0\0\u{3}\0\0\0\u{64}", "HTTP/2 (a gRPC server, for instance)"),
    ])
    func aServerInClearTextIsToldByWhatItSpeaks(bytes: String, what: String) throws {
        let client = try TLSSession(try TLSContext(try Certificates().clientMaterial), serverName: "localhost")
        try client.start()
        #expect(throws: TLSFault(.plaintext, "the server speaks in clear text, not TLS: \(what)")) {
            try client.receive(Array(bytes.utf8).span, SessionJournal())
        }
    }

    @Test func bytesThatAreNoRecordBreakTheSessionOnce() throws {
        let certificates = try Certificates()
        let pair = try SessionPair(certificates.clientMaterial, certificates.serverMaterial)
        pair.exchange()
        let record: [UInt8] = [23, 3, 3, 0, 20] + [UInt8](repeating: 9, count: 20)
        #expect(throws: TLSFault.self) { try pair.server.receive(record.span, pair.serverJournal) }
        try pair.server.receive(record.span, pair.serverJournal)
        try pair.server.write([1].span)
        #expect(pair.serverJournal.received.isEmpty)
    }

    // MARK: Back-pressure

    @Test func whatTheHandlerDoesNotWantIsKeptInOrder() throws {
        let certificates = try Certificates()
        let pair = try SessionPair(certificates.clientMaterial, certificates.serverMaterial)
        pair.exchange()
        let bytes = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
        pair.serverJournal.wantsBytes = false
        try pair.client.write(bytes.span.extracting(first: 30_000))
        pair.exchange()
        #expect(pair.serverJournal.received.isEmpty)
        #expect(pair.server.hasInput)
        try pair.client.write(bytes.span.extracting(droppingFirst: 30_000))
        pair.exchange()
        pair.serverJournal.wantsBytes = true
        try pair.server.resume(pair.serverJournal)
        #expect(pair.serverJournal.received == bytes)
        #expect(!pair.server.hasInput)
    }

    // MARK: Messages of TLS's own

    @Test func aPeerThatRenewsItsKeysForEverIsCutOff() throws {
        let certificates = try Certificates()
        let pair = try SessionPair(certificates.clientMaterial, certificates.serverMaterial)
        pair.exchange()
        for count in 1...100 {
            try pair.client.renewKeys()
            // It reads the answers, too.
            pair.exchange()
            guard let fault = pair.serverFault else { continue }
            #expect(count == 33)
            #expect(fault.description == "the client sends 33 messages of TLS in a row, and none of its own")
            return
        }
        Issue.record("it goes on for ever")
    }

    @Test func aReadFullOfNewKeysIsNotReadToItsEnd() throws {
        let certificates = try Certificates()
        let pair = try SessionPair(certificates.clientMaterial, certificates.serverMaterial)
        pair.exchange()
        for _ in 0..<2000 { try pair.client.renewKeys() }
        #expect(pair.client.output.count > 40_000)
        let bytes = pair.client.output
        #expect(throws: TLSFault.self) { try pair.server.receive(bytes.span, pair.serverJournal) }
        #expect(pair.server.output.count < 2000)
    }

    @Test func newKeysBetweenBytesAreBorne() throws {
        let certificates = try Certificates()
        let pair = try SessionPair(certificates.clientMaterial, certificates.serverMaterial)
        pair.exchange()
        for _ in 0..<100 {
            try pair.client.renewKeys()
            try pair.client.write([1].span)
            // The client gets answers about its keys, too.
            try pair.server.write([1].span)
            pair.exchange()
        }
        #expect(pair.serverFault == nil)
        #expect(pair.clientFault == nil)
        #expect(pair.serverJournal.received.count == 100)
    }

    @Test(arguments: [false, true]) func whatIsWrittenWhileATicketArrivesFollowsIt(paused: Bool) throws {
        let certificates = try Certificates()
        let server = try TicketServer(certificates.server)
        let client = try TLSSession(try TLSContext(certificates.clientMaterial), serverName: "localhost")
        let journal = SessionJournal()
        let records = try server.shakeHands(with: client, journal)
        #expect(records.count > 2)
        let first = records[0]
        try client.receive(first.span, journal)
        try client.write([1, 2].span)
        try client.write([3].span)
        #expect(client.output.isEmpty)
        #expect(client.owedBytes == 3)
        client.endOutput()
        journal.wantsBytes = !paused
        for record in records.dropFirst() { try client.receive(record.span, journal) }
        _ = server.exchange(&client.output)
        #expect(client.owedBytes == 0)
        #expect(server.received == [1, 2, 3])
        #expect(server.hasEnded)
    }

    // MARK: Material

    @Test func materialThatIsOfNoUseIsNamed() throws {
        let certificates = try Certificates()
        var material = certificates.serverMaterial
        material.key?.pem = certificates.client.key
        #expect(throws: TLSFault(.key, "the key in tls.key is not that of the certificate in tls.crt")) {
            try TLSContext(material)
        }
        material.certificate?.pem = Array("nothing".utf8)
        #expect(throws: TLSFault(.certificate, "tls.crt holds no certificate (PEM)")) { try TLSContext(material) }
        material.certificate = nil
        #expect(throws: TLSFault(.certificate, "a certificate and its key go together")) { try TLSContext(material) }
        material.key = nil
        #expect(throws: TLSFault(.certificate, "a TLS server needs a certificate and its key")) {
            try TLSContext(material)
        }
        material = certificates.clientMaterial
        material.authorities?.pem = []
        #expect(throws: TLSFault(.authorities, "ca.crt holds no certificate (PEM)")) { try TLSContext(material) }
    }
}
