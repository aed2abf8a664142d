import LocalCluster
import Timing

/// What the DNS server is asked, by whom, and why so often.
extension ModeTheory {
    /// What was counted beside the DNS server's own count, in the same time: those who count their look-ups themselves.
    package struct Askers: Equatable, Sendable {
        /// One number, unless somebody asked in the moment of the counting.
        package var gateway: ClosedRange<Int>
        /// The gateway again, for the list of all pods that whoever reads `/go/channel` gets: the lab itself.
        package var pods: ClosedRange<Int>
        /// nil: the proxy does not tell, or there is none.
        package var proxy: ClosedRange<Int>?

        package init(gateway: ClosedRange<Int>, pods: ClosedRange<Int> = 0...0, proxy: ClosedRange<Int>? = nil) {
            self.gateway = gateway
            self.pods = pods
            self.proxy = proxy
        }
    }

    /// Of the DNS server, by all who ask it in this time. Nobody else asks: the gateway knows registries and the sidecar
    /// by address, and pods do not come or go.
    package func dnsQueries(in time: Duration, _ askers: Askers) -> Prediction {
        let names = setup.mode == .nginx ? 2 : 1
        let each = nginxQuestions(in: time)
        var bounds = (names * each.lowerBound)...(names * each.upperBound)
        var reasons = [
            "nginx asks for \(names == 1 ? "one name (the gateway's)" : "two names (the gateway's, the pods')"), A alone,"
                + " every \(nginxPeriod) s, since valid=\(nginxPeriod - 1)s lasts to the end of a whole second:"
                + (names == 1 ? "" : " 2 ×") + " \(ModeTheory.range(each))"
        ]
        if let proxy = askers.proxy {
            bounds = (bounds.lowerBound + proxy.lowerBound)...(bounds.upperBound + proxy.upperBound)
            reasons.append("Envoy looked the pods up \(ModeTheory.times(proxy)), A alone: \(ModeTheory.range(proxy))")
        }
        var mayRepeat = false
        func add(_ lookups: ClosedRange<Int>, _ who: (String) -> String) {
            let (fewest, most) = (2 * lookups.lowerBound, 2 * lookups.upperBound)
            bounds = (bounds.lowerBound + fewest)...(bounds.upperBound + most)
            reasons.append("\(who(ModeTheory.times(lookups))), A and AAAA: \(ModeTheory.range(fewest...most))")
            mayRepeat = mayRepeat || most > 0
        }
        if source != .watched, setup.mode != .envoySidecar {
            add(askers.gateway) { "the gateway looked its target up \($0)" }
        }
        // Where it is of another source, that is no question to DNS.
        if setup.mode.podSource != nil {
            add(askers.pods) { "and all pods \($0), for the lab, which reads /go/channel" }
        }
        // The gateway asks again after a second (`DNSConfiguration.timeout`), and `moment` is two.
        if mayRepeat {
            bounds = bounds.lowerBound...(bounds.upperBound + 2)
            reasons.append("2 more if the machine stalls for a second at one of these: they are asked again")
        }
        return Prediction(
            within: Double(bounds.lowerBound)...Double(bounds.upperBound), because: reasons.joined(separator: "; "))
    }

    /// Of a proxy that counts its look-ups, in this time.
    package func proxyLookups(in time: Duration) -> Prediction? {
        guard case .lookedUpEvery(let interval) = source, setup.mode != .nginx else { return nil }
        // The next waits for the answer, which takes some milliseconds.
        let longest = interval.inSeconds * 1.1
        let fewest = ((time.inSeconds - ModeTheory.moment.inSeconds) / longest).rounded(.down)
        let most = (time.inSeconds / interval.inSeconds).rounded(.down) + 1
        let expected = (time.inSeconds / interval.inSeconds).rounded(.down)
        return Prediction(
            expected: expected, within: max(0, fewest)...most,
            because: "\(DurationText.format(interval)) after each answer; a tenth more for the answer itself, and"
                + " \(DurationText.format(ModeTheory.moment)) for a machine that stalls")
    }

    /// For one name. `valid=2s` keeps an answer of second S until S + 2, the whole second: the first request in S + 3 is
    /// asked for, as they come 5 ms apart (ngx_resolver.c: `if (rn->valid >= ngx_time())`). So questions are that many
    /// whole seconds apart, the first of them up to one second late; `moment` may be lost in stalls.
    private func nginxQuestions(in time: Duration) -> ClosedRange<Int> {
        let period = Double(nginxPeriod)
        let fewest = ((time.inSeconds - ModeTheory.moment.inSeconds) / period).rounded(.down)
        let most = ((time.inSeconds + 1) / period).rounded(.down) + 1
        return Int(max(0, fewest))...Int(most)
    }

    private var nginxPeriod: Int64 { LocalSystems.options(setup, port: 1).nginxResolverSeconds + 1 }

    private static func times(_ numbers: ClosedRange<Int>) -> String {
        switch numbers {
        case 0...0: "never"
        case 1...1: "once"
        default: "\(range(numbers)) times"
        }
    }

    private static func range(_ numbers: ClosedRange<Int>) -> String {
        numbers.lowerBound == numbers.upperBound
            ? "\(numbers.lowerBound)" : "\(numbers.lowerBound) to \(numbers.upperBound)"
    }
}
