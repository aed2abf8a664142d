import LoadBalancing
import RPCCore
package import Resolvers

extension ResolverFactory {
    /// `kubernetes:///service[.namespace]:port`. `configuration` nil: this is no pod, and such a target is refused.
    package static func kubernetes(_ configuration: KubernetesConfiguration?) -> ResolverFactory {
        ResolverFactory("kubernetes") { (target, loop, _) throws(RPCError) in
            let service = try ServiceReference(target)
            guard let configuration else {
                throw RPCError(
                    .invalidArgument,
                    "target \"\(target)\" cannot be used: KUBERNETES_SERVICE_HOST, which every pod has, does not say"
                        + " where the API server is")
            }
            let namespace: String
            do throws(RPCError) {
                if let named = service.namespace {
                    namespace = named
                } else {
                    namespace = try configuration.account.namespace()
                }
            } catch {
                throw RPCError(
                    .invalidArgument,
                    "target \"\(target)\" cannot be used: it names no namespace, as in service.namespace:port, and"
                        + " \(error.message)")
            }
            return KubernetesResolver(service, namespace: namespace, configuration: configuration, on: loop)
        }
    }
}
