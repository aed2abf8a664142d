package import JSON
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

    /// DNS surely does not answer with it.
    package var isAbsent: Bool {
        switch self {
        case .never, .unlisted: true
        case .entering, .listed, .leaving: false
        }
    }

    /// When it entered DNS, or left it, whichever came last; nil while that is on its way.
    package var since: Instant? {
        switch self {
        case .listed(let since), .unlisted(let since): since
        case .never, .entering, .leaving: nil
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

/// In the status: `{"listed":true,"since":…}`, in nanoseconds of the machine's monotonic clock; with `awaits` and the
/// number of a publication instead while that is on its way; null for a pod that has never been ready.
extension DNSPresence {
    package var json: JSONValue {
        switch self {
        case .never: .null
        case .entering(let publication): ["listed": false, "awaits": .number(.integer(Int64(publication)))]
        case .leaving(let publication): ["listed": true, "awaits": .number(.integer(Int64(publication)))]
        case .listed(let since): ["listed": true, "since": .number(.integer(since.nanoseconds))]
        case .unlisted(let since): ["listed": false, "since": .number(.integer(since.nanoseconds))]
        }
    }

    /// nil if the value is not one that `json` made.
    package init?(_ json: JSONValue) {
        if json == .null {
            self = .never
            return
        }
        guard let isListed = json["listed"]?.bool else { return nil }
        if let since = json["since"]?.integer.map(Instant.init(nanoseconds:)) {
            self = isListed ? .listed(since: since) : .unlisted(since: since)
        } else if let publication = json["awaits"]?.integer.flatMap(UInt32.init(exactly:)) {
            self = isListed ? .leaving(publication: publication) : .entering(publication: publication)
        } else {
            return nil
        }
    }
}
