import Events
import LoadBalancing
import RPCCore
import RPCTransport
import Timing

/// The channel's resolver, from leaving IDLE to going there, and what becomes of what it finds.
extension Channel {
    /// Leaves IDLE without waiting for a call.
    package func connect() {
        if case .idle = picker { exitIdle() }
    }

    func exitIdle() {
        if resolver == nil { startResolver() } else { runner.exitIdle() }
    }

    private func startResolver() {
        idleReason = nil
        if let time = idleness.leftIdle(at: loop.now) { idleTimer?.schedule(at: time) }
        update(.connecting, .queue)
        do throws(RPCError) {
            let resolver = try makeResolver()
            self.resolver = resolver
            resolver.lookupFailed = { [weak self] error in
                guard let self else { return }
                story.tell(.failure(error), resolverSnapshot)
            }
            resolver.start { [weak self] in self?.resolved($0) ?? .refused }
        } catch {
            hasNoResolver(error)
        }
    }

    /// Descriptors or memory are missing: the target had been tried before. Calls fail meanwhile, and the next one after
    /// the back-off tries again.
    private func hasNoResolver(_ error: RPCError) {
        let delay = configuration.backoff.base
        story.tell(.lookupFailed(reason: error.message, retryIn: delay))
        update(.transientFailure, .fail(error))
        let timer = Timer(on: loop) { [weak self] in self?.update(.idle, .idle) }
        timer.schedule(after: delay)
        retryTimer = timer
    }

    // MARK: Going to IDLE

    func idleTimerFired() {
        switch idleness.timerFired(at: loop.now, openCalls: calls.open) {
        case .wait(let time): idleTimer?.schedule(at: time)
        case .enterIdle: enterIdle()
        }
    }

    /// As the channel was at the beginning: connections are closed, gracefully, nobody is asked for addresses, what the
    /// policy and the resolver knew is forgotten. The next call begins anew.
    private func enterIdle() {
        guard let resolver, let timeout = idleness.timeout else { return }
        let reason = "no call for \(DurationText.format(timeout))"
        idleReason = reason
        earlierLookups = resolverSnapshot.past
        self.resolver = nil
        resolver.shutdown()
        isResolved = false
        hasServiceConfig = false
        active = ActiveConfig(configuration.serviceConfig, sharing: throttle ?? configuration.retryThrottle)
        runner.startOver(because: reason)
    }

    // MARK: What the resolver brings

    private func resolved(_ result: Result<Resolution, RPCError>) -> Acceptance {
        isResolved = true
        story.tell(result, resolverSnapshot)
        switch result {
        case .success(let update):
            return resolved(update)
        case .failure(let error):
            runner.feed { $0.resolverFailed(error, &$1) }
            return .refused
        }
    }

    /// A service config that cannot be used leaves the last one in force; without one, the resolution has failed
    /// (gRFC A21).
    private func resolved(_ update: Resolution) -> Acceptance {
        // Should someone make the resolver report from within an input, then the answer comes too late to be given.
        var acceptance = Acceptance.accepted
        switch update.serviceConfig {
        case .failure(let error)? where !hasServiceConfig:
            runner.feed { $0.resolverFailed(error, &$1) }
            return .refused
        case .failure?:
            runner.feed { _ = $0.resolved(update, &$1) }
            return .refused
        case .success(let config)?:
            use(config)
        case nil:
            use(configuration.serviceConfig)
        }
        runner.feed { acceptance = $0.resolved(update, &$1) }
        hasServiceConfig = true
        return acceptance
    }

    private func use(_ config: ServiceConfig) {
        if config == active.config { return }
        let known = active.config.policy
        if let wanted = config.policy, wanted != known, known != nil || wanted.name.rawValue != runner.name.wanted {
            runner.change(to: wanted)
            // The new one has made none yet.
            if runner.isBetween { for subchannel in subchannels { subchannel.isOutgoing = true } }
        }
        let service = active.config.healthCheckService
        active = ActiveConfig(config, sharing: active.throttle ?? configuration.retryThrottle)
        if service != config.healthCheckService { healthServiceChanged() }
    }
}

extension ResolverSnapshot {
    /// What a resolver leaves behind that is no more.
    fileprivate var past: ResolverSnapshot {
        ResolverSnapshot(lastLookup: lastLookup, lastAnswer: lastAnswer, lookups: lookups)
    }

    /// With what the resolvers before this one did.
    func following(_ earlier: ResolverSnapshot) -> ResolverSnapshot {
        var snapshot = self
        snapshot.lookups += earlier.lookups
        snapshot.lastLookup = lastLookup ?? earlier.lastLookup
        snapshot.lastAnswer = lastAnswer ?? earlier.lastAnswer
        return snapshot
    }
}
