package import Addresses

/// What a pod's process may know when it starts.
package struct PodContext: Sendable {
    package let options: UpOptions
    package let plan: AddressPlan
    package let podName: String
    package let podAddress: IPAddress
    /// A directory of this pod's own, which goes when the pod goes.
    package let directory: String
    /// The text of nginx.conf with its placeholders.
    package let nginxTemplate: String
    /// The files of the js component, an absolute path.
    package let webDirectory: String
    /// The text of envoy.yaml with its placeholders.
    package let envoyTemplate: String
    /// The directory with what tells Kubernetes' API who a pod is.
    package var serviceAccount = ""

    package init(
        options: UpOptions, plan: AddressPlan, podName: String, podAddress: IPAddress, directory: String,
        nginxTemplate: String, webDirectory: String, envoyTemplate: String = ""
    ) {
        self.options = options
        self.plan = plan
        self.podName = podName
        self.podAddress = podAddress
        self.directory = directory
        self.nginxTemplate = nginxTemplate
        self.webDirectory = webDirectory
        self.envoyTemplate = envoyTemplate
    }

    /// The name server to ask.
    package var resolver: SocketAddress { options.resolver(in: plan) }

    package var surroundings: Mode.Surroundings { Mode.Surroundings(resolver: resolver, podAddress: podAddress) }

    package func socketAddress(port: UInt16) -> SocketAddress { .ip(podAddress, port: port) }
}
