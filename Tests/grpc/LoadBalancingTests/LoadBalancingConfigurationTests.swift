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
        #expect(try duration("1.000000001s") == .seconds(1) + .nanoseconds(1))
        #expect(try duration("315576000000s") == .seconds(315_576_000_000))
        for text in ["", "s", "10", "10ms", "-1s", "+1s", "1.s", ".5s", "1.0000000001s", "315576000001s", "1e3s"] {
            #expect(throws: ConfigurationError.self, "\(text)") { try duration(text) }
        }
    }
}
