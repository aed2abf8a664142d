import Addresses
import Bytes
import COpenSSL

/// Hears what happens in a `TLSSession` while it takes bytes in. Its methods may call `write` and `endOutput`.
package protocol TLSSessionHandler: AnyObject {
    /// Asked before each delivery: while it is false, what has arrived is kept.
    var wantsBytes: Bool { get }
    func sessionEstablished()
    /// Decrypted; valid during the call only.
    func sessionReceived(_ bytes: Span<UInt8>)
    /// The peer has said that it sends no more (close_notify).
    func sessionReachedEnd()
}

/// TLS without input or output of its own: what has arrived goes in by `receive`, what is to be sent lies in `output`, and
/// what happened is told to a handler in between. The protocol is OpenSSL's.
///
/// A fault is thrown once; then the session is of no more use, except that its output, an alert, is worth sending. Not
/// `Sendable`: one thread at a time, and `receive` not from within a handler's method.
@safe package final class TLSSession {
    private enum Phase {
        case shaking
        case open
        /// By a fault: OpenSSL forbids further calls.
        case broken
    }

    /// What one record may hold (RFC 8446 section 5.1).
    private static let mostInRecord = 16 * 1024
    /// Messages of TLS itself in a row, with none of the application's bytes between them: new keys, tickets, wishes for a
    /// new handshake. BoringSSL bears 32 KeyUpdates, Go 16 such records; OpenSSL takes 2,400 from one read of 64 KiB, which
    /// keep a loop for 44 ms.
    private static let mostIdleMessages = 32

    private let context: TLSContext
    let ssl: OpaquePointer
    private let serverName: String?
    private var phase = Phase.shaking
    private var hasHeardPeer = false
    package private(set) var hasEnded = false
    private var outputEnds = false
    /// What OpenSSL reads from while `receive` runs.
    private var input = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    /// Of what has arrived, what OpenSSL has not read because the handler wanted no more.
    private var held: [UInt8] = []
    /// To be sent; whoever does that takes it out.
    package var output: [UInt8] = []
    /// Written while OpenSSL could take nothing.
    private var owed: [UInt8] = []
    private var idleMessages = 0
    /// What the callback found wrong with the peer's certificate.
    private var verificationFault: TLSFault?
    /// The peer's own certificate, if it was found wanting: OpenSSL forgets it then.
    private(set) var unbelieved: CertificateFacts?

    /// `serverName` is the name or address that the server's certificate must be for; a client needs it.
    package init(_ context: TLSContext, serverName: String? = nil) throws(TLSFault) {
        self.context = context
        self.serverName = serverName
        ErrorQueue.clear()
        guard let ssl = unsafe SSL_new(context.pointer) else {
            throw TLSFault(.other, "OpenSSL makes no connection: \(ErrorQueue.takeText())")
        }
        unsafe self.ssl = ssl
        try attach()
        switch context.role {
        case .client:
            guard let serverName else { throw TLSFault(.other, "a client must know the server's name") }
            try expect(serverName)
            unsafe SSL_set_connect_state(ssl)
        case .server:
            unsafe SSL_set_accept_state(ssl)
        }
    }

    deinit { unsafe SSL_free(ssl) }

    private func attach() throws(TLSFault) {
        let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
        guard let method = unsafe SpanBIO.method, let bio = unsafe BIO_new(method) else {
            throw TLSFault(.other, "OpenSSL makes no BIO: \(ErrorQueue.takeText())")
        }
        unsafe BIO_set_data(bio, owner)
        unsafe BIO_set_init(bio, 1)
        // Takes over the one reference for both directions.
        unsafe SSL_set_bio(ssl, bio, bio)
        guard unsafe SSL_set_ex_data(ssl, TLSSession.ownerIndex, owner) == 1 else {
            throw TLSFault(.other, "OpenSSL: \(ErrorQueue.takeText())")
        }
    }

    /// Names by SAN only, as browsers and Go have it; `f*.example` is no wildcard.
    private func expect(_ name: String) throws(TLSFault) {
        // A name may be written as absolute, certificates' names are not (RFC 6125 has no final dot).
        let name = name.hasSuffix(".") ? String(name.dropLast()) : name
        let parameters = unsafe SSL_get0_param(ssl)
        unsafe X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) | UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        let isSet: Bool
        if IPAddress(name) != nil {
            isSet = unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1
        } else {
            // No SNI for addresses (RFC 6066 section 3). An empty name would switch the check off, and one that begins
            // with a dot is OpenSSL's wish for any subdomain.
            isSet =
                unsafe !name.isEmpty && !name.hasPrefix(".") && !name.utf8.contains(0)
                && X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1
                && copenssl_set_server_name(ssl, name) == 1
        }
        guard isSet else {
            ErrorQueue.clear()
            throw TLSFault(.other, "\"\(name)\" is no name that a server's certificate can have")
        }
    }

    // MARK: What is known

    package var isEstablished: Bool { phase == .open }
    /// Something has arrived that no handler has heard of yet.
    package var hasInput: Bool { unsafe !held.isEmpty || SSL_pending(ssl) > 0 }

    /// A server that does so may close without a word if it gets none.
    package private(set) var peerAsksForCertificate = false

    /// `TLS_AES_128_GCM_SHA256`
    package var cipher: String { unsafe String(cString: SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl))) }

    // MARK: Bytes in

    /// A client's first words.
    package func start() throws(TLSFault) { _ = try shake() }

    /// Takes what has arrived.
    package func receive(_ bytes: Span<UInt8>, _ handler: any TLSSessionHandler) throws(TLSFault) {
        if phase == .broken || hasEnded { return }
        if !held.isEmpty {
            held.append(contentsOf: bytes)
            return try resume(handler)
        }
        if !hasHeardPeer, !bytes.isEmpty {
            hasHeardPeer = true
            if let guess = PlaintextGuess.describe(bytes) { throw breakUp(plaintext(guess)) }
        }
        try unsafe bytes.withUnsafeBufferPointer { buffer throws(TLSFault) in
            unsafe input = UnsafeRawBufferPointer(buffer)
            defer {
                if unsafe !input.isEmpty { unsafe held.append(contentsOf: input) }
                unsafe input = UnsafeRawBufferPointer(start: nil, count: 0)
            }
            try advance(handler)
        }
    }

    /// Delivers what is kept.
    package func resume(_ handler: any TLSSessionHandler) throws(TLSFault) {
        let bytes = held
        held = []
        try receive(bytes.span, handler)
    }

    private func advance(_ handler: any TLSSessionHandler) throws(TLSFault) {
        try writeOwed()
        if phase == .shaking {
            guard try shake() else { return }
            handler.sessionEstablished()
        }
        try unsafe withUnsafeTemporaryAllocation(
            byteCount: TLSSession.mostInRecord, alignment: 16
        ) { buffer throws(TLSFault) in
            while handler.wantsBytes, phase == .open {
                var count = 0
                ErrorQueue.clear()
                let result = unsafe SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
                if result == 1 {
                    idleMessages = 0
                    unsafe handler.sessionReceived(
                        Span(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])))
                    continue
                }
                switch unsafe SSL_get_error(ssl, result) {
                case SSL_ERROR_WANT_READ:
                    if isRestless { throw restlessness() }
                    return
                case SSL_ERROR_ZERO_RETURN:
                    hasEnded = true
                    return handler.sessionReachedEnd()
                default: throw breakUp(fault())
                }
            }
        }
    }

    /// Answers whether the handshake is done.
    private func shake() throws(TLSFault) -> Bool {
        ErrorQueue.clear()
        let result = unsafe SSL_do_handshake(ssl)
        guard result == 1 else {
            if unsafe SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return false }
            throw breakUp(fault())
        }
        if context.requiresProtocol, applicationProtocol == nil {
            let wanted = context.protocols.joined(separator: " or ")
            // For the peer all is well: without an end of TLS it would read of a broken connection.
            sayEnd()
            throw breakUp(TLSFault(.noCommonProtocol, "the \(peer) does not offer to speak \(wanted) (ALPN)"))
        }
        phase = .open
        return true
    }

    // MARK: Bytes out

    /// Written, and not yet in `output`: while a message of TLS's own has arrived in part (a ticket over several records),
    /// OpenSSL encrypts nothing. It follows when the rest is received.
    package var owedBytes: Int { owed.count }

    /// Encrypts; only once the session is established.
    package func write(_ bytes: Span<UInt8>) throws(TLSFault) {
        guard phase == .open, !outputEnds, !bytes.isEmpty else { return }
        guard owed.isEmpty else { return owed.append(contentsOf: bytes) }
        if try !encrypt(bytes) { owed.append(contentsOf: bytes) }
    }

    /// Answers false if OpenSSL wants to read first. The BIO takes everything, so then nothing is written.
    private func encrypt(_ bytes: Span<UInt8>) throws(TLSFault) -> Bool {
        ErrorQueue.clear()
        var written = 0
        let result = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe SSL_write_ex(ssl, buffer.baseAddress, buffer.count, &written)
        }
        if result == 1 { return true }
        if unsafe SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return false }
        throw breakUp(fault())
    }

    /// Reads no more of the input than what OpenSSL waits for, whether or not the handler wants bytes.
    private func writeOwed() throws(TLSFault) {
        guard phase == .open, !owed.isEmpty else { return }
        let bytes = owed
        guard try encrypt(bytes.span) else {
            if isRestless { throw restlessness() }
            return
        }
        owed = []
        if outputEnds { sayEnd() }
    }

    /// New keys for both directions (TLS 1.3; RFC 8446 section 4.6.3). OpenSSL does so by itself before any could wear out.
    package func renewKeys() throws(TLSFault) {
        guard phase == .open, !outputEnds else { return }
        ErrorQueue.clear()
        guard unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1, unsafe SSL_do_handshake(ssl) == 1 else {
            throw breakUp(fault())
        }
    }

    /// Says that nothing more comes from this side, behind what is owed.
    package func endOutput() {
        guard phase == .open, !outputEnds else { return }
        outputEnds = true
        if owed.isEmpty { sayEnd() }
    }

    private func sayEnd() {
        ErrorQueue.clear()
        // 0: sent, and the peer has not said so yet. An error is one of a connection that is about to end anyway.
        unsafe _ = SSL_shutdown(ssl)
        ErrorQueue.clear()
    }

    // MARK: Faults

    private func breakUp(_ fault: TLSFault) -> TLSFault {
        phase = .broken
        return fault
    }

    private var isRestless: Bool { idleMessages > TLSSession.mostIdleMessages }

    private func restlessness() -> TLSFault {
        sayEnd()
        return breakUp(
            TLSFault(.other, "the \(peer) sends \(idleMessages) messages of TLS in a row, and none of its own"))
    }

    private var peer: String { context.role == .client ? "server" : "client" }

    private func plaintext(_ guess: String) -> TLSFault {
        TLSFault(.plaintext, "the \(peer) speaks in clear text, not TLS: \(guess)")
    }

    private func fault() -> TLSFault {
        let errors = ErrorQueue.drain()
        if let verificationFault { return verificationFault }
        guard let error = errors.first else { return TLSFault(.other, "OpenSSL fails and does not say why") }
        return TLSFault(error, peer: peer)
    }

    // MARK: Verification

    /// The slot that OpenSSL keeps for applications.
    private static let ownerIndex: Int32 = 0

    /// OpenSSL asks about each certificate of the peer's chain, with its own judgement, which stands.
    static let noteVerification: @convention(c) (Int32, OpaquePointer?) -> Int32 = { judgement, store in
        guard judgement != 1 else { return judgement }
        let raw = unsafe X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx())
        guard let ssl = unsafe raw.map({ OpaquePointer($0) }),
            let owner = unsafe SSL_get_ex_data(ssl, TLSSession.ownerIndex)
        else { return judgement }
        // OpenSSL verifies within SSL_do_handshake, and so within a method of the session.
        let session = unsafe Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
        let code = unsafe X509_STORE_CTX_get_error(store)
        let certificate = unsafe X509_STORE_CTX_get_current_cert(store).map { unsafe Certificate($0) }
        if session.verificationFault == nil {
            session.unbelieved = unsafe X509_STORE_CTX_get0_cert(store).map { unsafe CertificateFacts(Certificate($0)) }
            session.verificationFault = TLSFault(
                verification: code, of: certificate, depth: unsafe Int(X509_STORE_CTX_get_error_depth(store)),
                peer: session.peer, expected: session.serverName)
        }
        return judgement
    }

    /// OpenSSL tells each message and each record.
    static let noteMessage:
        @convention(c) (
            Int32, Int32, Int32, UnsafeRawPointer?, Int, OpaquePointer?, UnsafeMutableRawPointer?
        ) -> Void = { isSent, _, type, message, count, ssl, _ in
            guard isSent == 0, type == SSL3_RT_HANDSHAKE, let ssl = unsafe ssl,
                let owner = unsafe SSL_get_ex_data(ssl, TLSSession.ownerIndex)
            else { return }
            // As above.
            let session = unsafe Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
            if session.phase == .open { session.idleMessages += 1 }
            if let message = unsafe message, count > 0,
                unsafe message.load(as: UInt8.self) == SSL3_MT_CERTIFICATE_REQUEST
            {
                session.peerAsksForCertificate = true
            }
        }

    // MARK: BIO

    /// For OpenSSL: the next bytes of the input; nil if there are none now, or if it has read enough that is of no use.
    fileprivate func take(into buffer: UnsafeMutableRawBufferPointer) -> Int? {
        if isRestless { return nil }
        let count = unsafe min(buffer.count, input.count)
        guard count > 0 else { return nil }
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        unsafe input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }
}

/// The end of OpenSSL's pipe: reads from a session's input and writes to its output, without a copy in between.
private enum SpanBIO {
    /// Made once for the process; nil if there was no memory.
    // Never changed after it was made, and OpenSSL only reads it.
    nonisolated(unsafe) static let method: OpaquePointer? = {
        let type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = unsafe BIO_meth_new(type, "span") else { return nil }
        unsafe BIO_meth_set_read(method, readBytes)
        unsafe BIO_meth_set_write(method, writeBytes)
        unsafe BIO_meth_set_ctrl(method, control)
        return unsafe method
    }()

    private static func session(of bio: OpaquePointer?) -> TLSSession? {
        unsafe BIO_get_data(bio).map { unsafe Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
    }

    private static let readBytes: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
        bio, buffer, count in
        unsafe copenssl_want_nothing(bio)
        guard let session = unsafe session(of: bio), count > 0 else { return 0 }
        let room = unsafe UnsafeMutableRawBufferPointer(start: buffer, count: Int(count))
        guard let taken = unsafe session.take(into: room) else {
            unsafe copenssl_want_read(bio)
            return -1
        }
        return Int32(clamping: taken)
    }

    private static let writeBytes: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
        bio, bytes, count in
        unsafe copenssl_want_nothing(bio)
        guard let session = unsafe session(of: bio), count > 0 else { return 0 }
        unsafe session.output.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        return count
    }

    private static let control: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
        _, command, _, _ in
        // Nothing is buffered here; all else is asked for in vain.
        command == BIO_CTRL_FLUSH ? 1 : 0
    }
}
