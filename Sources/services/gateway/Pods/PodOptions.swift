import Events
import LoadBalancing
import RPCCore
import Resolvers
import Settings

/// Where the gateway learns of all pods, for those who look at `/go/channel`.
struct PodOptions: Sendable {
    private static let source = Setting(
        "POD_SOURCE", .string("TARGET"), default: "",
        help: "A target that finds every pod, where GRPC_TARGET finds one address that stands for them: looked up only"
            + " while somebody looks at /go/channel. Without it GRPC_TARGET is taken.")

    static let settings: [any AnySetting] = [source]

    /// nil: the channel's own.
    let target: Target?
    let resolvers: ResolverRegistry

    /// Throws for a target that cannot be used; `loop` is the current one, and only tries it out.
    init(_ values: SettingValues, resolvers: ResolverRegistry, on loop: EventLoop) throws(UsageError) {
        self.resolvers = resolvers
        let text = values[PodOptions.source]
        guard !text.isEmpty else {
            target = nil
            return
        }
        do throws(RPCError) {
            let target = try Target(text, knownSchemes: resolvers.schemes)
            try resolvers.makeResolver(target, on: loop, configuration: PodSource.resolution).shutdown()
            self.target = target
        } catch {
            throw values.rejection(of: PodOptions.source, because: error.message)
        }
    }
}
