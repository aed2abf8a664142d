/// How a representation is coded (RFC 9110 section 8.4.1).
package enum ContentCoding: Hashable, Sendable {
    /// Not at all; never named in a field.
    case identity
    case gzip
}
