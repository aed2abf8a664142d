package import Timing

/// The life of one pod, without its process, its probes and its clock: inputs come with the time, results are actions.
///
///     starting ──► ready ⇄ notReady
///        │           │        │
///        └───────────┴────────┴──► crashed ──► starting        (the process ended by itself)
///     any ──► terminating ──► gone                             (the pod is no longer wanted)
///
/// A process that ends by itself is started again in the same pod: at once the first time, then after 1 s, 2 s, 4 s … up
/// to 60 s; once it has run for 10 s the count begins anew. (Kubernetes: at once, then 10 s doubling to 5 min, anew after
/// 10 min. A laptop's user does not want to wait that long.)
package struct PodMachine: Equatable, Sendable {
    package struct Settings: Equatable, Sendable {
        /// Probes that must fail one after the other before a ready pod is not ready.
        package var failureThreshold = 2
        package var firstBackOff = Duration.seconds(1)
        package var longestBackOff = Duration.seconds(60)
        /// After running this long a process counts as healthy.
        package var steadyAfter = Duration.seconds(10)
        /// From the request to stop to SIGKILL, terminationGracePeriodSeconds.
        package var gracePeriod = Duration.seconds(75)

        package init() {}
        package static let defaults = Settings()
    }

    package struct Run: Equatable, Sendable {
        package let since: Instant
        /// One after the other.
        package var failedProbes = 0
    }

    package enum Phase: Equatable, Sendable {
        /// The process runs and has not been ready yet.
        case starting(Run)
        case ready(Run)
        case notReady(Run)
        /// The process ended by itself and is started again at that time.
        case crashed(until: Instant)
        /// The process has been asked to end, and is killed at that time.
        case terminating(killAt: Instant)
        case gone
    }

    package let settings: Settings
    package private(set) var phase: Phase
    package private(set) var restarts = 0
    /// How the last run ended, for people.
    package private(set) var lastEnd: String?
    private var quickCrashes = 0

    /// The caller starts the process at the same time.
    package init(at now: Instant, settings: Settings = .defaults) {
        self.settings = settings
        phase = .starting(Run(since: now))
    }

    package var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    /// False from the moment in which the pod is no longer wanted.
    package var isWanted: Bool {
        switch phase {
        case .starting, .ready, .notReady, .crashed: true
        case .terminating, .gone: false
        }
    }

    package enum Action: Equatable, Sendable {
        case startProcess
        /// The stop signal of the component.
        case askToStop
        case kill
        /// `isReady` has changed: DNS and the forwarder must hear of it.
        case announceReadiness
        /// The pod has ended; its address is free.
        case remove
    }

    /// When `timeReached` wants to be called; `distantFuture` for never.
    package var wakeUp: Instant {
        switch phase {
        case .starting, .ready, .notReady, .gone: .distantFuture
        case .crashed(let until): until
        case .terminating(let killAt): killAt
        }
    }

    package mutating func probed(succeeded: Bool) -> [Action] {
        switch phase {
        case .starting(let run), .notReady(let run):
            guard succeeded else { return [] }
            phase = .ready(Run(since: run.since))
            return [.announceReadiness]
        case .ready(var run):
            run.failedProbes = succeeded ? 0 : run.failedProbes + 1
            guard run.failedProbes >= settings.failureThreshold else {
                phase = .ready(run)
                return []
            }
            phase = .notReady(run)
            return [.announceReadiness]
        // The answer was under way when the process ended.
        case .crashed, .terminating, .gone:
            return []
        }
    }

    /// The process ended, or could not be started. `reason` is for people.
    package mutating func processEnded(_ reason: String, at now: Instant) -> [Action] {
        lastEnd = reason
        switch phase {
        case .starting(let run), .notReady(let run):
            crash(after: run, at: now)
            return []
        case .ready(let run):
            crash(after: run, at: now)
            return [.announceReadiness]
        case .terminating:
            phase = .gone
            return [.remove]
        case .crashed, .gone:
            return []
        }
    }

    private mutating func crash(after run: Run, at now: Instant) {
        if now - run.since >= settings.steadyAfter { quickCrashes = 0 }
        var delay = quickCrashes == 0 ? Duration.zero : settings.firstBackOff
        for _ in 1..<max(quickCrashes, 1) where delay < settings.longestBackOff { delay = delay * 2 }
        quickCrashes += 1
        phase = .crashed(until: now + min(delay, settings.longestBackOff))
    }

    /// The pod is no longer wanted. Asking again only shortens what is left of the grace period (nil: the usual one).
    package mutating func terminate(at now: Instant, within gracePeriod: Duration? = nil) -> [Action] {
        let killAt = now + (gracePeriod ?? settings.gracePeriod)
        switch phase {
        case .starting, .notReady:
            phase = .terminating(killAt: killAt)
            return [.askToStop]
        case .ready:
            phase = .terminating(killAt: killAt)
            // First out of DNS, then the signal.
            return [.announceReadiness, .askToStop]
        case .crashed:
            phase = .gone
            return [.remove]
        case .terminating(let earlier):
            phase = .terminating(killAt: min(earlier, killAt))
            return []
        case .gone:
            return []
        }
    }

    package mutating func timeReached(_ now: Instant) -> [Action] {
        switch phase {
        case .crashed(let until):
            guard now >= until else { return [] }
            restarts += 1
            phase = .starting(Run(since: now))
            return [.startProcess]
        case .terminating(let killAt):
            guard now >= killAt else { return [] }
            phase = .terminating(killAt: .distantFuture)
            return [.kill]
        case .starting, .ready, .notReady, .gone:
            return []
        }
    }
}

extension PodMachine {
    package static let terminatingStatus = "Terminating"

    /// The STATUS column, in kubectl's words.
    package var status: String {
        switch phase {
        case .starting, .ready, .notReady: "Running"
        case .crashed: "CrashLoopBackOff"
        case .terminating: PodMachine.terminatingStatus
        case .gone: "Gone"
        }
    }
}
