import Addresses
import COpenSSL
import System

/// An authority for this machine and its tests: makes certificates that whoever is given its own believes, and nobody else.
/// Keys are P-256 and never leave the process unless the caller writes them.
//
// Sendable: nothing is changed after `init`; what OpenSSL keeps inside of a certificate it has looked at, it locks.
@safe package final class LocalAuthority: @unchecked Sendable {
    /// A certificate and its key, both PEM.
    package struct Identity: Sendable {
        package var certificate: [UInt8]
        package var key: [UInt8]
    }

    /// Seconds since 1970.
    package struct Validity: Hashable, Sendable {
        package var from: Int64
        package var until: Int64

        package init(from: Int64, until: Int64) {
            self.from = from
            self.until = until
        }

        /// From a minute ago, for clocks that differ.
        package static func days(_ count: Int64) -> Validity {
            let now = WallClock.now.seconds
            return Validity(from: now - 60, until: now + count * 86_400)
        }
    }

    package enum Use: Hashable, Sendable {
        case server
        case client
    }

    /// PEM.
    package let certificate: [UInt8]
    private let own: OwnedCertificate
    private let key: OwnedKey

    package init(name: String, validity: Validity = .days(30)) throws(TLSFault) {
        key = try LocalAuthority.makeKey()
        own = try LocalAuthority.makeCertificate(name, validity, serial: UInt64.random(in: 1...UInt64(Int64.max)))
        try LocalAuthority.require(unsafe X509_set_issuer_name(own.pointer, X509_get_subject_name(own.pointer)))
        try LocalAuthority.require(unsafe X509_set_pubkey(own.pointer, key.pointer))
        try LocalAuthority.extend(own, by: own, NID_basic_constraints, "critical,CA:TRUE")
        try LocalAuthority.extend(own, by: own, NID_key_usage, "critical,keyCertSign,cRLSign")
        try LocalAuthority.extend(own, by: own, NID_subject_key_identifier, "hash")
        try LocalAuthority.sign(own, with: key)
        certificate = try LocalAuthority.pem(own)
    }

    /// `names` are DNS names and IP addresses.
    package func issue(
        _ names: [String], for use: Use = .server, validity: Validity = .days(30)
    ) throws(TLSFault) -> Identity {
        let leafKey = try LocalAuthority.makeKey()
        let leaf = try LocalAuthority.makeCertificate(
            names.first ?? "nobody", validity, serial: UInt64.random(in: 1...UInt64(Int64.max)))
        try LocalAuthority.require(unsafe X509_set_issuer_name(leaf.pointer, X509_get_subject_name(own.pointer)))
        try LocalAuthority.require(unsafe X509_set_pubkey(leaf.pointer, leafKey.pointer))
        try LocalAuthority.extend(leaf, by: own, NID_basic_constraints, "critical,CA:FALSE")
        try LocalAuthority.extend(leaf, by: own, NID_key_usage, "critical,digitalSignature")
        try LocalAuthority.extend(leaf, by: own, NID_ext_key_usage, use == .server ? "serverAuth" : "clientAuth")
        try LocalAuthority.extend(leaf, by: own, NID_authority_key_identifier, "keyid")
        if !names.isEmpty {
            // The text is OpenSSL's own little language, in which a comma would begin another entry.
            guard names.allSatisfy({ !$0.contains(",") }) else { throw TLSFault(.other, "a name has no comma") }
            let list = names.map { (IPAddress($0) == nil ? "DNS:" : "IP:") + $0 }.joined(separator: ",")
            try LocalAuthority.extend(leaf, by: own, NID_subject_alt_name, list)
        }
        try LocalAuthority.sign(leaf, with: key)
        return Identity(certificate: try LocalAuthority.pem(leaf), key: try LocalAuthority.pem(leafKey))
    }

    /// The authority's own certificate as that of a server, which nobody should believe.
    package func selfSigned() throws(TLSFault) -> Identity {
        Identity(certificate: certificate, key: try LocalAuthority.pem(key))
    }

    // MARK: OpenSSL

    private static func require(_ result: Int32) throws(TLSFault) {
        if result <= 0 { throw TLSFault(.other, "OpenSSL makes no certificate: \(ErrorQueue.takeText())") }
    }

    private static func makeKey() throws(TLSFault) -> OwnedKey {
        ErrorQueue.clear()
        guard let pointer = unsafe copenssl_make_p256_key() else {
            throw TLSFault(.other, "OpenSSL makes no key: \(ErrorQueue.takeText())")
        }
        return unsafe OwnedKey(pointer)
    }

    private static func makeCertificate(
        _ name: String, _ validity: Validity, serial: UInt64
    ) throws(TLSFault) -> OwnedCertificate {
        ErrorQueue.clear()
        guard let pointer = unsafe X509_new() else { throw TLSFault(.other, "out of memory") }
        let certificate = unsafe OwnedCertificate(pointer)
        try require(unsafe X509_set_version(pointer, 2))
        try require(unsafe ASN1_INTEGER_set_uint64(X509_get_serialNumber(pointer), serial))
        let times = unsafe (X509_getm_notBefore(pointer), X509_getm_notAfter(pointer))
        guard unsafe ASN1_TIME_set(times.0, Int(validity.from)) != nil,
            unsafe ASN1_TIME_set(times.1, Int(validity.until)) != nil
        else { throw TLSFault(.other, "no such validity") }
        // RFC 5280's upper bound for a common name.
        let text = Array(name.utf8.prefix(64))
        try require(
            unsafe X509_NAME_add_entry_by_NID(
                X509_get_subject_name(pointer), NID_commonName, MBSTRING_UTF8, text, Int32(text.count), -1, 0))
        return certificate
    }

    private static func extend(
        _ certificate: OwnedCertificate, by issuer: OwnedCertificate, _ type: Int32, _ value: String
    ) throws(TLSFault) {
        var context = unsafe X509V3_CTX()
        unsafe copenssl_set_extension_context(&context, issuer.pointer, certificate.pointer)
        guard let item = unsafe X509V3_EXT_conf_nid(nil, &context, type, value) else {
            throw TLSFault(.other, "OpenSSL makes no \(value): \(ErrorQueue.takeText())")
        }
        defer { unsafe X509_EXTENSION_free(item) }
        try require(unsafe X509_add_ext(certificate.pointer, item, -1))
    }

    private static func sign(_ certificate: OwnedCertificate, with key: borrowing OwnedKey) throws(TLSFault) {
        try require(unsafe X509_sign(certificate.pointer, key.pointer, EVP_sha256()))
    }

    private static func pem(_ certificate: OwnedCertificate) throws(TLSFault) -> [UInt8] {
        let bio = try OwnedBIO()
        try require(unsafe PEM_write_bio_X509(bio.pointer, certificate.pointer))
        return bio.bytes
    }

    private static func pem(_ key: borrowing OwnedKey) throws(TLSFault) -> [UInt8] {
        let bio = try OwnedBIO()
        try require(unsafe PEM_write_bio_PrivateKey(bio.pointer, key.pointer, nil, nil, 0, nil, nil))
        return bio.bytes
    }
}
