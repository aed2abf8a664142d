import Telemetry

/// How Envoy's log looks. Its configuration file has the lines about calls as text.
package enum EnvoyLog {
    /// `--log-format`, in spdlog's signs; `%j` is the message as JSON escapes it.
    static func ownLines(_ format: LogFormat) -> String {
        switch format {
        case .text: "%Y/%m/%d %T [%l] %v"
        case .json: #"{"time":"%Y-%m-%dT%T.%eZ","level":"%l","message":"%j"}"#
        }
    }

    /// The members that the services' lines have too have their names.
    private static let members = """
        {time: "%EMIT_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%", level: info, message: Answered request, server: ENVOY, \
        method: "%REQ(:PATH)%", grpc_status: "%GRPC_STATUS(CAMEL_STRING)%", status: "%RESPONSE_CODE%", \
        duration_ms: "%DURATION%", peer: "%DOWNSTREAM_REMOTE_ADDRESS%", request_id: "%REQ(X-REQUEST-ID)%", \
        upstream: "%UPSTREAM_HOST%", attempts: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%", flags: "%RESPONSE_FLAGS%"}
        """

    /// The configuration with lines about calls in JSON.
    package static func inJSON(_ configuration: String) -> String {
        var lines = configuration.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let key = "text_format_source:"
        // The line after it has the text.
        guard let index = lines.firstIndex(where: { $0.drop { $0 == " " } == key }), index + 1 < lines.count else {
            return configuration
        }
        lines[index...index + 1] = [lines[index].prefix { $0 == " " } + "json_format: \(members)"]
        return lines.joined(separator: "\n")
    }
}
