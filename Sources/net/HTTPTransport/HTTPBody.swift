package import System

/// The body of a response.
package enum HTTPBody {
    case bytes([UInt8])
    /// Goes from the file to the socket inside the kernel.
    case file(FileSlice)
    /// Is produced while it is sent: chunked for HTTP/1.1, up to the end of the connection for HTTP/1.0. Called in the
    /// handler's task, and not at all for HEAD. When it throws, the connection is cut, so that the client sees that
    /// something is missing.
    case stream((HTTPBodyWriter) async throws -> Void)

    /// The length where it is known before the body is sent.
    var length: Int? {
        switch self {
        case .bytes(let bytes): bytes.count
        case .file(let slice): slice.count
        case .stream: nil
        }
    }

    /// What is in memory; nil for what is not.
    package var bytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .file, .stream: nil
        }
    }
}
