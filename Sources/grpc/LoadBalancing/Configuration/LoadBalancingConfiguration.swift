package import JSON

/// A policy with its parameters, as a service config's `loadBalancingConfig` chooses it (gRFC A24).
package enum LoadBalancingConfiguration: Hashable, Sendable {
    case pickFirst(PickFirst.Parameters)
    case roundRobin
    case leastRequest(LeastRequest.Parameters)
    case weightedRoundRobin(WeightedRoundRobin.Parameters)
    case peakEWMA(PeakEWMA.Parameters)
    indirect case outlierDetection(OutlierDetectionParameters, child: LoadBalancingConfiguration)

    /// The policy with its defaults. `outlier_detection` has none for what is within, nor for how to find outliers: by
    /// name alone it is around `round_robin`, and looks for them in both ways.
    package init(_ name: LoadBalancingPolicyName) {
        switch name {
        case .pickFirst: self = .pickFirst(PickFirst.Parameters())
        case .roundRobin: self = .roundRobin
        case .leastRequest: self = .leastRequest(LeastRequest.Parameters())
        case .weightedRoundRobin: self = .weightedRoundRobin(WeightedRoundRobin.Parameters())
        case .peakEWMA: self = .peakEWMA(PeakEWMA.Parameters())
        case .outlierDetection:
            let parameters = OutlierDetectionParameters(successRate: .init(), failurePercentage: .init())
            self = .outlierDetection(parameters, child: .roundRobin)
        }
    }

    package var name: LoadBalancingPolicyName {
        switch self {
        case .pickFirst: .pickFirst
        case .roundRobin: .roundRobin
        case .leastRequest: .leastRequest
        case .weightedRoundRobin: .weightedRoundRobin
        case .peakEWMA: .peakEWMA
        case .outlierDetection: .outlierDetection
        }
    }

    /// `seed` decides what is random in the policy.
    package func makePolicy(seed: UInt64) -> any LoadBalancingPolicy {
        switch self {
        case .pickFirst(let parameters): PickFirst(parameters, seed: seed)
        case .roundRobin: RoundRobin(seed: seed)
        case .leastRequest(let parameters): LeastRequest(parameters, seed: seed)
        case .weightedRoundRobin(let parameters): WeightedRoundRobin(parameters, seed: seed)
        case .peakEWMA(let parameters): PeakEWMA(parameters, seed: seed)
        case .outlierDetection(let parameters, let child):
            Self.detectOutliers(around: child.makePolicy(seed: seed), parameters, seed: ~seed)
        }
    }

    private static func detectOutliers(
        around policy: some LoadBalancingPolicy, _ parameters: OutlierDetectionParameters, seed: UInt64
    ) -> any LoadBalancingPolicy {
        OutlierDetection(policy, parameters, seed: seed)
    }

    // MARK: From JSON

    /// The first policy of the list that this build knows; `path` is where the list stands, as
    /// `loadBalancingConfig`. Each entry is an object with one member, the policy's name. What stands behind the one
    /// chosen is not looked at, as in grpc-go.
    package init(
        list: JSONValue, at path: String, warned: (String) -> Void = { _ in }
    ) throws(ConfigurationError) {
        guard let entries = list.array else {
            throw ConfigurationError(path: path, reason: "\(list.kind) stands where a list of policies is due")
        }
        var unknown: [String] = []
        for (index, entry) in entries.enumerated() {
            let place = "\(path)[\(index)]"
            let reader = try ConfigurationReader(entry, at: place)
            guard let key = reader.keys.first, reader.keys.count == 1 else {
                let names = reader.keys.isEmpty ? "it has none" : "it has \(reader.keys.joined(separator: ", "))"
                throw ConfigurationError(path: place, reason: "an entry has one member, the policy's name; \(names)")
            }
            guard let name = LoadBalancingPolicyName(configured: key) else {
                unknown.append(key)
                continue
            }
            try self.init(name, ConfigurationReader(reader[key] ?? [:], at: reader.path(of: key)), warned)
            return
        }
        let found = unknown.isEmpty ? "it is empty" : "it names \(unknown.joined(separator: ", "))"
        throw ConfigurationError(
            path: path, reason: "no policy that is known here: \(found); there are \(LoadBalancingPolicyName.names)")
    }

    private init(
        _ name: LoadBalancingPolicyName, _ reader: ConfigurationReader, _ warned: (String) -> Void
    ) throws(ConfigurationError) {
        reader.warnOfUnknown(besides: name.members, warned)
        switch name {
        case .pickFirst: self = .pickFirst(try PickFirst.Parameters(reader))
        case .roundRobin: self = .roundRobin
        case .leastRequest: self = .leastRequest(try LeastRequest.Parameters(reader))
        case .weightedRoundRobin: self = .weightedRoundRobin(try WeightedRoundRobin.Parameters(reader))
        case .peakEWMA: self = .peakEWMA(try PeakEWMA.Parameters(reader))
        case .outlierDetection:
            guard let child = reader["childPolicy"] else {
                throw reader.error("childPolicy", "it is missing: it names the policy that chooses")
            }
            let path = reader.path(of: "childPolicy")
            let parameters = try OutlierDetectionParameters(reader)
            let members = ["enforcementPercentage", "minimumHosts", "requestVolume"]
            try reader.object("successRateEjection")?.warnOfUnknown(besides: members + ["stdevFactor"], warned)
            try reader.object("failurePercentageEjection")?.warnOfUnknown(besides: members + ["threshold"], warned)
            if parameters.successRate == nil, parameters.failurePercentage == nil {
                warned("\(reader.path): without successRateEjection and failurePercentageEjection it ejects nobody")
            }
            self = .outlierDetection(
                parameters, child: try LoadBalancingConfiguration(list: child, at: path, warned: warned))
        }
    }
}

extension LoadBalancingPolicyName {
    fileprivate var members: [String] {
        switch self {
        case .pickFirst: ["shuffleAddressList"]
        case .roundRobin: []
        case .leastRequest: ["choiceCount"]
        case .weightedRoundRobin:
            [
                "enableOobLoadReport", "oobReportingPeriod", "blackoutPeriod", "weightExpirationPeriod",
                "weightUpdatePeriod", "errorUtilizationPenalty",
            ]
        case .peakEWMA: ["decayTime", "defaultLatency", "failurePenalty"]
        case .outlierDetection:
            [
                "interval", "baseEjectionTime", "maxEjectionTime", "maxEjectionPercent", "successRateEjection",
                "failurePercentageEjection", "childPolicy",
            ]
        }
    }

    /// By the registered name, or by the one that it has in gRPC while it is experimental (gRFC A48, A50, A58).
    fileprivate init?(configured name: String) {
        let suffix = "_experimental"
        self.init(rawValue: name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name)
    }
}
