/// Whose certificate it is, for people; nothing here has been verified.
package struct CertificateFacts: Hashable, Sendable {
    package var subject: String
    package var issuer: String
    /// The names and addresses that it is for: `localhost, 127.0.0.1`.
    package var names: String
    package var notAfter: String
    /// Two certificates are the same if this is: SHA-256, in hexadecimal.
    package var fingerprint: String

    init(_ certificate: Certificate) {
        subject = certificate.subject
        issuer = certificate.issuer
        names = certificate.names
        notAfter = certificate.notAfter
        fingerprint = certificate.fingerprint
    }
}

/// What one connection's TLS came to, for who wants to know more of it than an error's text.
package struct TLSReport: Hashable, Sendable {
    /// `TLSv1.3`; empty if the peer never answered.
    package var version: String
    /// By ALPN; nil if nothing was agreed upon, or not yet when it failed.
    package var applicationProtocol: String?
    /// The peer's.
    package var certificate: CertificateFacts?
    /// It wants one of this side.
    package var asksForCertificate: Bool
    /// nil: TLS is established.
    package var fault: TLSFault?

    init(_ session: TLSSession, fault: TLSFault? = nil) {
        version = session.peerCertificate == nil ? "" : session.version
        applicationProtocol = session.applicationProtocol
        certificate = session.peerCertificate
        asksForCertificate = session.peerAsksForCertificate
        self.fault = fault
    }
}
