package import JSON

/// Why a service config cannot be used, and where in it: `loadBalancingConfig[0].least_request.choiceCount: …`.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// Reads the members of an object of a service config. As in protobuf's JSON, which gRPC's service configs are written
/// in, null is as good as absent, and members that nobody asks for are passed over: a config is written for clients of
/// several versions.
package struct ConfigurationReader {
    private let object: JSONObject
    package let path: String

    package init(_ value: JSONValue, at path: String) throws(ConfigurationError) {
        guard let object = value.object else {
            throw ConfigurationError(path: path, reason: "\(value.kind) stands where an object is due")
        }
        self.object = object
        self.path = path
    }

    package var keys: [String] { object.keys }

    /// nil if it is absent or null.
    package subscript(key: String) -> JSONValue? {
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    package func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    package func error(_ key: String, _ reason: String) -> ConfigurationError {
        ConfigurationError(path: path(of: key), reason: reason)
    }

    package func flag(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard let flag = value.bool else { throw error(key, "\(value.kind) stands where true or false is due") }
        return flag
    }

    package func text(_ key: String) throws(ConfigurationError) -> String? {
        guard let value = self[key] else { return nil }
        guard let text = value.string else { throw error(key, "\(value.kind) stands where a string is due") }
        return text
    }

    package func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let value = self[key] else { return nil }
        guard value.double != nil else { throw error(key, "\(value.kind) stands where a number is due") }
        guard let number = value.integer.flatMap(Int.init(exactly:)), range.contains(number) else {
            throw error(key, "\(text(value)) is not an integer in \(range.lowerBound)...\(range.upperBound)")
        }
        return number
    }

    /// Not negative.
    package func number(_ key: String) throws(ConfigurationError) -> Double? {
        guard let value = self[key] else { return nil }
        guard let number = value.double else { throw error(key, "\(value.kind) stands where a number is due") }
        guard number >= 0 else { throw error(key, "\(text(value)) is negative") }
        return number
    }

    /// Not negative.
    package func duration(_ key: String) throws(ConfigurationError) -> Duration? {
        guard let text = try text(key) else { return nil }
        guard let duration = ConfigurationReader.duration(text) else {
            throw error(
                key, "\"\(text)\" is not a time such as \"10s\" or \"0.25s\", of at most \(Self.maximumSeconds)s")
        }
        return duration
    }

    package func object(_ key: String) throws(ConfigurationError) -> ConfigurationReader? {
        guard let value = self[key] else { return nil }
        return try ConfigurationReader(value, at: path(of: key))
    }

    package func list(_ key: String) throws(ConfigurationError) -> [JSONValue]? {
        guard let value = self[key] else { return nil }
        guard let list = value.array else { throw error(key, "\(value.kind) stands where a list is due") }
        return list
    }

    private func text(_ value: JSONValue) -> String {
        if let integer = value.integer { return "\(integer)" }
        return value.double.map { "\($0)" } ?? value.kind
    }

    /// Of google.protobuf.Duration: about 10 000 years.
    private static let maximumSeconds: Int64 = 315_576_000_000

    /// A google.protobuf.Duration as JSON has it: seconds, with up to nine places, and the letter s;
    /// and ".1s", because gRFC A6 writes it so and grpc-go takes it.
    private static func duration(_ text: String) -> Duration? {
        guard text.hasSuffix("s") else { return nil }
        let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count == 2 || !whole.isEmpty,
            whole.allSatisfy({ $0.isASCII && $0.isWholeNumber }),
            let seconds = whole.isEmpty ? 0 : Int64(whole), seconds <= maximumSeconds
        else { return nil }
        guard parts.count == 2 else { return .seconds(seconds) }
        let places = parts[1]
        guard (1...9).contains(places.count), places.allSatisfy({ $0.isASCII && $0.isWholeNumber }),
            let nanoseconds = Int64(places + String(repeating: "0", count: 9 - places.count))
        else { return nil }
        return .seconds(seconds) + .nanoseconds(nanoseconds)
    }
}
