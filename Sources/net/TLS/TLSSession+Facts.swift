import COpenSSL

/// What a session and its peer have agreed upon.
extension TLSSession {
    /// By ALPN.
    package var applicationProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &bytes, &count)
        guard count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// Whom the peer says that it is, believed or not; nil before it has said so.
    package var peerCertificate: CertificateFacts? {
        if let unbelieved { return unbelieved }
        return unsafe SSL_get0_peer_certificate(ssl).map { unsafe CertificateFacts(Certificate($0)) }
    }

    /// `TLSv1.3`
    package var version: String { unsafe SSL_get_version(ssl).map { unsafe String(cString: $0) } ?? "" }
}
