import Addresses
import LoadBalancing

/// The modes in which Envoy stands between gateway and grpc pods. The client's policy does not matter: it has one
/// address.
extension Mode {
    package static let envoy = Mode(
        name: "envoy", summary: "an Envoy that asks DNS chooses a pod per call", defaultPolicy: .pickFirst,
        target: byName(.envoy), service: .envoy, dnsInterval: { _ in Envoy.dnsInterval }, parts: [.envoy])

    /// In the cluster the pod's containers share 127.0.0.1; here every pod's processes share its address.
    package static let envoySidecar = Mode(
        name: "envoy-sidecar", summary: "an Envoy in the gateway's own pod does", defaultPolicy: .pickFirst,
        target: { "ipv4:\($0.podAddress ?? .v4(0x7f00_0001)):\(Envoy.sidecar.port)" },
        dnsInterval: { _ in Envoy.dnsInterval },
        gatewaySidecars: { context in
            [
                Launch.Sidecar(
                    name: "envoy", launch: Envoy.sidecar.launch(context), readiness: Envoy.sidecar.readiness)
            ]
        })
}
