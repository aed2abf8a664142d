import Events
import LoadBalancing
import RPCCore
import Registration
package import Resolvers

extension ResolverFactory {
    /// `etcd:///service`: the pods that have entered themselves under `/service/`. Nil endpoints are for a program that was
    /// not told of an etcd.
    package static func etcd(_ endpoints: EtcdEndpoints?) -> ResolverFactory {
        ResolverFactory("etcd") { (target, loop, _) throws(RPCError) in
            guard target.authority.isEmpty else {
                throw unusable(target, "ETCD_ENDPOINTS says where etcd is; write etcd:///\(target.endpoint)")
            }
            guard RegistryEntry.isName(target.endpoint) else {
                throw unusable(target, "a name in etcd has letters, digits, '-', '_' and '.'")
            }
            guard let endpoints else {
                throw unusable(target, "ETCD_ENDPOINTS has to say where etcd is, as in 10.0.0.1:2379")
            }
            return EtcdResolver(service: target.endpoint, at: endpoints, on: loop)
        }
    }

    private static func unusable(_ target: Target, _ reason: String) -> RPCError {
        RPCError(.invalidArgument, "target \"\(target)\" cannot be used: \(reason)")
    }
}
