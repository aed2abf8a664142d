import COpenSSL

/// OpenSSL's codes in words that say what to do.
extension TLSFault {
    init(_ error: ErrorQueue.Entry, peer: String) {
        guard error.library == ERR_LIB_SSL else {
            self.init(.other, error.text)
            return
        }
        switch error.reason {
        case SSL_AD_REASON_OFFSET...(SSL_AD_REASON_OFFSET + 255):
            self.init(alert: error.reason - SSL_AD_REASON_OFFSET, peer: peer)
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            self.init(.clientCertificateMissing, "the client shows no certificate, and this server asks for one")
        case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_PACKET_LENGTH_TOO_LONG:
            self.init(.plaintext, "the \(peer) sends something that is not TLS (\(error.text))")
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_UNKNOWN_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_NO_PROTOCOLS_AVAILABLE:
            self.init(.noCommonVersion, "the \(peer) speaks neither TLS 1.2 nor 1.3")
        case SSL_R_NO_SHARED_CIPHER:
            self.init(.noCommonVersion, "the \(peer) shares no cipher with this side")
        case SSL_R_NO_APPLICATION_PROTOCOL:
            self.init(.noCommonProtocol, "the \(peer) offers no protocol that is spoken here (ALPN)")
        default:
            self.init(.other, error.text)
        }
    }

    /// What the peer thinks is wrong (RFC 8446 section 6.2), and so what to look at over here.
    private init(alert: Int32, peer: String) {
        let isServer = peer == "server"
        let own = isServer ? "this client's certificate" : "this server's certificate"
        switch alert {
        case SSL_AD_CERTIFICATE_REQUIRED:
            self.init(.clientCertificateMissing, "the server asks for a client certificate, and this client shows none")
        case SSL_AD_CERTIFICATE_EXPIRED:
            self.init(.refused, "the \(peer) refuses \(own): expired, or not yet valid by its clock")
        case SSL_AD_UNKNOWN_CA:
            self.init(.refused, "the \(peer) refuses \(own): it does not know the authority that signed it")
        case SSL_AD_BAD_CERTIFICATE, SSL_AD_CERTIFICATE_UNKNOWN:
            self.init(.refused, "the \(peer) refuses \(own): it is not valid, or not for the name that was asked for")
        case SSL_AD_UNSUPPORTED_CERTIFICATE: self.init(.refused, "the \(peer) refuses \(own): not made for this use")
        case SSL_AD_CERTIFICATE_REVOKED: self.init(.refused, "the \(peer) refuses \(own): revoked")
        case SSL_AD_PROTOCOL_VERSION: self.init(.noCommonVersion, "the \(peer) speaks neither TLS 1.2 nor 1.3")
        case SSL_AD_NO_APPLICATION_PROTOCOL:
            self.init(.noCommonProtocol, "the \(peer) speaks none of the protocols offered (ALPN)")
        case SSL_AD_HANDSHAKE_FAILURE where isServer:
            // TLS 1.2 has no other word for it.
            self.init(
                .refused, "the server refuses the handshake: no common cipher, or it asks for a client certificate")
        default:
            let text = unsafe SSL_alert_desc_string_long(alert).map { unsafe String(cString: $0) } ?? "unknown"
            self.init(.refused, "the \(peer) ends TLS with alert \(alert) (\(text))")
        }
    }

    /// `depth` 0 is the peer's own certificate; above it are those that signed.
    init(verification code: Int32, of certificate: Certificate?, depth: Int, peer: String, expected: String?) {
        let whose = depth == 0 ? "the \(peer)'s certificate" : "a certificate that signed the \(peer)'s"
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            self.init(.expired, "\(whose) has expired: it was valid until \(certificate?.notAfter ?? "?")")
        case X509_V_ERR_CERT_NOT_YET_VALID:
            self.init(.notYetValid, "\(whose) is not yet valid: it begins at \(certificate?.notBefore ?? "?")")
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
            let names = certificate?.names ?? "?"
            self.init(.wrongName, "\(whose) is for \(names), not for \(expected ?? "the name that was asked for")")
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            self.init(
                .unknownIssuer,
                "\(whose) is signed by itself (\(certificate?.subject ?? "?")) and not among the authorities")
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            self.init(
                .unknownIssuer,
                "the \(peer)'s certificate comes from an unknown authority: \(certificate?.subject ?? "?")")
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE:
            self.init(
                .unknownIssuer, "\(whose) comes from an unknown authority: \(certificate?.issuer ?? "?")")
        case X509_V_ERR_INVALID_PURPOSE:
            self.init(.badCertificate, "\(whose) is not made for a TLS \(peer) (extended key usage)")
        default:
            let text =
                unsafe X509_verify_cert_error_string(Int(code)).map { unsafe String(cString: $0) } ?? "error \(code)"
            self.init(.badCertificate, "\(whose) is not valid: \(text)")
        }
    }
}
