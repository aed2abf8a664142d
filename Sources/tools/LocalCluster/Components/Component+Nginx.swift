import Addresses
import Events
import System

extension Component {
    /// The entry. It listens on its pod's address, and on the node's, where the chart has a NodePort.
    package static let nginx = Component(
        name: "nginx", services: [.nginx], replicas: { _ in 1 }, mostReplicas: 1, startsAfter: [],
        readiness: Readiness(port: servicePort, path: "/nginx-health")
    ) { context in
        let directory = "\(context.directory)"
        let placeholders = [
            "LISTEN": "listen \(context.plan.nodeAddress):\(context.options.port);"
                + " listen \(context.socketAddress(port: servicePort));",
            "RESOLVER": "\(context.resolver) ipv6=off",
            "GATEWAY": "\(Service.gateway.hostName):\(Service.gateway.port)",
            "JS": "\(Service.js.hostName):\(Service.js.port)",
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
