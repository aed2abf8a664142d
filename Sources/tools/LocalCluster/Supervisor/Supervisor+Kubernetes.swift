import Addresses
import Events
import System
import TLS

/// The fake of Kubernetes' API, in the mode that needs it.
extension Supervisor {
    /// Starts it if the mode needs it and it does not run.
    func startAPI() throws {
        guard api == nil, options.modes.contains(.kubernetes) else { return }
        let authority = try LocalAuthority(name: "\(Program.name) \(instance.name)")
        let identity = try authority.issue(FakeServiceAccount.serverNames + [plan.apiServer.ip.map { "\($0)" } ?? ""])
        var material = TLSMaterial(.server)
        material.certificate = TLSMaterial.Part(identity.certificate, from: "the API server's certificate")
        material.key = TLSMaterial.Part(identity.key, from: "the API server's key")
        let account = try FakeServiceAccount(in: directory.serviceAccount, authority: authority.certificate)
        api = try FakeKubernetesAPIServer(
            token: account.token, at: plan.apiServer, acceptor: TLSAcceptor(try TLSCredentials(material)), on: loop)
        report("a fake of Kubernetes' API at \(plan.apiServer)")
    }

    /// Tells it who the pods of each Service are; it ends with the last mode that needs it.
    func tellAPI() {
        guard options.modes.contains(.kubernetes) else { return endAPI {} }
        do {
            try startAPI()
            apiProblem = nil
        } catch {
            let problem = "the API of Kubernetes cannot be served: \(error)"
            // Tried again with each change of a pod; told once.
            if problem != apiProblem { report(problem) }
            apiProblem = problem
            return
        }
        for component in topology.components {
            let own = pods.filter { $0.component == component }.map { pod in
                EndpointSliceStore.Pod(
                    name: pod.name, address: pod.address, isReady: pod.machine.isReady,
                    isTerminating: !pod.machine.isWanted)
            }
            for service in component.services { api?.update(service, own) }
        }
    }

    func endAPI(_ completion: @escaping () -> Void) {
        guard let server = api else { return completion() }
        api = nil
        try? FileSystem.removeTree(directory.serviceAccount)
        let bound = LoopBound((server, completion), on: loop)
        loop.startTask {
            await bound.value.0.stop()
            bound.value.1()
        }
    }
}
