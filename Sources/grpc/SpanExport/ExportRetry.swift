import Protobuf
package import RPCCore
package import Timing

/// Whether a batch is tried again, and when (OTLP specification, "OTLP/gRPC Response" and "OTLP/gRPC Throttling"). Pure.
package struct ExportRetry {
    /// The SDK for Go waits 5 s at first, 30 s at most, and gives a batch up after a minute. A collector that is restarted is
    /// back sooner than that.
    package static let backoff: BackoffConfiguration = {
        var backoff = BackoffConfiguration.defaults
        backoff.multiplier = 2
        backoff.maximum = .seconds(30)
        backoff.minimumConnectTimeout = .seconds(10)
        return backoff
    }()
    package static let patience = Duration.seconds(60)

    /// No collector is left alone for longer, whatever it asks for.
    package static let longestRest = Duration.seconds(300)

    private var backoff = Backoff(ExportRetry.backoff)
    /// When the batch that is under way was first sent; nil: there is none.
    private var began: Instant?

    package init() {}

    /// The first time or again.
    package mutating func batchSent(at now: Instant) { began = began ?? now }

    package mutating func taken() { self = ExportRetry() }

    /// The last attempt is made when the patience ends. A batch that is given up then leaves the collector alone for as long as
    /// another attempt would have: what the next batch meets is the same trouble. `random` is uniform in 0..<1.
    package mutating func failed(
        _ error: RPCError, at now: Instant, random: Double
    ) -> (delay: Duration, isGivenUp: Bool) {
        let left = (began ?? now) + ExportRetry.patience - now
        let asked = ExportRetry.pushback(error)
        guard ExportRetry.isTransient(error.code, hasPushback: asked != nil) else {
            began = nil
            return (.zero, isGivenUp: true)
        }
        let own = backoff.next(random: random)
        if left > .zero, asked ?? .zero <= left {
            return (max(asked ?? .zero, min(own, left)), isGivenUp: false)
        }
        began = nil
        return (min(max(asked ?? .zero, own), ExportRetry.longestRest), isGivenUp: true)
    }

    private static func isTransient(_ code: StatusCode, hasPushback: Bool) -> Bool {
        switch code {
        case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss: true
        // Only where the server says that it will have room again.
        case .resourceExhausted: hasPushback
        case .ok, .unknown, .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .failedPrecondition,
            .unimplemented, .internal, .unauthenticated:
            false
        }
    }

    // MARK: google.rpc.RetryInfo

    private static let type = "type.googleapis.com/google.rpc.RetryInfo"

    /// What the server wants to be left alone for: `retry_delay` of a `google.rpc.RetryInfo` among the details of its
    /// `google.rpc.Status`; nil if it says nothing, or nothing that can be read.
    package static func pushback(_ error: RPCError) -> Duration? {
        guard let status = try? error.metadata.binaryValues(of: "grpc-status-details-bin").first else { return nil }
        return try? details(status)
    }

    /// Status: details = 3.
    private static func details(_ bytes: [UInt8]) throws(ProtobufError) -> Duration? {
        var reader = try ProtobufReader(bytes.span)
        while let tag = try reader.nextTag() {
            guard tag == 0x1a else {
                try reader.skip()
                continue
            }
            if let delay = try any(try reader.data()) { return delay }
        }
        return nil
    }

    /// Any: type_url = 1, value = 2.
    private static func any(_ bytes: [UInt8]) throws(ProtobufError) -> Duration? {
        var reader = try ProtobufReader(bytes.span)
        var (type, value) = ("", [UInt8]())
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: type = try reader.string()
            case 0x12: value = try reader.data()
            default: try reader.skip()
            }
        }
        return type == ExportRetry.type ? try retryInfo(value) : nil
    }

    /// RetryInfo: retry_delay = 1.
    private static func retryInfo(_ bytes: [UInt8]) throws(ProtobufError) -> Duration? {
        var reader = try ProtobufReader(bytes.span)
        while let tag = try reader.nextTag() {
            if tag == 0x0a { return try duration(try reader.data()) }
            try reader.skip()
        }
        return nil
    }

    /// Duration: seconds = 1, nanos = 2. What is negative is no wish, and 292 years are enough of one.
    private static func duration(_ bytes: [UInt8]) throws(ProtobufError) -> Duration? {
        var reader = try ProtobufReader(bytes.span)
        var (seconds, nanoseconds) = (Int64(0), Int64(0))
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: seconds = try reader.int64()
            case 0x10: nanoseconds = Int64(try reader.int32())
            default: try reader.skip()
            }
        }
        let duration = Duration.seconds(min(max(seconds, -1), 1 << 32)) + .nanoseconds(nanoseconds)
        return duration >= .zero ? duration : nil
    }
}
