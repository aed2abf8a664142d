import Addresses

/// Names of variables that mean something here.
package enum Variables {
    /// Those that pods are started with in one mode or another, and those that samplectl itself reads.
    package static var known: Set<String> {
        var names: Set<String> = ["XDG_RUNTIME_DIR", "NO_COLOR"]
        for mode in Mode.all {
            var options = UpOptions()
            options.mode = mode
            let context = PodContext(
                options: options, plan: AddressPlan(network: AddressPlan.networks.lowerBound), podName: "",
                podAddress: .loopback, directory: "/", nginxTemplate: "", webDirectory: "/")
            for component in Topology([mode]).components { names.formUnion(component.launch(context).environment.keys) }
        }
        return names
    }
}
