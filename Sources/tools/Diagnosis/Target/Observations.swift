package import Addresses

/// What an examination of one target has seen. No judgement: that is `TargetDiagnosis`.
package struct TargetObservation: Hashable, Sendable {
    package var target: String
    package var policy = PolicyInUse.assumed
    /// Nil in clear text; else the name that the servers' certificates must be for.
    package var serverName: String?
    /// Whom the health service was asked about; empty for the whole server.
    package var service = ""
    /// Whoever finds the addresses tells of changes by itself, so that nobody must look again.
    package var sourceTells = false
    package var resolution: ResolutionObservation
    /// Those that were tried, in the order of the resolution.
    package var addresses: [AddressObservation] = []
    package var servers = ServersObservation()
    /// nil: nobody could be watched.
    package var watch: WatchObservation?
    /// Why the call that was to name the servers could not be made.
    package var callProblem: String?

    /// The target has addresses, and no name that could have others later.
    package var isStatic: Bool {
        if ["ipv4:", "ipv6:", "unix:", "unix-abstract:"].contains(where: { target.hasPrefix($0) }) { return true }
        // An address in place of a host is its own answer; text without a scheme is such a target, too.
        guard let scheme = ["dns:", "passthrough:"].first(where: { target.hasPrefix($0) }) else { return false }
        let rest = target.dropFirst(scheme.count)
        let end = String(rest.lastIndex(of: "/").map { rest[rest.index(after: $0)...] } ?? rest)
        let isBracketed = end.hasPrefix("[") && end.hasSuffix("]")
        return SocketAddress(end)?.ip != nil || IPAddress(isBracketed ? String(end.dropFirst().dropLast()) : end) != nil
    }

    package init(target: String, resolution: ResolutionObservation) {
        self.target = target
        self.resolution = resolution
    }
}

package enum PolicyInUse: Hashable, Sendable {
    /// gRPC's own default, because nobody said otherwise.
    case assumed
    case known(String)

    package var name: String {
        switch self {
        case .assumed: "pick_first"
        case .known(let name): name
        }
    }
}

package enum ResolutionObservation: Hashable, Sendable {
    case found([SocketAddress], timeToLive: Duration?, took: Duration)
    case failed(Failure, String)

    package enum Failure: Hashable, Sendable {
        case notFound
        case noAddress
        case other
    }

    package var addresses: [SocketAddress] {
        if case .found(let addresses, _, _) = self { addresses } else { [] }
    }
}

/// What one address answered.
package struct AddressObservation: Hashable, Sendable {
    package var address: SocketAddress
    package var outcome: ConnectionOutcome
    package var took: Duration
    /// Of the connection that was meant to be made, where that was TLS.
    package var tls: TLSObservation?
    /// What the same address says to the other one of clear text and TLS, where the one meant came to nothing.
    package var otherwise: OtherWay?
    /// nil if it could not be asked.
    package var health: HealthAnswer?

    package init(_ address: SocketAddress, _ outcome: ConnectionOutcome, took: Duration) {
        self.address = address
        self.outcome = outcome
        self.took = took
    }
}

/// How a connection began, and how far it came.
package enum ConnectionOutcome: Hashable, Sendable {
    /// The server's SETTINGS have come.
    case ready
    case refused
    case unreachable(String)
    /// Nothing at all within this time.
    case noAnswer(Duration)
    /// A connection, and not a byte on it within this time.
    case silent(Duration)
    /// By the peer, before it said a word.
    case closed(String)
    case spoke(FirstWords)
    case tls(TLSTrouble, String)
}

package enum TLSTrouble: Hashable, Sendable {
    case wrongName
    case unknownAuthority
    /// Expired, or not yet valid.
    case wrongTime
    case clientCertificate
    case noCommonProtocol
    case plaintext
    case other
}

package struct TLSObservation: Hashable, Sendable {
    package var version: String
    package var applicationProtocol: String?
    package var names: String?
    package var issuer: String?
    package var notAfter: String?
    /// Of the certificate.
    package var fingerprint: String?

    package init(
        version: String, applicationProtocol: String? = nil, names: String? = nil, issuer: String? = nil,
        notAfter: String? = nil, fingerprint: String? = nil
    ) {
        self.version = version
        self.applicationProtocol = applicationProtocol
        self.names = names
        self.issuer = issuer
        self.notAfter = notAfter
        self.fingerprint = fingerprint
    }
}

package enum OtherWay: Hashable, Sendable {
    case tls(TLSObservation)
    case plaintext(FirstWords)
}

package enum HealthAnswer: Hashable, Sendable {
    case serving
    case notServing
    case serviceUnknown
    case unimplemented
    case failed(String)

    package var word: String {
        switch self {
        case .serving: "SERVING"
        case .notServing: "NOT_SERVING"
        case .serviceUnknown: "SERVICE_UNKNOWN"
        case .unimplemented: "no health service"
        case .failed(let reason): reason
        }
    }
}

/// Who answered, where something names servers.
package struct ServersObservation: Hashable, Sendable {
    /// nil: nothing names them.
    package var namedBy: Naming?
    /// By calls over one connection, as pick_first has it.
    package var onOneConnection: Set<String> = []
    package var callsOnOneConnection = 0
    /// By calls on so many new connections to the one address.
    package var onNewConnections: Set<String> = []
    package var newConnections = 0
    /// By a round_robin channel.
    package var byRoundRobin: Set<String> = []
    package var callsByRoundRobin = 0

    package init() {}

    mutating func forgetNames() {
        namedBy = nil
        onOneConnection = []
        onNewConnections = []
        byRoundRobin = []
    }

    package var all: Set<String> { onOneConnection.union(onNewConnections).union(byRoundRobin) }

    /// Whoever stands at the one address, or at all of them, chooses a server for each call.
    package var spreadPerCall: Bool { onOneConnection.count > 1 && !namesCalls }

    /// What was to name servers was another for each call, whoever got it: a time, a number, an id of the request.
    package var namesCalls: Bool {
        callsOnOneConnection >= ServersObservation.enoughCalls
            && all.count == callsOnOneConnection + newConnections + callsByRoundRobin
    }

    /// With fewer, as many servers may have answered.
    private static let enoughCalls = 10
}

package enum Naming: Hashable, Sendable {
    /// The metadata of answers.
    case podName
    case field(method: String, field: String)
    case certificate

    package var text: String {
        switch self {
        case .podName: "x-pod-name"
        case .field(let method, let field): "\(field) of \(method)"
        case .certificate: "their certificates"
        }
    }
}

/// What happened while nothing was done but calls, one after the other.
package struct WatchObservation: Hashable, Sendable {
    package struct Closing: Hashable, Sendable {
        package var address: SocketAddress
        /// `max_age: the server ends connections of this age`
        package var reason: String
        package var age: Duration
        /// In order, and not because the server went away.
        package var isGraceful: Bool

        package init(_ address: SocketAddress, reason: String, age: Duration, isGraceful: Bool) {
            self.address = address
            self.reason = reason
            self.age = age
            self.isGraceful = isGraceful
        }
    }

    /// What was to be watched, and what was: it may end early, once all is seen.
    package var wanted: Duration
    package var lasted: Duration
    package var calls = 0
    package var failedCalls = 0
    package var lastFailure: String?
    package var closings: [Closing] = []
    /// Of the name, all answers together; 0 if it has not been asked.
    package var addressesMet = 0

    package init(wanted: Duration, lasted: Duration) {
        self.wanted = wanted
        self.lasted = lasted
    }
}
