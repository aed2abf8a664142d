import Addresses
import LoadBalancing

extension Mode {
    /// The gateway asks Kubernetes' API for the pods, and hears of each change; here the API is a fake.
    package static let kubernetes = Mode(
        name: "kubernetes", summary: "the Kubernetes API tells of every pod, the client chooses per call",
        defaultPolicy: .roundRobin,
        target: { _ in "kubernetes:///\(Service.grpc.name).default:\(Service.grpc.portName)" }, podSource: nil,
        gatewaySettings: { context in
            [
                "KUBERNETES_SERVICE_HOST": context.plan.apiServer.ip.map { "\($0)" } ?? "",
                "KUBERNETES_SERVICE_PORT": context.plan.apiServer.port.map { "\($0)" } ?? "",
                "KUBERNETES_SERVICE_ACCOUNT": context.serviceAccount,
            ]
        })
}
