import COpenSSL
import TLS
import Testing

/// A server that is not ours: it sends tickets, each longer than its records, which are of 512 bytes.
@safe final class TicketServer {
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    private(set) var received: [UInt8] = []

    init(_ identity: LocalAuthority.Identity) throws {
        let context = try unsafe #require(SSL_CTX_new(TLS_server_method()))
        defer { unsafe SSL_CTX_free(context) }
        let file = try unsafe #require(BIO_new(BIO_s_mem()))
        defer { unsafe _ = BIO_free(file) }
        let pem = identity.certificate + identity.key
        unsafe _ = BIO_write(file, pem, Int32(pem.count))
        let certificate = try unsafe #require(copenssl_read_certificate(file))
        defer { unsafe X509_free(certificate) }
        let key = try unsafe #require(copenssl_read_key(file))
        defer { unsafe EVP_PKEY_free(key) }
        unsafe #expect(SSL_CTX_use_certificate(context, certificate) == 1)
        unsafe #expect(SSL_CTX_use_PrivateKey(context, key) == 1)
        // SSL_CTX_set_max_send_fragment, a macro.
        unsafe #expect(SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_SEND_FRAGMENT, 512, nil) == 1)
        let fill: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { ssl, _ in
            let data = [UInt8](repeating: 7, count: 700)
            return unsafe SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), data, data.count)
        }
        unsafe #expect(SSL_CTX_set_session_ticket_cb(context, fill, nil, nil) == 1)
        unsafe ssl = try #require(SSL_new(context))
        unsafe incoming = try #require(BIO_new(BIO_s_mem()))
        unsafe outgoing = try #require(BIO_new(BIO_s_mem()))
        unsafe SSL_set_bio(ssl, incoming, outgoing)
        unsafe SSL_set_accept_state(ssl)
    }

    deinit { unsafe SSL_free(ssl) }

    /// The client has said that it sends no more.
    var hasEnded: Bool { unsafe SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }

    /// Takes the bytes and answers what it says to them.
    func exchange(_ bytes: inout [UInt8]) -> [UInt8] {
        unsafe _ = BIO_write(incoming, bytes, Int32(bytes.count))
        bytes = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while case let count = unsafe SSL_read(ssl, &buffer, Int32(buffer.count)), count > 0 {
            received += buffer[..<Int(count)]
        }
        var answer: [UInt8] = []
        while case let count = unsafe BIO_read(outgoing, &buffer, Int32(buffer.count)), count > 0 {
            answer += buffer[..<Int(count)]
        }
        return answer
    }

    /// Answers the records of its tickets, which the client has not received.
    func shakeHands(with client: TLSSession, _ journal: any TLSSessionHandler) throws -> [[UInt8]] {
        try client.start()
        let answer = exchange(&client.output)
        try client.receive(answer.span, journal)
        #expect(client.isEstablished)
        return TicketServer.records(exchange(&client.output))
    }

    static func records(_ bytes: [UInt8]) -> [[UInt8]] {
        var records: [[UInt8]] = []
        var rest = bytes[...]
        while rest.count >= 5 {
            let bytes = Array(rest)
            let end = 5 + (Int(bytes[3]) << 8 | Int(bytes[4]))
            records.append(Array(bytes.prefix(end)))
            rest = rest.dropFirst(end)
        }
        return records
    }
}
