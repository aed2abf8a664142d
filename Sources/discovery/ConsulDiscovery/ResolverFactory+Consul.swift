import LoadBalancing
import RPCCore
package import Resolvers

extension ResolverFactory {
    /// `consul:///service`; `access` is nil where no agent was named: such a target is refused then.
    package static func consul(_ access: ConsulAccess?) -> ResolverFactory {
        ResolverFactory("consul") { (target, loop, _) throws(RPCError) in
            guard target.authority.isEmpty else {
                throw refusal(of: target, "the agent is named by CONSUL_HTTP_ADDR, not in the target")
            }
            guard let access else {
                throw refusal(of: target, "CONSUL_HTTP_ADDR does not say where Consul is")
            }
            guard !target.endpoint.contains("/") else {
                throw refusal(of: target, "\"\(target.endpoint)\" is not the name of a service")
            }
            // On a kept connection that breaks, a GET is sent once more: with its index, perhaps to an agent that has
            // begun anew, and which would wait with it in vain.
            let agent = ConsulAgent(access, keepsConnection: false, keepsAddress: false, on: loop)
            return ConsulResolver(target.endpoint, agent: agent, on: loop)
        }
    }

    private static func refusal(of target: Target, _ reason: String) -> RPCError {
        RPCError(.invalidArgument, "target \"\(target)\" cannot be used: \(reason)")
    }
}
