/// Error codes of RST_STREAM and GOAWAY (RFC 9113 section 7).
package struct HTTP2ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let noError = HTTP2ErrorCode(rawValue: 0)
    package static let protocolError = HTTP2ErrorCode(rawValue: 1)
    package static let internalError = HTTP2ErrorCode(rawValue: 2)
    package static let refusedStream = HTTP2ErrorCode(rawValue: 7)
    package static let cancel = HTTP2ErrorCode(rawValue: 8)
    package static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 11)

    private static let names = [
        "NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
        "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
        "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
    ]

    /// As in the RFC; nil for a number that it does not assign.
    package var name: String? {
        rawValue < HTTP2ErrorCode.names.count ? HTTP2ErrorCode.names[Int(rawValue)] : nil
    }

    package var description: String { name ?? "error code \(rawValue)" }
}

/// The session cannot go on: the connection is to be closed.
package struct HTTP2SessionError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// What to tell the peer.
    package let code: HTTP2ErrorCode
}

/// A request that has not been submitted.
package enum HTTP2RequestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It cannot be sent, here or anywhere: its header fields are too large.
    case request(String)
    /// This session takes none.
    case session(String)

    package var description: String {
        switch self {
        case .request(let reason), .session(let reason): reason
        }
    }
}
