import Events
import HTTPTransport
import System

/// The fake of Kubernetes' API, in the mode that needs it.
extension Supervisor {
    /// Starts it if the mode needs it and it does not run.
    func startAPI() throws(SystemError) {
        guard api == nil, options.modes.contains(.kubernetes) else { return }
        let account = try FakeServiceAccount(in: directory.serviceAccount, authority: [])
        api = try FakeKubernetesAPIServer(
            token: account.token, at: plan.apiServer, acceptor: PlainSockets(), on: loop)
        report("a fake of Kubernetes' API at \(plan.apiServer)")
    }

    /// Tells it who the pods of each Service are; it ends with the last mode that needs it.
    func tellAPI() {
        guard options.modes.contains(.kubernetes) else { return endAPI {} }
        do throws(SystemError) {
            try startAPI()
        } catch {
            return report("the API of Kubernetes cannot be served: \(error)")
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
        let bound = LoopBound((server, completion), on: loop)
        loop.startTask {
            await bound.value.0.stop()
            bound.value.1()
        }
    }
}
