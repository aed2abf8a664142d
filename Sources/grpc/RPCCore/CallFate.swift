/// What a server can have made of an attempt of a call that failed; it decides whether the call may be sent again without
/// harm (gRFC A6, "transparent retries").
package enum CallFate: Hashable, Sendable {
    /// It never left this side: it may be sent again as often as it takes.
    case unsent
    /// The server says that it did not process it (REFUSED_STREAM, or an id above GOAWAY's last): once more.
    case refused
    /// It was processed, or may have been.
    case processed
    /// This side cannot send it, to whatever server: nothing makes it worth another attempt.
    case hopeless
}
