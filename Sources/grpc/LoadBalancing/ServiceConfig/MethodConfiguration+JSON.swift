import JSON
import RPCCore

extension MethodConfiguration {
    private static let members = [
        "name", "timeout", "waitForReady", "retryPolicy", "maxRequestMessageBytes", "maxResponseMessageBytes",
    ]

    init(_ reader: ConfigurationReader, _ warned: (String) -> Void) throws(ConfigurationError) {
        reader.warnOfUnknown(besides: MethodConfiguration.members, warned)
        // Messages are 32 bits long at most; the proto has the limits as UInt32.
        let sizes = 0...Int(UInt32.max)
        self.init(
            timeout: try reader.duration("timeout"), waitForReady: try reader.flag("waitForReady"),
            maxRequestMessageBytes: try reader.integer("maxRequestMessageBytes", in: sizes),
            maxResponseMessageBytes: try reader.integer("maxResponseMessageBytes", in: sizes),
            retryPolicy: try reader.object("retryPolicy").map { retry throws(ConfigurationError) in
                try RetryPolicy(retry, warned)
            })
    }
}

extension RetryPolicy {
    private static let members = [
        "maxAttempts", "initialBackoff", "maxBackoff", "backoffMultiplier", "retryableStatusCodes",
    ]

    /// All members are required (gRFC A6, "Validation of retryPolicy").
    fileprivate init(_ reader: ConfigurationReader, _ warned: (String) -> Void) throws(ConfigurationError) {
        reader.warnOfUnknown(besides: RetryPolicy.members, warned)
        let attempts = try reader.required(
            "maxAttempts", try reader.integer("maxAttempts", in: 2...Int(UInt32.max)))
        if attempts > RetryPolicy.mostAttempts {
            warned("\(reader.path(of: "maxAttempts")): \(attempts) counts as \(RetryPolicy.mostAttempts), the most")
        }
        let multiplier = try reader.required("backoffMultiplier", try reader.number("backoffMultiplier"))
        guard multiplier > 0 else { throw reader.error("backoffMultiplier", "\(multiplier) is not above 0") }
        self.init(
            maxAttempts: attempts, initialBackoff: try RetryPolicy.backoff("initialBackoff", reader),
            maxBackoff: try RetryPolicy.backoff("maxBackoff", reader), backoffMultiplier: multiplier,
            retryableStatusCodes: try RetryPolicy.codes(reader))
    }

    private static func backoff(_ key: String, _ reader: ConfigurationReader) throws(ConfigurationError) -> Duration {
        let duration = try reader.required(key, try reader.duration(key))
        guard duration > .zero else { throw reader.error(key, "0s is not above 0") }
        return duration
    }

    private static func codes(_ reader: ConfigurationReader) throws(ConfigurationError) -> Set<StatusCode> {
        let key = "retryableStatusCodes"
        let list = try reader.required(key, try reader.list(key))
        guard !list.isEmpty else { throw reader.error(key, "it is empty: at least one status code is due") }
        var codes: Set<StatusCode> = []
        for (index, value) in list.enumerated() {
            guard let code = StatusCode(configured: value) else {
                let found = value.string.map { "\"\($0)\"" } ?? value.integer.map { "\($0)" } ?? value.kind
                throw ConfigurationError(
                    path: "\(reader.path(of: key))[\(index)]",
                    reason: "\(found) is no status code; those are 0 to 16, or names such as UNAVAILABLE")
            }
            codes.insert(code)
        }
        return codes
    }
}

extension StatusCode {
    /// By name, or by number.
    fileprivate init?(configured value: JSONValue) {
        if let name = value.string {
            guard let code = StatusCode.allCases.first(where: { $0.name == name }) else { return nil }
            self = code
        } else {
            guard let number = value.integer else { return nil }
            self.init(rawValue: Int(number))
        }
    }
}
