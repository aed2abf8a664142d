// Written by protoc-gen-sample from grpc/health/v1/health.proto: change that, then run `make proto`.

package import Protobuf

/// `grpc.health.v1.HealthCheckRequest`.
package struct HealthCheckRequest: ProtobufMessage {
    /// Empty for the server as a whole.
    package var service = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(service: String = "") {
        self.service = service
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: service = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(service, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.health.v1.HealthCheckResponse`.
package struct HealthCheckResponse: ProtobufMessage {
    package var status: HealthCheckResponse.ServingStatus = .unknown
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(status: HealthCheckResponse.ServingStatus = .unknown) {
        self.status = status
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: status = try reader.enumeration()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.enumeration(status, field: 1)
        writer.unknown(unknownFields)
    }

    /// `grpc.health.v1.HealthCheckResponse.ServingStatus`.
    package enum ServingStatus: ProtobufEnum {
        case unknown
        case serving
        case notServing
        /// Only in answers of Watch.
        case serviceUnknown
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .unknown
                case 1: .serving
                case 2: .notServing
                case 3: .serviceUnknown
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .unknown: 0
            case .serving: 1
            case .notServing: 2
            case .serviceUnknown: 3
            case .unrecognized(let number): number
            }
        }
    }
}

/// `grpc.health.v1.HealthListRequest`.
package struct HealthListRequest: ProtobufMessage {
    package var unknownFields: [UInt8] = []

    package init() {}

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while try reader.nextTag() != nil { try reader.keep(in: &unknownFields) }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
    }
}

/// `grpc.health.v1.HealthListResponse`.
package struct HealthListResponse: ProtobufMessage {
    /// By service; "" is the server as a whole.
    package var statuses: [String: HealthCheckResponse] = [:]
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(statuses: [String: HealthCheckResponse] = [:]) {
        self.statuses = statuses
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.entry(.string, .message(), into: &statuses)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.map(.string, .message(), statuses, field: 1)
        writer.unknown(unknownFields)
    }
}
