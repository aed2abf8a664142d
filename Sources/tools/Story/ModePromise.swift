import LoadBalancing
import LocalCluster
import Timing

/// What theory says about a mode. It follows from who chooses, and from how that one hears of pods.
struct ModePromise {
    let claim: Claim
    /// The longest from a pod's readiness to its first call; nil: it may never get one.
    let noticeLimit: Duration?
    /// Why so long.
    let reason: String

    /// For connecting, and the answer; and these machines are busy.
    private static let moment = Duration.seconds(1)

    init(_ mode: Mode, _ options: UpOptions) {
        let interval = mode.dnsInterval.map { $0(options) }
        switch (mode.defaultPolicy == .pickFirst, interval) {
        case (false, let interval?):
            claim = .podsShareEvenly
            noticeLimit = options.maxConnectionAge.map { $0 * 11 / 10 + interval + ModePromise.moment }
            reason = "1.1 × connection age + time between look-ups"
        case (false, nil):
            claim = .podsShareEvenly
            // Consul's answers are kept apart by a limit to its queries.
            noticeLimit = mode == .consul ? .seconds(1) : .milliseconds(500)
            reason = "the source tells of every change"
        case (true, let interval?):
            claim = .everyPodServes
            noticeLimit = interval + .seconds(options.dnsTTL) + ModePromise.moment
            reason = "the proxy's time between look-ups + the answer's time to live"
        case (true, nil):
            claim = .onePodServesAll
            noticeLimit = nil
            reason = "a connection stays where it is; when it ends, the next goes to any pod"
        }
    }
}
