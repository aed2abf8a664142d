import LoadBalancing
import RPCCore
import RPCTransport

/// Client health checking (gRFC A17): which connections are watched, and who hears of it.
extension Channel {
    /// `pick_first` by itself has nobody else to go to, and goes by the connection alone (A17).
    private var healthService: String? { runner.policy is PickFirst ? nil : active.config.healthCheckService }

    /// The policy hears of a connection's health before it hears that there is one: no call may go there sooner.
    func subchannelChanged(_ id: SubchannelID, _ state: SubchannelState) {
        guard let subchannel = subchannels[id], state == .ready, let service = healthService else {
            subchannels[id]?.endHealthCheck()
            return runner.feed { $0.subchannel(id, changedTo: state, &$1) }
        }
        watch(subchannel, service)
        runner.feed { $0.subchannel(id, changedTo: state, &$1) }
        subchannel.healthCheck?.begin()
    }

    /// `pick_first` has taken the place of a policy that went by health.
    func policyHasSwitched() {
        if runner.policy is PickFirst { healthServiceChanged() }
    }

    /// Another service config is in force. Were those of the outgoing policy asked anew, it would be READY no more, and gone
    /// before the next one has connected.
    func healthServiceChanged() {
        let service = healthService
        for subchannel in subchannels where subchannel.connectivity == .ready && !subchannel.isOutgoing {
            subchannel.endHealthCheck()
            if let service {
                watch(subchannel, service)
                subchannel.healthCheck?.begin()
            } else {
                healthChanged(subchannel.id, .serving)
            }
        }
    }

    private func watch(_ subchannel: Subchannel, _ service: String) {
        guard let transport = subchannel.transport else { return }
        let id = subchannel.id
        subchannel.healthCheck = HealthCheck(
            of: service, on: transport, backoff: configuration.backoff, loop: loop
        ) { [weak self] method, transport, attempt, message in
            self?.withHead(of: method, RequestParticulars(metadata: Metadata()), scheme: transport.scheme) { head in
                transport.start(attempt, head, message: message)
            }
        } changed: { [weak self] health in
            self?.healthChanged(id, health)
        }
        healthChanged(id, .connecting)
    }

    private func healthChanged(_ id: SubchannelID, _ health: SubchannelHealth) {
        runner.feed { $0.subchannel(id, healthChangedTo: health, &$1) }
    }
}
