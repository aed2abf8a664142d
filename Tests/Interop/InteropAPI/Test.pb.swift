// Written by protoc-gen-sample from grpc/testing/test.proto: change that, then run `make proto`.

package import Protobuf

/// `grpc.testing.PayloadType`.
package enum PayloadType: ProtobufEnum {
    case compressable
    /// A number that has no name here.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
        self =
            switch rawValue {
            case 0: .compressable
            default: .unrecognized(rawValue)
            }
    }

    package var rawValue: Int32 {
        switch self {
        case .compressable: 0
        case .unrecognized(let number): number
        }
    }
}

/// `grpc.testing.Empty`.
package struct Empty: ProtobufMessage {
    package var unknownFields: [UInt8] = []

    package init() {}

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while try reader.nextTag() != nil { try reader.keep(in: &unknownFields) }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
    }
}

/// So that false can be told from nothing said.
package struct BoolValue: ProtobufMessage {
    package var value = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(value: Bool = false) {
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: value = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.bool(value, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.Payload`.
package struct Payload: ProtobufMessage {
    package var type: PayloadType = .compressable
    package var body: [UInt8] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(type: PayloadType = .compressable, body: [UInt8] = []) {
        self.type = type
        self.body = body
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: type = try reader.enumeration()
            case 0x12: body = try reader.data()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.enumeration(type, field: 1)
        writer.data(body, field: 2)
        writer.unknown(unknownFields)
    }
}

/// The status that the response is to have.
package struct EchoStatus: ProtobufMessage {
    package var code: Int32 = 0
    package var message = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(code: Int32 = 0, message: String = "") {
        self.code = code
        self.message = message
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: code = try reader.int32()
            case 0x12: message = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int32(code, field: 1)
        writer.string(message, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.SimpleRequest`.
package struct SimpleRequest: ProtobufMessage {
    package var responseType: PayloadType = .compressable
    /// Bytes of the response's payload.
    package var responseSize: Int32 = 0
    package var payload: Payload?
    /// Whether the response is to be compressed.
    package var responseCompressed: BoolValue?
    package var responseStatus: EchoStatus?
    /// Whether this request is: INVALID_ARGUMENT if not.
    package var expectCompressed: BoolValue?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        responseType: PayloadType = .compressable, responseSize: Int32 = 0, payload: Payload? = nil,
        responseCompressed: BoolValue? = nil, responseStatus: EchoStatus? = nil, expectCompressed: BoolValue? = nil
    ) {
        self.responseType = responseType
        self.responseSize = responseSize
        self.payload = payload
        self.responseCompressed = responseCompressed
        self.responseStatus = responseStatus
        self.expectCompressed = expectCompressed
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: responseType = try reader.enumeration()
            case 0x10: responseSize = try reader.int32()
            case 0x1a: try reader.message(into: &payload)
            case 0x32: try reader.message(into: &responseCompressed)
            case 0x3a: try reader.message(into: &responseStatus)
            case 0x42: try reader.message(into: &expectCompressed)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.enumeration(responseType, field: 1)
        writer.int32(responseSize, field: 2)
        writer.message(payload, field: 3)
        writer.message(responseCompressed, field: 6)
        writer.message(responseStatus, field: 7)
        writer.message(expectCompressed, field: 8)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.SimpleResponse`.
package struct SimpleResponse: ProtobufMessage {
    package var payload: Payload?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(payload: Payload? = nil) {
        self.payload = payload
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &payload)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(payload, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.StreamingInputCallRequest`.
package struct StreamingInputCallRequest: ProtobufMessage {
    package var payload: Payload?
    /// Whether this request is compressed: INVALID_ARGUMENT if not.
    package var expectCompressed: BoolValue?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(payload: Payload? = nil, expectCompressed: BoolValue? = nil) {
        self.payload = payload
        self.expectCompressed = expectCompressed
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &payload)
            case 0x12: try reader.message(into: &expectCompressed)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(payload, field: 1)
        writer.message(expectCompressed, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.StreamingInputCallResponse`.
package struct StreamingInputCallResponse: ProtobufMessage {
    package var aggregatedPayloadSize: Int32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(aggregatedPayloadSize: Int32 = 0) {
        self.aggregatedPayloadSize = aggregatedPayloadSize
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: aggregatedPayloadSize = try reader.int32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int32(aggregatedPayloadSize, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.ResponseParameters`.
package struct ResponseParameters: ProtobufMessage {
    package var size: Int32 = 0
    /// To wait before it.
    package var intervalUs: Int32 = 0
    /// Whether it is to be compressed.
    package var compressed: BoolValue?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(size: Int32 = 0, intervalUs: Int32 = 0, compressed: BoolValue? = nil) {
        self.size = size
        self.intervalUs = intervalUs
        self.compressed = compressed
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: size = try reader.int32()
            case 0x10: intervalUs = try reader.int32()
            case 0x1a: try reader.message(into: &compressed)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int32(size, field: 1)
        writer.int32(intervalUs, field: 2)
        writer.message(compressed, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.StreamingOutputCallRequest`.
package struct StreamingOutputCallRequest: ProtobufMessage {
    package var responseType: PayloadType = .compressable
    package var responseParameters: [ResponseParameters] = []
    package var payload: Payload?
    package var responseStatus: EchoStatus?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        responseType: PayloadType = .compressable, responseParameters: [ResponseParameters] = [],
        payload: Payload? = nil, responseStatus: EchoStatus? = nil
    ) {
        self.responseType = responseType
        self.responseParameters = responseParameters
        self.payload = payload
        self.responseStatus = responseStatus
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: responseType = try reader.enumeration()
            case 0x12: responseParameters.append(try reader.message())
            case 0x1a: try reader.message(into: &payload)
            case 0x3a: try reader.message(into: &responseStatus)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.enumeration(responseType, field: 1)
        writer.repeated(.message(), responseParameters, field: 2)
        writer.message(payload, field: 3)
        writer.message(responseStatus, field: 7)
        writer.unknown(unknownFields)
    }
}

/// `grpc.testing.StreamingOutputCallResponse`.
package struct StreamingOutputCallResponse: ProtobufMessage {
    package var payload: Payload?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(payload: Payload? = nil) {
        self.payload = payload
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &payload)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(payload, field: 1)
        writer.unknown(unknownFields)
    }
}
