package import Protobuf

/// `grpc.health.v1.HealthCheckResponse.ServingStatus` (health.proto).
package enum ServingStatus: UInt32, Hashable, Sendable {
    case unknown = 0
    case serving = 1
    case notServing = 2
    /// Only in answers of Watch.
    case serviceUnknown = 3
}

/// `grpc.health.v1.HealthCheckRequest`.
package struct HealthCheckRequest: ProtobufMessage, Hashable {
    /// Empty for the server as a whole.
    package var service = ""

    package init() {}

    package init(service: String) {
        self.service = service
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() {
            switch field.number {
            case 1: service = try reader.string(field)
            default: try reader.skip(field)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(service, field: 1)
    }
}

/// `grpc.health.v1.HealthCheckResponse`.
package struct HealthCheckResponse: ProtobufMessage, Hashable {
    package var status = ServingStatus.unknown

    package init() {}

    package init(status: ServingStatus) {
        self.status = status
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() {
            switch field.number {
            // A number that this version does not know reads as UNKNOWN.
            case 1: status = ServingStatus(rawValue: try reader.uint32(field)) ?? .unknown
            default: try reader.skip(field)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.uint32(status.rawValue, field: 1)
    }
}

/// `grpc.health.v1.HealthListRequest`: it has no field.
struct HealthListRequest: ProtobufMessage, Hashable {
    init() {}

    mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() { try reader.skip(field) }
    }

    func write(to writer: inout ProtobufWriter) {}
}

/// `grpc.health.v1.HealthListResponse`: a map from service to `HealthCheckResponse`. Servers only write it.
struct HealthListResponse: ProtobufMessage {
    var statuses: [(service: String, status: ServingStatus)] = []

    init() {}

    init(statuses: [(service: String, status: ServingStatus)]) {
        self.statuses = statuses
    }

    mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let field = try reader.nextField() { try reader.skip(field) }
    }

    func write(to writer: inout ProtobufWriter) {
        for entry in statuses {
            // A map's entry is a message with the key as field 1 and the value as field 2.
            var pair = ProtobufWriter()
            pair.string(entry.service, field: 1)
            pair.message(HealthCheckResponse(status: entry.status).encoded, field: 2)
            writer.message(pair.finish(), field: 1)
        }
    }
}
