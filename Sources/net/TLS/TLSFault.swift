package import Addresses
package import System

/// What is wrong with a TLS connection, or with what one is to be made from. The text is for people and is whole without
/// the kind, which is for counting and for logs that say a thing once.
package struct TLSFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable, CaseIterable {
        case expired
        case notYetValid
        case wrongName
        case unknownIssuer
        /// Any other fault of the peer's certificate.
        case badCertificate
        case clientCertificateMissing
        /// The peer does not speak TLS.
        case plaintext
        /// By an alert of the peer.
        case refused
        case noCommonVersion
        case noCommonProtocol
        /// The connection ended where TLS does not end.
        case truncated
        case timedOut
        /// Of this side, like the next two: files that cannot be read or do not belong together.
        case certificate
        case key
        case authorities
        case other
    }

    package let kind: Kind
    package let description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// As a stream tells its delegate. `whileShaking`: the connection has not been established.
    package func systemError(with peer: SocketAddress?, whileShaking: Bool) -> SystemError {
        let code =
            switch kind {
            case .timedOut: SystemError.timedOut
            case .truncated: SystemError.reset
            default: SystemError.protocolFailure
            }
        let operation = whileShaking ? "TLS handshake" : "TLS"
        return SystemError(
            operation + (peer.map { " with \($0)" } ?? ""), code: code, explanation: description)
    }
}
