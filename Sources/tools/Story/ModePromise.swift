import LocalCluster
import Timing

/// What theory says about a mode.
struct ModePromise {
    let claim: Claim
    /// The longest from a pod's readiness to its first call; nil: it may never get one.
    let noticeLimit: Duration?
    /// Why so long.
    let reason: String

    /// For connecting, and the answer; and these machines are busy.
    private static let moment = Duration.seconds(1)

    init(_ mode: Mode, _ options: UpOptions) {
        switch mode.name {
        case Mode.clusterIP.name:
            claim = .onePodServesAll
            noticeLimit = nil
            reason = "a connection stays where it is; when it ends, the next goes to any pod"
        case Mode.headless.name:
            claim = .podsShareEvenly
            noticeLimit = options.maxConnectionAge.map { $0 * 11 / 10 + options.dnsInterval + ModePromise.moment }
            reason = "1.1 × connection age + time between look-ups"
        case "kubernetes", "etcd":
            claim = .podsShareEvenly
            noticeLimit = .milliseconds(500)
            reason = "the source says so at once"
        case "consul":
            claim = .podsShareEvenly
            noticeLimit = .seconds(1)
            reason = "the source answers a waiting question"
        default:
            claim = .everyPodServes
            noticeLimit = mode.dnsInterval.map { $0(options) + .seconds(options.dnsTTL) + ModePromise.moment }
            reason = "the proxy's time between look-ups + the answer's time to live"
        }
    }
}
