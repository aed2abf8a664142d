import Events
import LoadBalancing
import Timing

extension Supervisor {
    var status: StatusReport {
        let order = Component.all.map(\.name)
        let ranked = pods.sorted { left, right in
            let places = (
                order.firstIndex(of: left.component.name) ?? 0, order.firstIndex(of: right.component.name) ?? 0
            )
            return places.0 == places.1 ? left.name < right.name : places.0 < places.1
        }
        return StatusReport(
            name: instance.name, mode: options.mode.name, policy: options.policy.rawValue,
            target: options.mode.target(Mode.Surroundings(resolver: options.resolver(in: plan))),
            port: Int(options.port), listen: "\(options.listen)", dns: "\(plan.dns)",
            dnsCache: options.dnsCache > 0 ? "\(plan.dnsCache)" : nil, isReady: isReady, isStopping: isStopping,
            change: change?.stages.first?.summary, pods: ranked.map(status))
    }

    private func status(of pod: Pod) -> StatusReport.Pod {
        StatusReport.Pod(
            component: pod.component.name, name: pod.name, isReady: pod.machine.isReady, status: pod.machine.status,
            restarts: pod.machine.restarts, age: Int((loop.now - pod.createdAt).components.seconds),
            address: "\(pod.address)", pid: (pod.process?.pid).map { Int($0) }, lastEnd: pod.machine.lastEnd,
            isOutdated: isOutdated(pod), dns: pod.dns,
            gracePeriod: Int(pod.machine.settings.gracePeriod.components.seconds), readySince: pod.readySince,
            sidecars: pod.sidecarsReady)
    }
}
