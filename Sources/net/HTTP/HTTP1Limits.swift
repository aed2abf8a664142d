/// What a peer may send and how long it may take; each excess is answered with HTTP's own status and a close.
package struct HTTP1Limits: Equatable, Sendable {
    /// Bytes of the request line or status line without its CRLF: 414.
    package var startLineBytes = 8 * 1024
    /// Bytes of all field lines with their CRLFs: 431.
    package var fieldBytes = 16 * 1024
    /// Fields of a header: 431.
    package var fieldCount = 100
    /// Bytes of a body, chunk framing not counted: 413.
    package var bodyBytes = 1024 * 1024
    /// Bytes of a chunk's size line, extensions included, without its CRLF: 400.
    package var chunkLineBytes = 256
    /// Bytes of chunk extensions in one body. Nothing reads them, so many are an attack on the reader: 400.
    package var chunkExtensionBytes = 16 * 1024
    /// Bytes of all trailer lines with their CRLFs: 431. Trailers are checked and dropped.
    package var trailerBytes = 8 * 1024
    /// Empty lines before a request line, which old clients send after a body (RFC 9112 section 2.2): 400.
    package var emptyLinesBeforeRequest = 2
    /// Interim (1xx) responses before the final one; clients only.
    package var interimResponses = 8
    /// Requests on one connection; the last is answered with `Connection: close`.
    package var requestsPerConnection = 1000
    /// From a request's first byte (or from the connection's start) to the end of its header: 408.
    package var headerReadTime: Duration = .seconds(10)
    /// From the end of the header to the end of the body: 408.
    package var bodyReadTime: Duration = .seconds(60)
    /// Until the peer has taken all of a response: then close.
    package var responseWriteTime: Duration = .seconds(60)
    /// Between a response and the next request; longer than common proxies keep theirs, so that they close first.
    package var idleTime: Duration = .seconds(75)

    package init() {}

    package static let defaults = HTTP1Limits()
}
