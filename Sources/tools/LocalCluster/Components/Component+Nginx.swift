import Addresses
import Events
import System
import Telemetry

extension Component {
    /// The entry. It listens on its pod's address, and on the node's, where the chart has a NodePort. And a listener for
    /// gRPC, which mode nginx needs.
    package static let nginx = Component(
        name: "nginx", services: [.nginx, .nginxGRPC], replicas: { _ in 1 }, mostReplicas: 1, startsAfter: [],
        readiness: Readiness(port: servicePort, path: "/nginx-health")
    ) { context in
        let directory = "\(context.directory)"
        let placeholders = [
            "LISTEN": "listen \(context.options.entry)\(context.options.listen == .v6(0) ? " ipv6only=off" : "");"
                + " listen \(context.socketAddress(port: servicePort));",
            "RESOLVER": "\(context.resolver) valid=\(context.options.nginxResolverSeconds)s ipv6=off",
            "GATEWAY": "\(Service.gateway.hostName):\(Service.gateway.port)",
            "JS": "\(Service.js.hostName):\(Service.js.port)",
            // An option of `listen` since 1.9.5, and still one, if a deprecated one, after 1.25.1's `http2 on`.
            "GRPC_LISTEN": "listen \(context.socketAddress(port: Service.nginxGRPC.targetPort)) http2;",
            "GRPC_BACKEND": "\(Service.grpcHeadless.hostName):\(Service.grpcHeadless.port)",
            "LOG_FORMAT": context.options.logFormat.rawValue,
            "DIRECTORY": directory,
        ]
        var launch = Launch(.system("nginx", package: "nginx"))
        // Started by root, the workers would become `nobody`, who may not enter the state directory.
        let user = Program.userID == 0 ? " user root;" : ""
        launch.arguments = ["-p", directory, "-c", "\(directory)/nginx.conf", "-g", "daemon off;\(user)"]
        launch.directories = ["temporary"]
        launch.files["nginx.conf"] = Template.fill(context.nginxTemplate, with: placeholders)
        launch.stopSignal = .quit
        return launch
    }
}

extension Service {
    package static let nginxGRPC = Service(
        name: "sample-service-nginx-grpc", kind: .virtual(index: 11), port: 8081, targetPort: 8081)
}

extension UpOptions {
    /// For how long nginx keeps a name's addresses (`valid=`): whole seconds, and 1 at least.
    package var nginxResolverSeconds: Int64 {
        let (seconds, attoseconds) = dnsInterval.components
        return max(1, seconds + (attoseconds > 0 ? 1 : 0))
    }
}
