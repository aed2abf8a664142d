package import RPCCore
package import Timing

/// What a resolver has found.
package struct Resolution: Hashable, Sendable {
    /// Without duplicates; the order is the resolver's.
    package var endpoints: [Endpoint]
    /// What holds for all of the endpoints.
    package var attributes: Attributes
    /// nil if the source has none; an error if what it has cannot be used.
    package var serviceConfig: Result<ServiceConfig, RPCError>?
    /// How long the answer is good for, if the source says.
    package var timeToLive: Duration?

    package init(
        endpoints: [Endpoint], attributes: Attributes = Attributes(),
        serviceConfig: Result<ServiceConfig, RPCError>? = nil, timeToLive: Duration? = nil
    ) {
        self.endpoints = endpoints
        self.attributes = attributes
        self.serviceConfig = serviceConfig
        self.timeToLive = timeToLive
    }
}

/// What has become of a resolution: whether calls can be made by it.
package enum Acceptance: Hashable, Sendable {
    case accepted
    /// It is of no use, and its resolver should look again, after its back-off (grpc-go's ErrBadResolverState).
    case refused
}

/// Finds the endpoints of a target and keeps finding them. Loop thread only; nothing here blocks.
///
/// A resolver is started once. It reports each complete set, or why it has none; reports never come from within a call
/// to the resolver. After a failure the channel keeps the last good set. An empty set is a report like any other: the
/// name exists and has no endpoint. A set that is refused is to be looked for again after a back-off, as after a failure.
package protocol Resolver: AnyObject {
    /// Begins; `report` is called for every outcome until `shutdown`.
    func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance)
    /// A subchannel was lost or could not connect: the set may be out of date. The resolver decides when to look again;
    /// a request that comes too early is delayed, never dropped.
    /// `urgent` says that no subchannel is READY, so that waiting a long interval would be an outage.
    func resolveAgain(urgent: Bool)
    /// Ends it; no report comes after.
    func shutdown()
    /// For `/go/channel`.
    var snapshot: ResolverSnapshot { get }
    /// Hears of each look-up that fails and is not reported, because what was found before stands. For people only: a
    /// source that tells of changes by itself has nothing else to say then.
    var lookupFailed: ((RPCError) -> Void)? { get set }
}

extension Resolver {
    /// Those that report every failure have no others.
    package var lookupFailed: ((RPCError) -> Void)? {
        get { nil }
        set {}
    }
}

/// What a resolver is doing, for people.
package struct ResolverSnapshot: Hashable, Sendable {
    package var endpoints: [Endpoint]
    package var timeToLive: Duration?
    /// nil before the first look-up.
    package var lastLookup: Instant?
    /// The last one that brought an answer, or the last word of a source that tells of changes by itself.
    package var lastAnswer: Instant?
    /// nil when none is planned: the next one waits for an event.
    package var nextLookup: Instant?
    /// The last look-up's error; nil if it succeeded.
    package var lastError: String?
    package var lookups: Int

    package init(
        endpoints: [Endpoint] = [], timeToLive: Duration? = nil, lastLookup: Instant? = nil, lastAnswer: Instant? = nil,
        nextLookup: Instant? = nil, lastError: String? = nil, lookups: Int = 0
    ) {
        self.endpoints = endpoints
        self.timeToLive = timeToLive
        self.lastLookup = lastLookup
        self.lastAnswer = lastAnswer
        self.nextLookup = nextLookup
        self.lastError = lastError
        self.lookups = lookups
    }
}
