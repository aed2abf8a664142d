package import Diagnosis
package import Events
package import LoadBalancing
package import Resolvers

/// What is to be examined, and how.
package struct Examination: Sendable {
    package var target: Target
    package var resolvers: ResolverRegistry
    /// nil: in clear text.
    package var tls: (any Dialer)?
    /// What `tls` tells of its connections.
    package var notes = TLSNotes()
    /// That servers' certificates are for; where `tls` is nil, the one that they would have to be for.
    package var serverName: String?
    package var service = ""
    package var policy = PolicyInUse.assumed
    package var sourceTells = false
    /// How long it is watched whether servers close connections.
    package var watch = Duration.seconds(60)
    /// Of each connection and each call.
    package var patience = Duration.seconds(5)
    package var namedCall: NamedCall?

    package init(_ target: Target, resolvers: ResolverRegistry) {
        self.target = target
        self.resolvers = resolvers
    }
}
