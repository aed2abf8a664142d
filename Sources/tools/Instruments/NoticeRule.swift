import LoadBalancing
package import LocalCluster
import Timing

/// How long a new pod may wait for its first call. It follows from who chooses, and from how that one hears of pods.
package struct NoticeRule: Equatable, Sendable {
    /// From a pod's readiness; nil: it may never get a call.
    package let limit: Duration?
    /// Why so long.
    package let reason: String

    /// For connecting, and the answer; and these machines are busy.
    private static let moment = Duration.seconds(1)

    package init(_ mode: Mode, _ options: UpOptions) {
        let interval = mode.dnsInterval.map { $0(options) }
        switch (mode.defaultPolicy == .pickFirst, interval) {
        case (false, let interval?):
            limit = options.maxConnectionAge.map { $0 * 11 / 10 + interval + NoticeRule.moment }
            reason = "1.1 × connection age + time between look-ups"
        case (false, nil):
            // Consul's answers are kept apart by a limit to its queries.
            limit = mode == .consul ? .seconds(1) : .milliseconds(500)
            reason = "the source tells of every change"
        case (true, let interval?):
            limit = interval + .seconds(options.dnsTTL) + NoticeRule.moment
            reason = "the proxy's time between look-ups + the answer's time to live"
        case (true, nil):
            limit = nil
            reason = "a connection stays where it is; when it ends, the next goes to any pod"
        }
    }
}
