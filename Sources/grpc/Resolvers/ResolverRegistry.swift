import Addresses
package import Events
package import LoadBalancing
package import RPCCore

/// Makes the resolvers for one scheme of targets.
package struct ResolverFactory: Sendable {
    package typealias Make =
        @Sendable (Target, EventLoop, ResolutionConfiguration) throws(RPCError) -> any Resolver

    package let scheme: String
    fileprivate let make: Make

    /// `make` runs on the loop's thread; it throws INVALID_ARGUMENT, with what is wrong, for a target that cannot be used.
    package init(_ scheme: String, make: @escaping Make) {
        self.scheme = scheme
        self.make = make
    }
}

/// The resolvers that a program has, by the scheme of a target. Its `main` says which.
package struct ResolverRegistry: Sendable {
    private var factories: [String: ResolverFactory] = [:]

    /// Of two for the same scheme the later one counts.
    package init(_ factories: [ResolverFactory]) {
        for factory in factories { self.factories[factory.scheme] = factory }
    }

    /// For `Target.init`.
    package var schemes: Set<String> { Set(factories.keys) }

    /// Throws INVALID_ARGUMENT, with what is wrong, for a target that cannot be used. On `loop`'s thread.
    package func makeResolver(
        _ target: Target, on loop: EventLoop, configuration: ResolutionConfiguration = ResolutionConfiguration()
    ) throws(RPCError) -> any Resolver {
        guard let factory = factories[target.scheme] else {
            let known = schemes.sorted().joined(separator: ", ")
            throw target.unusable("its scheme, \"\(target.scheme)\", is not one of: \(known)")
        }
        return try factory.make(target, loop, configuration)
    }
}
