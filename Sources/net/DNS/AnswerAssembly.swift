package import Addresses

/// Puts the answers for A and AAAA together, which are asked for apart so that neither waits for the other's lost
/// packets.
///
/// The first answer that settles something is held back for the resolution delay of RFC 8305, section 3, because the
/// other one is nearly always a moment behind; then it is delivered alone, and once more when the other arrives.
package struct AnswerAssembly: Equatable, Sendable {
    package enum Family: Sendable, CaseIterable {
        case v4, v6
    }

    /// What one family's query brought.
    package enum Outcome: Equatable, Sendable {
        /// Not empty.
        case addresses([IPAddress], timeToLive: Duration)
        /// The name exists and has no address of this family.
        case noData
        case failed(DNSError.Reason)
    }

    package static let resolutionDelay = Duration.milliseconds(50)

    private var v4: Outcome?
    private var v6: Outcome?
    private var delivered: Result<[IPAddress], DNSError.Reason>?

    package init() {}

    package enum Action: Equatable, Sendable {
        case wait
        /// Call `delayElapsed` after `resolutionDelay` unless both answers are in by then.
        case startDelay
        /// Nothing comes after the last one.
        case deliver(Result<DNSAnswer, DNSError.Reason>, isLast: Bool)
        /// Both answers are in, and the second one changed nothing.
        case finish
    }

    package mutating func received(_ outcome: Outcome, for family: Family) -> Action {
        switch family {
        case .v4: v4 = outcome
        case .v6: v6 = outcome
        }
        if let v4, let v6 { return deliver(v4, v6) }
        switch outcome {
        // That a name does not exist holds for every type of record (RFC 2308, section 2.1).
        case .addresses, .failed(.nameNotFound): return .startDelay
        case .noData, .failed: return .wait
        }
    }

    package mutating func delayElapsed() -> Action {
        if v4 != nil, v6 != nil { return .wait }
        return deliver(v4, v6)
    }

    private mutating func deliver(_ v4: Outcome?, _ v6: Outcome?) -> Action {
        let isComplete = v4 != nil && v6 != nil
        let result = AnswerAssembly.combine(v4, v6)
        let addresses = result.map(\.addresses)
        if addresses == delivered { return isComplete ? .finish : .wait }
        // A name that was reported missing stays so, whatever befell the other query.
        if case .failure = addresses, delivered != nil { return .finish }
        delivered = addresses
        return .deliver(result, isLast: isComplete)
    }

    private static func combine(_ v4: Outcome?, _ v6: Outcome?) -> Result<DNSAnswer, DNSError.Reason> {
        var addresses: [IPAddress] = []
        var timeToLive: Duration?
        var reasons: [DNSError.Reason] = []
        for outcome in [v4, v6] {
            switch outcome {
            case .addresses(let found, let ttl)?:
                for address in found where !addresses.contains(address) { addresses.append(address) }
                timeToLive = min(ttl, timeToLive ?? ttl)
            case .failed(let reason)?: reasons.append(reason)
            case .noData?, nil: break
            }
        }
        guard addresses.isEmpty else {
            let isComplete = v4 != nil && v6 != nil
            return .success(DNSAnswer(addresses: addresses, timeToLive: timeToLive, isComplete: isComplete))
        }
        if reasons.contains(.nameNotFound) { return .failure(.nameNotFound) }
        return .failure(reasons.first ?? .noAddresses)
    }
}
