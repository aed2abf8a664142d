import Bytes
import Events
import System
import TLS
import Testing

/// What a session tells, for a test to look at.
final class SessionJournal: TLSSessionHandler {
    var wantsBytes = true
    var isEstablished = false
    var received: [UInt8] = []
    var hasEnded = false

    func sessionEstablished() { isEstablished = true }
    func sessionReceived(_ bytes: Span<UInt8>) { received.append(contentsOf: bytes) }
    func sessionReachedEnd() { hasEnded = true }
}

/// A client and a server that exchange bytes in memory.
final class SessionPair {
    let client: TLSSession
    let server: TLSSession
    let clientJournal = SessionJournal()
    let serverJournal = SessionJournal()
    private(set) var clientFault: TLSFault?
    private(set) var serverFault: TLSFault?
    /// How many bytes are given at a time.
    var piece = Int.max

    init(_ client: TLSMaterial, _ server: TLSMaterial, serverName: String = "localhost") throws {
        self.client = try TLSSession(try TLSContext(client), serverName: serverName)
        self.server = try TLSSession(try TLSContext(server))
    }

    /// Until neither has anything to say.
    func exchange() {
        if !client.isEstablished, clientFault == nil, client.output.isEmpty {
            note({ () throws(TLSFault) in try client.start() }, as: { clientFault = $0 })
        }
        while !client.output.isEmpty || !server.output.isEmpty {
            move(&client.output) { bytes throws(TLSFault) in
                try server.receive(bytes, serverJournal)
            } as: {
                serverFault = $0
            }
            move(&server.output) { bytes throws(TLSFault) in
                try client.receive(bytes, clientJournal)
            } as: {
                clientFault = $0
            }
        }
    }

    private func move(
        _ output: inout [UInt8], _ receive: (Span<UInt8>) throws(TLSFault) -> Void, as fail: (TLSFault) -> Void
    ) {
        let bytes = output
        output = []
        var position = 0
        while position < bytes.count {
            let end = min(bytes.count, position + min(piece, bytes.count))
            note({ () throws(TLSFault) in try receive(bytes.span.extracting(position..<end)) }, as: fail)
            position = end
        }
    }

    private func note(_ body: () throws(TLSFault) -> Void, as fail: (TLSFault) -> Void) {
        do { try body() } catch { fail(error) }
    }
}

/// An authority with a server's and a client's certificate.
struct Certificates: Sendable {
    let authority: LocalAuthority
    let server: LocalAuthority.Identity
    let client: LocalAuthority.Identity

    init(
        names: [String] = ["localhost", "127.0.0.1"], validity: LocalAuthority.Validity = .days(1)
    ) throws {
        authority = try LocalAuthority(name: "test authority")
        server = try authority.issue(names, validity: validity)
        client = try authority.issue(["a client"], for: .client)
    }

    var clientMaterial: TLSMaterial {
        var material = TLSMaterial(.client)
        material.authorities = .init(authority.certificate, from: "ca.crt")
        return material
    }

    var serverMaterial: TLSMaterial {
        var material = TLSMaterial(.server)
        material.certificate = .init(server.certificate, from: "tls.crt")
        material.key = .init(server.key, from: "tls.key")
        return material
    }

    /// A server that asks for certificates, and a client that has one.
    var mutual: (client: TLSMaterial, server: TLSMaterial) {
        var client = clientMaterial
        client.certificate = .init(self.client.certificate, from: "client.crt")
        client.key = .init(self.client.key, from: "client.key")
        var server = serverMaterial
        server.authorities = .init(authority.certificate, from: "ca.crt")
        return (client, server)
    }
}

// What is given is the receiver's alone: a span of a property would have to outlast what the receiver does to its owner, and
// the release build does not compile that.

extension TLSSession {
    func receive(_ bytes: [UInt8], _ handler: any TLSSessionHandler) throws(TLSFault) {
        try receive(bytes.span, handler)
    }
}

extension ByteStreamDelegate {
    func streamReceived(_ bytes: [UInt8]) { streamReceived(bytes.span) }
}
