import COpenSSL

/// What a context is made from. Certificates and keys are PEM.
package struct TLSMaterial: Sendable {
    /// Some PEM, and where it came from, for messages.
    package struct Part: Sendable {
        package var origin: String
        package var pem: [UInt8]

        package init(_ pem: [UInt8], from origin: String) {
            self.origin = origin
            self.pem = pem
        }
    }

    package enum Role: Hashable, Sendable {
        case client
        case server
    }

    package var role: Role
    /// This side's own, with the certificates between it and its authority behind it. A server needs one.
    package var certificate: Part?
    package var key: Part?
    /// Whose certificates are believed. Without it, a client believes the system's authorities, and a server asks for no
    /// certificate.
    package var authorities: Part?
    /// For ALPN, in order of preference.
    package var protocols: [String] = []
    /// A peer that agrees on none of them is refused.
    package var requiresProtocol = false

    package init(_ role: Role) { self.role = role }
}

/// An SSL_CTX that is ready for use: the certificates of one side, and its rules. TLS 1.2 and 1.3; no renegotiation, no
/// compression, no resumption (a connection here lives for many calls, and a resumed one would outlive what a rotated
/// certificate has ended).
//
// Sendable: nothing is changed after `init`, and OpenSSL lets threads make connections from one SSL_CTX; its reference
// count is atomic.
@safe package final class TLSContext: @unchecked Sendable {
    package let role: TLSMaterial.Role
    let protocols: [String]
    let requiresProtocol: Bool
    let pointer: OpaquePointer
    /// `protocols` as ALPN sends them; OpenSSL's callback lends it out.
    private let offer: UnsafeMutableBufferPointer<UInt8>

    package init(_ material: TLSMaterial) throws(TLSFault) {
        role = material.role
        protocols = material.protocols
        requiresProtocol = material.requiresProtocol
        ErrorQueue.clear()
        let method = unsafe material.role == .client ? TLS_client_method() : TLS_server_method()
        guard let pointer = unsafe SSL_CTX_new(method) else {
            throw TLSFault(.other, "OpenSSL makes no context: \(ErrorQueue.takeText())")
        }
        unsafe self.pointer = pointer
        let wire = material.protocols.flatMap { [UInt8(clamping: $0.utf8.count)] + $0.utf8.prefix(255) }
        let offer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: wire.count)
        unsafe _ = offer.initialize(from: wire)
        unsafe self.offer = offer
        // From here on the object is whole, and the deinitializer frees both.
        try setRules()
        try loadIdentity(material)
        try loadAuthorities(material.authorities)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
        unsafe offer.deallocate()
    }

    private func setRules() throws(TLSFault) {
        guard unsafe copenssl_set_versions(pointer, TLS1_2_VERSION, TLS1_3_VERSION) == 1 else {
            throw TLSFault(.other, "OpenSSL does not know TLS 1.2 or 1.3: \(ErrorQueue.takeText())")
        }
        unsafe copenssl_no_session_cache(pointer)
        unsafe _ = SSL_CTX_set_num_tickets(pointer, 0)
        unsafe copenssl_set_options(pointer)
        // A connection between two records holds no buffer of 16 KiB.
        unsafe copenssl_set_modes(pointer, Int(SSL_MODE_RELEASE_BUFFERS))
        unsafe SSL_CTX_set_msg_callback(pointer, TLSSession.noteMessage)
        guard unsafe !offer.isEmpty else { return }
        switch role {
        case .client:
            // It answers 0 for success, unlike its neighbours.
            guard unsafe SSL_CTX_set_alpn_protos(pointer, offer.baseAddress, UInt32(offer.count)) == 0 else {
                throw TLSFault(.other, "the protocols \(protocols) cannot be offered: \(ErrorQueue.takeText())")
            }
        case .server:
            let owner = unsafe Unmanaged.passUnretained(self).toOpaque()
            unsafe SSL_CTX_set_alpn_select_cb(pointer, TLSContext.select, owner)
        }
    }

    /// The first of ours that the client offers. Each session retains the context, so it is alive here.
    private static let select:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, chosen, count, offered, offeredCount, owner in
            guard let chosen = unsafe chosen, let owner = unsafe owner else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            let context = unsafe Unmanaged<TLSContext>.fromOpaque(owner).takeUnretainedValue()
            var place: UnsafeMutablePointer<UInt8>?
            let result = unsafe SSL_select_next_proto(
                &place, count, context.offer.baseAddress, UInt32(context.offer.count), offered, offeredCount)
            guard result == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
            unsafe chosen.pointee = UnsafePointer(place)
            return SSL_TLSEXT_ERR_OK
        }

    // MARK: Certificates

    private func loadIdentity(_ material: TLSMaterial) throws(TLSFault) {
        guard let certificate = material.certificate, let key = material.key else {
            if material.certificate == nil, material.key == nil, role == .client { return }
            throw TLSFault(
                material.certificate == nil ? .certificate : .key,
                material.certificate == nil && material.key == nil
                    ? "a TLS server needs a certificate and its key" : "a certificate and its key go together")
        }
        let chain = try TLSContext.certificates(certificate, .certificate)
        for (index, item) in chain.enumerated() {
            let isTaken =
                unsafe index == 0
                ? SSL_CTX_use_certificate(pointer, item.pointer)
                : copenssl_add_chain_certificate(pointer, item.pointer)
            guard isTaken == 1 else {
                throw TLSFault(.certificate, "\(certificate.origin) cannot be used: \(ErrorQueue.takeText())")
            }
        }
        let privateKey = try OwnedKey(key)
        guard unsafe SSL_CTX_use_PrivateKey(pointer, privateKey.pointer) == 1,
            unsafe SSL_CTX_check_private_key(pointer) == 1
        else {
            ErrorQueue.clear()
            throw TLSFault(
                .key, "the key in \(key.origin) is not that of the certificate in \(certificate.origin)")
        }
    }

    private func loadAuthorities(_ authorities: TLSMaterial.Part?) throws(TLSFault) {
        if let authorities {
            let store = unsafe SSL_CTX_get_cert_store(pointer)
            for item in try TLSContext.certificates(authorities, .authorities) {
                guard unsafe X509_STORE_add_cert(store, item.pointer) == 1 else {
                    throw TLSFault(.authorities, "\(authorities.origin) cannot be used: \(ErrorQueue.takeText())")
                }
                // What the client may choose its certificate by.
                if role == .server { unsafe _ = SSL_CTX_add_client_CA(pointer, item.pointer) }
            }
            // Whatever stands in the file is believed, also an authority that another has signed: as Go does.
            unsafe _ = X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        } else if role == .client {
            // Where the distribution keeps them; SSL_CERT_FILE and SSL_CERT_DIR say otherwise.
            guard unsafe SSL_CTX_set_default_verify_paths(pointer) == 1 else {
                throw TLSFault(.authorities, "the system's authorities cannot be used: \(ErrorQueue.takeText())")
            }
        } else {
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)
            return
        }
        let mode = role == .client ? SSL_VERIFY_PEER : SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        unsafe SSL_CTX_set_verify(pointer, mode, TLSSession.noteVerification)
    }

    /// All certificates of a file, at least one.
    private static func certificates(
        _ part: TLSMaterial.Part, _ kind: TLSFault.Kind
    ) throws(TLSFault) -> [OwnedCertificate] {
        ErrorQueue.clear()
        let bio = try OwnedBIO.holding(part, kind)
        var found: [OwnedCertificate] = []
        while let pointer = unsafe copenssl_read_certificate(bio.pointer) {
            unsafe found.append(OwnedCertificate(pointer))
        }
        // The end of the file is an error of its own; any other is a certificate that cannot be read.
        let errors = ErrorQueue.drain()
        if let error = errors.first, !(error.library == ERR_LIB_PEM && error.reason == PEM_R_NO_START_LINE) {
            throw TLSFault(kind, "\(part.origin) holds a certificate that cannot be read: \(error.text)")
        }
        if found.isEmpty { throw TLSFault(kind, "\(part.origin) holds no certificate (PEM)") }
        return found
    }
}

// MARK: Owners of OpenSSL's objects

@safe final class OwnedCertificate {
    let pointer: OpaquePointer
    @unsafe init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }
    deinit { unsafe X509_free(pointer) }
}

@safe struct OwnedKey: ~Copyable {
    let pointer: OpaquePointer
    @unsafe init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    init(_ part: TLSMaterial.Part) throws(TLSFault) {
        ErrorQueue.clear()
        let bio = try OwnedBIO.holding(part, .key)
        guard let pointer = unsafe copenssl_read_key(bio.pointer) else {
            let text = ErrorQueue.takeText()
            throw TLSFault(.key, "\(part.origin) holds no private key without a password (PEM): \(text)")
        }
        unsafe self.init(pointer)
    }

    deinit { unsafe EVP_PKEY_free(pointer) }
}

/// Bytes as OpenSSL reads and writes them.
@safe struct OwnedBIO: ~Copyable {
    let pointer: OpaquePointer

    init() throws(TLSFault) {
        guard let pointer = unsafe BIO_new(BIO_s_mem()) else { throw TLSFault(.other, "out of memory") }
        unsafe self.pointer = pointer
    }

    static func holding(_ part: TLSMaterial.Part, _ kind: TLSFault.Kind) throws(TLSFault) -> OwnedBIO {
        let bio = try OwnedBIO()
        let written = unsafe part.pem.withUnsafeBufferPointer { bytes in
            unsafe BIO_write(bio.pointer, bytes.baseAddress, Int32(clamping: bytes.count))
        }
        guard part.pem.isEmpty || Int(written) == part.pem.count else {
            throw TLSFault(kind, "\(part.origin) cannot be read: \(ErrorQueue.takeText())")
        }
        return bio
    }

    /// All that has been written.
    var bytes: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe copenssl_memory(pointer, &start)
        return unsafe UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count).map { $0 }
    }

    deinit { unsafe _ = BIO_free(pointer) }
}
