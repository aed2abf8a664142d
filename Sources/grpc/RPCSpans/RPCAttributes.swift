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

    /// The other end of a connection.
    static func append(_ address: SocketAddress, to attributes: inout [SpanRecord.Attribute]) {
        switch address {
        case .ip(let ip, let port):
            attributes.append(SpanRecord.Attribute("network.peer.address", .text(ip.description)))
            attributes.append(SpanRecord.Attribute("network.peer.port", .number(Int64(port))))
        default:
            attributes.append(SpanRecord.Attribute("network.peer.address", .text(address.description)))
        }
    }
}

extension SpanRecord.Outcome {
    /// gRFC A72: OK is "Ok", all else an error that its code describes.
    init(_ status: StatusCode) { self = status == .ok ? .ok : .error(status.name) }
}
