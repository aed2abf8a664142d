import JSON
import LoadBalancing
import Testing

@Suite struct LoadBalancingConfigurationTests {
    private func read(_ text: String) throws -> LoadBalancingConfiguration {
        try LoadBalancingConfiguration(list: JSONParser.parse(text), at: "loadBalancingConfig")
    }

    /// What is said of a list that cannot be used.
    private func refusal(_ text: String) throws -> String? {
        do {
            _ = try read(text)
            return nil
        } catch let error as ConfigurationError {
            return error.description
        }
    }

    @Test func theFirstPolicyThatIsKnownIsTaken() throws {
        #expect(try read(#"[{"round_robin": {}}]"#) == .roundRobin)
        #expect(try read(#"[{"xds_cluster_impl": {"a": 1}}, {"round_robin": {}}, {"pick_first": {}}]"#) == .roundRobin)
        // What stands behind it may be anything.
        #expect(try read(#"[{"round_robin": null}, {"pick_first": 3}, 7]"#) == .roundRobin)
    }

    @Test func eachPolicyHasItsDefaultsByName() throws {
        for name in LoadBalancingPolicyName.allCases {
            let configuration = LoadBalancingConfiguration(name)
            #expect(configuration.name == name)
            #expect(type(of: configuration.makePolicy(seed: 1)).name == name.rawValue)
        }
    }

    @Test func membersThatAreUnknownOrNullAreAsIfTheyWereNotThere() throws {
        let plain = LoadBalancingConfiguration(.pickFirst)
        #expect(try read(#"[{"pick_first": {"shuffleAddressList": null, "newInTheYear2030": [1]}}]"#) == plain)
        #expect(
            try read(#"[{"pick_first": {"shuffleAddressList": true}}]"#)
                == .pickFirst(PickFirst.Parameters(shuffleAddressList: true)))
    }

    @Test func leastRequestHasAChoiceCount() throws {
        #expect(try read(#"[{"least_request": {}}]"#) == .leastRequest(LeastRequest.Parameters(choiceCount: 2)))
        #expect(
            try read(#"[{"least_request_experimental": {"choiceCount": 5}}]"#)
                == .leastRequest(LeastRequest.Parameters(choiceCount: 5)))
        // gRFC A48: more count as ten.
        #expect(
            try read(#"[{"least_request": {"choiceCount": 4294967295}}]"#)
                == .leastRequest(LeastRequest.Parameters(choiceCount: 10)))
    }

    @Test func peakEWMAHasItsTimes() throws {
        let all = #"{"decayTime": "5s", "defaultLatency": "0.1s", "failurePenalty": "1.5s"}"#
        #expect(
            try read("[{\"peak_ewma\": \(all)}]")
                == .peakEWMA(
                    PeakEWMA.Parameters(
                        decayTime: .seconds(5), defaultLatency: .milliseconds(100),
                        failurePenalty: .milliseconds(1500))))
    }

    @Test func weightedRoundRobinHasItsPeriods() throws {
        let all = """
            {"enableOobLoadReport": false, "oobReportingPeriod": "10s", "blackoutPeriod": "0s",
             "weightExpirationPeriod": "60s", "weightUpdatePeriod": "0.01s", "errorUtilizationPenalty": 0.5}
            """
        // gRFC A58: an update period of less than 100 ms counts as that.
        #expect(
            try read("[{\"weighted_round_robin\": \(all)}]")
                == .weightedRoundRobin(
                    WeightedRoundRobin.Parameters(
                        blackoutPeriod: .zero, weightExpirationPeriod: .seconds(60),
                        weightUpdatePeriod: .milliseconds(100), errorUtilizationPenalty: 0.5)))
        #expect(
            try read(#"[{"weighted_round_robin": {}}]"#)
                == .weightedRoundRobin(WeightedRoundRobin.Parameters()))
    }

    @Test func outlierDetectionIsAroundAnother() throws {
        let all = """
            {"interval": "5s", "baseEjectionTime": "15s", "maxEjectionTime": "60s", "maxEjectionPercent": 50,
             "successRateEjection":
                {"stdevFactor": 1500, "enforcementPercentage": 80, "minimumHosts": 3, "requestVolume": 20},
             "failurePercentageEjection":
                {"threshold": 60, "enforcementPercentage": 70, "minimumHosts": 2, "requestVolume": 10},
             "childPolicy": [{"unknown": {}}, {"least_request": {"choiceCount": 3}}]}
            """
        var parameters = OutlierDetectionParameters(successRate: .init(), failurePercentage: .init())
        parameters.interval = .seconds(5)
        parameters.baseEjectionTime = .seconds(15)
        parameters.maxEjectionTime = .seconds(60)
        parameters.maxEjectionPercent = 50
        parameters.successRate?.stdevFactor = 1500
        parameters.successRate?.enforcementPercentage = 80
        parameters.successRate?.minimumHosts = 3
        parameters.successRate?.requestVolume = 20
        parameters.failurePercentage?.threshold = 60
        parameters.failurePercentage?.enforcementPercentage = 70
        parameters.failurePercentage?.minimumHosts = 2
        parameters.failurePercentage?.requestVolume = 10
        let child = LoadBalancingConfiguration.leastRequest(LeastRequest.Parameters(choiceCount: 3))
        #expect(try read("[{\"outlier_detection\": \(all)}]") == .outlierDetection(parameters, child: child))
        #expect(
            try read(#"[{"outlier_detection_experimental": {"childPolicy": [{"round_robin": {}}]}}]"#)
                == .outlierDetection(OutlierDetectionParameters(), child: .roundRobin))
    }

    @Test(arguments: [
        (#"{"round_robin": {}}"#, "loadBalancingConfig: an object stands where a list of policies is due"),
        ("[]", "loadBalancingConfig: no policy that is known here: it is empty; there are "),
        (#"[{"a": {}}, {"b": {}}]"#, "loadBalancingConfig: no policy that is known here: it names a, b; there are "),
        (#"["round_robin"]"#, "loadBalancingConfig[0]: a string stands where an object is due"),
        ("[{}]", "loadBalancingConfig[0]: an entry has one member, the policy's name; it has none"),
        (
            #"[{"a": {}}, {"round_robin": {}, "pick_first": {}}]"#,
            "loadBalancingConfig[1]: an entry has one member, the policy's name; it has round_robin, pick_first"
        ),
        (
            #"[{"pick_first": []}]"#, "loadBalancingConfig[0].pick_first: an array stands where an object is due"
        ),
        (
            #"[{"pick_first": {"shuffleAddressList": "yes"}}]"#,
            "loadBalancingConfig[0].pick_first.shuffleAddressList: a string stands where true or false is due"
        ),
        (
            #"[{"least_request": {"choiceCount": 1}}]"#,
            "loadBalancingConfig[0].least_request.choiceCount: 1 is not in 2...10"
        ),
        (
            #"[{"least_request_experimental": {"choiceCount": 2.5}}]"#,
            "loadBalancingConfig[0].least_request_experimental.choiceCount: 2.5 is not an integer in 0...4294967295"
        ),
        (
            #"[{"weighted_round_robin": {"errorUtilizationPenalty": -0.5}}]"#,
            "loadBalancingConfig[0].weighted_round_robin.errorUtilizationPenalty: -0.5 is negative"
        ),
        (
            #"[{"weighted_round_robin": {"enableOobLoadReport": true}}]"#,
            "loadBalancingConfig[0].weighted_round_robin.enableOobLoadReport: reports outside of calls are not supported"
        ),
        (
            #"[{"outlier_detection": {}}]"#,
            "loadBalancingConfig[0].outlier_detection.childPolicy: it is missing"
        ),
        (
            #"[{"outlier_detection": {"childPolicy": [{"least_request": {"choiceCount": 0}}]}}]"#,
            "loadBalancingConfig[0].outlier_detection.childPolicy[0].least_request.choiceCount: 0 is not in 2...10"
        ),
        (
            #"[{"outlier_detection": {"maxEjectionPercent": 101, "childPolicy": [{"round_robin": {}}]}}]"#,
            "loadBalancingConfig[0].outlier_detection.maxEjectionPercent: 101 is not an integer in 0...100"
        ),
        (
            #"[{"outlier_detection": {"successRateEjection": 1, "childPolicy": [{"round_robin": {}}]}}]"#,
            "loadBalancingConfig[0].outlier_detection.successRateEjection: a number stands where an object is due"
        ),
        (
            #"[{"outlier_detection": {"interval": "-1s", "childPolicy": [{"round_robin": {}}]}}]"#,
            "loadBalancingConfig[0].outlier_detection.interval: \"-1s\" is not a time"
        ),
        (
            #"[{"peak_ewma": {"decayTime": "10"}}]"#,
            "loadBalancingConfig[0].peak_ewma.decayTime: \"10\" is not a time such as \"10s\" or \"0.25s\""
        ),
        (
            #"[{"peak_ewma": {"decayTime": "0s"}}]"#,
            "loadBalancingConfig[0].peak_ewma.decayTime: it is less than 0.001s"
        ),
    ])
    func aBadListIsRefusedWithPathAndReason(text: String, reason: String) throws {
        let said = try refusal(text) ?? "nothing"
        #expect(said.hasPrefix(reason))
    }

    @Test func timesAreProtobufs() throws {
        func duration(_ text: String) throws -> Duration? {
            try ConfigurationReader(["time": .string(text)], at: "").duration("time")
        }
        #expect(try duration("10s") == .seconds(10))
        #expect(try duration("0.25s") == .milliseconds(250))
        // As gRFC A6 writes them.
        #expect(try duration(".5s") == .milliseconds(500))
        #expect(try duration("1.000000001s") == .seconds(1) + .nanoseconds(1))
        #expect(try duration("315576000000s") == .seconds(315_576_000_000))
        for text in ["", "s", "10", "10ms", "-1s", "+1s", "1.s", ".s", "1.0000000001s", "315576000001s", "1e3s"] {
            #expect(throws: ConfigurationError.self, "\(text)") { try duration(text) }
        }
    }
}
