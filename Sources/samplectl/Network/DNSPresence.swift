package import Timing

/// Whether DNS answers with a pod. What is written is not yet known: dnsmasq reads when it gets round to it, so a pod
/// counts as listed only when the server has answered with a publication that names it, and as unlisted only when it
/// has answered with one that does not.
///
/// Publications are numbered; the server's answer tells which one it has read.
package enum DNSPresence: Equatable, Sendable {
    /// No publication has named it yet.
    case never
    case entering(publication: UInt32)
    case listed(since: Instant)
    /// It is still found, as far as is known.
    case leaving(publication: UInt32)
    case unlisted(since: Instant)

    package var isListed: Bool {
        switch self {
        case .listed: true
        case .never, .entering, .leaving, .unlisted: false
        }
    }

    /// `publication` has been written, with this pod in it or without.
    package mutating func published(isNamed: Bool, in publication: UInt32) {
        switch self {
        case .never, .leaving, .unlisted:
            if isNamed { self = .entering(publication: publication) }
        case .entering, .listed:
            if !isNamed { self = .leaving(publication: publication) }
        }
    }

    /// The server has answered with `publication`.
    package mutating func confirmed(_ publication: UInt32, at now: Instant) {
        switch self {
        case .entering(let awaited):
            if publication >= awaited { self = .listed(since: now) }
        case .leaving(let awaited):
            if publication >= awaited { self = .unlisted(since: now) }
        case .never, .listed, .unlisted:
            return
        }
    }
}
