import Addresses
import Bytes
import COpenSSL
import Glibc
import Timing

/// What messages tell of somebody's certificate. It borrows OpenSSL's object, and lives no longer than that call does.
@safe struct Certificate {
    private let pointer: OpaquePointer
    /// As many names as a message can bear.
    private static let mostNames = 8

    @unsafe init(_ pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    var notBefore: String { unsafe Certificate.time(X509_get0_notBefore(pointer)) }
    var notAfter: String { unsafe Certificate.time(X509_get0_notAfter(pointer)) }
    var subject: String { unsafe Certificate.name(X509_get_subject_name(pointer)) }
    var issuer: String { unsafe Certificate.name(X509_get_issuer_name(pointer)) }

    /// SHA-256 over the whole of it, in hexadecimal; empty if OpenSSL could not say.
    var fingerprint: String {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard unsafe X509_digest(pointer, EVP_sha256(), &digest, &count) == 1, count == 32 else { return "" }
        return String(
            decoding: digest.flatMap { [Hexadecimal.lowerDigit($0 >> 4), Hexadecimal.lowerDigit($0)] }, as: UTF8.self)
    }

    /// `2026-11-21 23:00:00 UTC`
    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return "an unreadable time" }
        let date = unsafe [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday].map { CivilTime.twoDigits(Int($0)) }
        let clock = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { CivilTime.twoDigits(Int($0)) }
        return date.joined(separator: "-") + " " + clock.joined(separator: ":") + " UTC"
    }

    /// `/O=example/CN=name`, of at most 200 bytes.
    private static func name(_ name: OpaquePointer?) -> String {
        let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 201) { buffer in
            unsafe X509_NAME_oneline(name, buffer.baseAddress, 201).map { unsafe String(cString: $0) } ?? ""
        }
        return text.isEmpty ? "no name" : Certificate.printable(text)
    }

    /// The names and addresses for which it is valid, such as `localhost, 127.0.0.1`.
    var names: String {
        guard let raw = unsafe X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else {
            return "no name at all"
        }
        let names = OpaquePointer(raw)
        defer { unsafe GENERAL_NAMES_free(names) }
        let count = unsafe copenssl_names_count(names)
        var texts: [String] = []
        for index in 0..<max(count, 0) {
            guard let name = unsafe copenssl_name(names, index) else { continue }
            switch unsafe name.pointee.type {
            case GEN_DNS: texts.append(unsafe Certificate.text(name.pointee.d.dNSName))
            case GEN_IPADD: texts.append(unsafe Certificate.address(name.pointee.d.iPAddress))
            default: continue
            }
        }
        if texts.isEmpty { return "no name at all" }
        let shown = texts.prefix(Certificate.mostNames).joined(separator: ", ")
        return texts.count > Certificate.mostNames ? shown + " and \(texts.count - Certificate.mostNames) more" : shown
    }

    private static func bytes(_ string: UnsafeMutablePointer<ASN1_STRING>?) -> [UInt8] {
        let start = unsafe ASN1_STRING_get0_data(string)
        let count = unsafe ASN1_STRING_length(string)
        return unsafe Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(count)))
    }

    private static func text(_ string: UnsafeMutablePointer<ASN1_STRING>?) -> String {
        unsafe printable(String(decoding: bytes(string).prefix(200), as: UTF8.self))
    }

    private static func printable(_ text: String) -> String {
        var bytes: [UInt8] = []
        PrintableText.append(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func address(_ string: UnsafeMutablePointer<ASN1_STRING>?) -> String {
        let bytes = unsafe bytes(string)
        switch bytes.count {
        case 4: return IPAddress.v4(bytes.reduce(0) { $0 << 8 | UInt32($1) }).description
        case 16: return IPAddress.v6(bytes.reduce(0) { $0 << 8 | UInt128($1) }).description
        default: return "an address of \(bytes.count) bytes"
        }
    }
}
