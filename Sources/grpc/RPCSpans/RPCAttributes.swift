import Addresses
import RPCCore
import Telemetry

/// What is said of a call: OpenTelemetry's conventions for gRPC as they are since 1.38, which are a release candidate.
enum RPCAttributes {
    static let system = SpanRecord.Attribute("rpc.system.name", .text("grpc"))

    /// `sample.service.HelloWorld/SayHello`
    static func method(_ method: MethodDescriptor) -> SpanRecord.Attribute {
        SpanRecord.Attribute("rpc.method", .text(String(method.path.dropFirst())))
    }

    static func status(_ status: StatusCode) -> SpanRecord.Attribute {
        SpanRecord.Attribute("rpc.response.status_code", .text(status.name))
    }

    /// One end of a connection, under the names of `part`: `server.address` and `server.port`.
    static func append(_ address: SocketAddress, as part: Part, to attributes: inout [SpanRecord.Attribute]) {
        switch address {
        case .ip(let ip, let port):
            attributes.append(SpanRecord.Attribute(part.address, .text(ip.description)))
            attributes.append(SpanRecord.Attribute(part.port, .number(Int64(port))))
        default:
            attributes.append(SpanRecord.Attribute(part.address, .text(address.description)))
        }
    }

    struct Part {
        let address: String
        let port: String

        static let server = Part(address: "server.address", port: "server.port")
        static let peer = Part(address: "network.peer.address", port: "network.peer.port")
    }
}

extension SpanRecord.Outcome {
    /// gRFC A72: OK is "Ok", all else an error that its code describes.
    init(_ status: StatusCode) { self = status == .ok ? .ok : .error(status.name) }
}
