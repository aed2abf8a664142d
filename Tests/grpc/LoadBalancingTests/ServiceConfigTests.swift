import JSON
import LoadBalancing
import RPCCore
import Testing

@Suite struct ServiceConfigTests {
    private let echo = MethodDescriptor(service: "test.Service", method: "Echo")
    private let wait = MethodDescriptor(service: "test.Service", method: "Wait")
    private let other = MethodDescriptor(service: "other.Service", method: "Echo")

    private static let retry = """
        {"maxAttempts": 3, "initialBackoff": ".1s", "maxBackoff": "1s", "backoffMultiplier": 2.5,
         "retryableStatusCodes": ["UNAVAILABLE", 10]}
        """

    @Test func everyMemberIsRead() throws {
        let config = try ServiceConfig(
            text: """
                {"loadBalancingConfig": [{"grpclb": {}}, {"round_robin": {}}],
                 "methodConfig": [
                    {"name": [{"service": "test.Service", "method": "Echo"}], "timeout": "1.5s", "waitForReady": true,
                     "retryPolicy": \(ServiceConfigTests.retry), "maxRequestMessageBytes": 100,
                     "maxResponseMessageBytes": 0}],
                 "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1239},
                 "healthCheckConfig": {"serviceName": "test.Service"}}
                """)
        #expect(config.policy == .roundRobin)
        let policy = RetryPolicy(
            maxAttempts: 3, initialBackoff: .milliseconds(100), maxBackoff: .seconds(1), backoffMultiplier: 2.5,
            retryableStatusCodes: [.unavailable, .aborted])
        #expect(
            config.methods[echo]
                == MethodConfiguration(
                    timeout: .milliseconds(1500), waitForReady: true, maxRequestMessageBytes: 100,
                    maxResponseMessageBytes: 0, retryPolicy: policy))
        #expect(config.methods[wait] == nil)
        // What is beyond three decimals does not count.
        #expect(config.retryThrottling == RetryThrottling(maxMillitokens: 10_000, millitokensPerSuccess: 123))
        #expect(config.healthCheckService == "test.Service")
    }

    @Test func theNearestNameCounts() throws {
        let config = try ServiceConfig(
            text: """
                {"methodConfig": [
                    {"name": [{}], "timeout": "3s"},
                    {"name": [{"service": "test.Service"}, {"service": "third.Service"}], "timeout": "2s"},
                    {"name": [{"service": "test.Service", "method": "Echo"}], "waitForReady": false}]}
                """)
        // The nearest is taken as a whole: nothing is added from the others.
        #expect(config.methods[echo] == MethodConfiguration(waitForReady: false))
        #expect(config.methods[wait] == MethodConfiguration(timeout: .seconds(2)))
        #expect(config.methods[other] == MethodConfiguration(timeout: .seconds(3)))
        #expect(config.methods.count == 4)
    }

    @Test func nothingIsAConfigToo() throws {
        let config = try ServiceConfig(text: "{}")
        #expect(config == ServiceConfig())
        #expect(config.methods[echo] == nil)
        // As in protobuf's JSON.
        #expect(try ServiceConfig(text: #"{"methodConfig": null, "retryThrottling": null}"#) == ServiceConfig())
    }

    @Test func healthOfTheServerAsAWhole() throws {
        #expect(try ServiceConfig(text: #"{"healthCheckConfig": {}}"#).healthCheckService == "")
        #expect(try ServiceConfig(text: #"{"healthCheckConfig": {"serviceName": ""}}"#).healthCheckService == "")
    }

    @Test(arguments: [("round_robin", LoadBalancingPolicyName.roundRobin), ("PICK_FIRST", .pickFirst)])
    func theDeprecatedPolicyIsTakenWhereThereIsNoOther(text: String, name: LoadBalancingPolicyName) throws {
        #expect(try ServiceConfig(text: #"{"loadBalancingPolicy": "\#(text)"}"#).policy?.name == name)
        let both = #"{"loadBalancingPolicy": "\#(text)", "loadBalancingConfig": [{"round_robin": {}}]}"#
        #expect(try ServiceConfig(text: both).policy == .roundRobin)
    }

    @Test func noPolicyHasMoreThanFiveAttempts() throws {
        var warnings: [String] = []
        let text = #"{"methodConfig": [{"name": [{}], "retryPolicy": \#(ServiceConfigTests.retry)}]}"#
        let config = try ServiceConfig(text: text.replacing(": 3", with: ": 50")) { warnings.append($0) }
        #expect(config.methods[echo]?.retryPolicy?.maxAttempts == 5)
        #expect(warnings == ["methodConfig[0].retryPolicy.maxAttempts: 50 counts as 5, the most"])
    }

    @Test func aMisspeltParameterOfAPolicyIsTold() throws {
        var warnings: [String] = []
        let config = try ServiceConfig(
            text: """
                {"loadBalancingConfig": [{"outlier_detection": {"failurePercentage": {},
                  "childPolicy": [{"least_request": {"choicecount": 5}}]}}]}
                """
        ) { warnings.append($0) }
        #expect(config.policy == .outlierDetection(OutlierDetectionParameters(), child: .leastRequest(.init())))
        let place = "loadBalancingConfig[0].outlier_detection"
        #expect(
            warnings == [
                "\(place).failurePercentage: it is not known here, and says nothing",
                "\(place): without successRateEjection and failurePercentageEjection it ejects nobody",
                "\(place).childPolicy[0].least_request.choicecount: it is not known here, and says nothing: "
                    + "did you mean choiceCount?",
            ])
    }

    @Test func whatIsOfNoUseIsTold() throws {
        var warnings: [String] = []
        let config = try ServiceConfig(
            text: """
                {"methodConfig": [{"timeout": "1s"}, {"name": [], "waitForReady": true},
                                  {"name": [{"service": "a", "host": "b"}], "timeOut": "2s", "hedgingPolicy": {}}],
                 "healthcheckConfig": {}}
                """
        ) { warnings.append($0) }
        #expect(config.methods.count == 1)
        #expect(
            warnings == [
                "healthcheckConfig: it is not known here, and says nothing: did you mean healthCheckConfig?",
                "methodConfig[0]: it has no name, and is nobody's",
                "methodConfig[1]: it has no name, and is nobody's",
                "methodConfig[2].timeOut: it is not known here, and says nothing: did you mean timeout?",
                "methodConfig[2].hedgingPolicy: it is not known here, and says nothing",
                "methodConfig[2].name[0].host: it is not known here, and says nothing",
            ])
    }

    @Test(arguments: [
        ("", "bad JSON"), ("{", "bad JSON"), ("[]", "an array stands where an object is due"),
        (#"{"methodConfig": {}}"#, "methodConfig: an object stands where a list is due"),
        (#"{"methodConfig": [7]}"#, "methodConfig[0]: a number stands where an object is due"),
        (#"{"methodConfig": [{"name": "a"}]}"#, "methodConfig[0].name: a string stands where a list is due"),
        (#"{"methodConfig": [{"name": [1]}]}"#, "methodConfig[0].name[0]: a number stands where"),
        (#"{"methodConfig": [{"name": [{"method": "a"}]}]}"#, "methodConfig[0].name[0].method: \"a\" stands there"),
        (#"{"methodConfig": [{"name": [{}]}, {"name": [{}]}]}"#, "methodConfig[1].name[0]: all methods has been"),
        (
            #"{"methodConfig": [{"name": [{"service": "a", "method": "b"}, {"service": "a", "method": "b"}]}]}"#,
            "methodConfig[0].name[1]: a/b has been configured before"
        ),
        (#"{"methodConfig": [{"name": [{}], "timeout": 3}]}"#, "methodConfig[0].timeout: a number stands where"),
        (#"{"methodConfig": [{"name": [{}], "timeout": "3"}]}"#, "methodConfig[0].timeout: \"3\" is not a time"),
        (#"{"methodConfig": [{"timeout": "-1s"}]}"#, "methodConfig[0].timeout: \"-1s\" is not a time"),
        (#"{"methodConfig": [{"timeout": ".s"}]}"#, "methodConfig[0].timeout: \".s\" is not a time"),
        (#"{"methodConfig": [{"timeout": "1.0000000001s"}]}"#, "methodConfig[0].timeout: "),
        (#"{"methodConfig": [{"waitForReady": "yes"}]}"#, "methodConfig[0].waitForReady: a string stands where"),
        (#"{"methodConfig": [{"maxRequestMessageBytes": -1}]}"#, "methodConfig[0].maxRequestMessageBytes: -1 is not"),
        (#"{"methodConfig": [{"maxResponseMessageBytes": 1.5}]}"#, "methodConfig[0].maxResponseMessageBytes: 1.5 is"),
        (#"{"retryThrottling": {"tokenRatio": 1}}"#, "retryThrottling.maxTokens: it is missing"),
        (#"{"retryThrottling": {"maxTokens": 0, "tokenRatio": 1}}"#, "retryThrottling.maxTokens: 0.0 is not above 0"),
        (#"{"retryThrottling": {"maxTokens": 1001, "tokenRatio": 1}}"#, "retryThrottling.maxTokens: 1001.0 is not"),
        (#"{"retryThrottling": {"maxTokens": 9}}"#, "retryThrottling.tokenRatio: it is missing"),
        (#"{"retryThrottling": {"maxTokens": 9, "tokenRatio": 0.0001}}"#, "retryThrottling.tokenRatio: 0.0001 is not"),
        (#"{"healthCheckConfig": {"serviceName": 5}}"#, "healthCheckConfig.serviceName: a number stands where"),
        (#"{"healthCheckConfig": true}"#, "healthCheckConfig: a boolean stands where an object is due"),
        (#"{"loadBalancingConfig": [{"nope": {}}]}"#, "loadBalancingConfig: no policy that is known here"),
        (#"{"loadBalancingPolicy": "nope"}"#, "loadBalancingPolicy: \"nope\" is not known here"),
    ]) func whatCannotBeUsedIsRefusedWithPathAndReason(text: String, reason: String) throws {
        let error = #expect(throws: ConfigurationError.self) { try ServiceConfig(text: text) }
        #expect(error?.description.hasPrefix(reason) == true, "\(String(describing: error))")
    }

    /// Each member of a retry policy, with what it must not be; nil: left out.
    @Test(
        arguments: [
            ("maxAttempts", nil, "it is missing"), ("maxAttempts", "1", "1 is not an integer in 2"),
            ("maxAttempts", "\"3\"", "a string stands where a number is due"), ("maxAttempts", "2.5", "2.5 is not"),
            ("initialBackoff", nil, "it is missing"), ("initialBackoff", "\"0s\"", "0s is not above 0"),
            ("maxBackoff", nil, "it is missing"), ("maxBackoff", "\"1m\"", "\"1m\" is not a time"),
            ("backoffMultiplier", nil, "it is missing"), ("backoffMultiplier", "0", "0.0 is not above 0"),
            ("backoffMultiplier", "-2", "-2 is negative"), ("retryableStatusCodes", nil, "it is missing"),
            ("retryableStatusCodes", "[]", "it is empty"), ("retryableStatusCodes", "\"OK\"", "a string stands where"),
        ] as [(String, String?, String)])
    func aRetryPolicyIsWholeOrRefused(member: String, value: String?, reason: String) throws {
        var policy = try JSONParser.parse(ServiceConfigTests.retry).object ?? JSONObject()
        policy[member] = try value.map { try JSONParser.parse($0) }
        let config: JSONValue = ["methodConfig": [["name": [[:]], "retryPolicy": .object(policy)]]]
        let error = #expect(throws: ConfigurationError.self) { try ServiceConfig(config) }
        #expect(error?.path == "methodConfig[0].retryPolicy.\(member)")
        #expect(error?.reason.hasPrefix(reason) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["\"UNAVAILBLE\"", "\"unavailable\"", "17", "-1", "null", "{}"])
    func aStatusCodeIsANameOrANumber(code: String) throws {
        let policy = ServiceConfigTests.retry.replacing("10]", with: "\(code)]")
        let text = #"{"methodConfig": [{"retryPolicy": \#(policy)}]}"#
        let error = #expect(throws: ConfigurationError.self) { try ServiceConfig(text: text) }
        #expect(error?.path == "methodConfig[0].retryPolicy.retryableStatusCodes[1]")
        #expect(error?.reason.contains("is no status code") == true)
    }
}
