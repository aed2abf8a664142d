import Instruments
import LoadBalancing
import LocalCluster

/// What theory says about a mode. It follows from who chooses, and from how that one hears of pods.
struct ModePromise {
    let claim: Claim
    let notice: NoticeRule

    init(_ mode: Mode, _ options: UpOptions) {
        notice = NoticeRule(mode, options)
        switch (mode.defaultPolicy == .pickFirst, mode.dnsInterval) {
        case (false, _): claim = .podsShareEvenly
        case (true, .some): claim = .everyPodServes
        case (true, nil): claim = .onePodServesAll
        }
    }
}
