// Written by protoc-gen-sample from opentelemetry/proto/collector/trace/v1/trace_service.proto: change that, then run `make proto`.

import Protobuf
import ProtobufRPC
package import RPCClient
package import RPCCore
package import RPCServer

/// `opentelemetry.proto.collector.trace.v1.TraceService`: the names of its methods.
package enum TraceMethods {
    package static let service = "opentelemetry.proto.collector.trace.v1.TraceService"
    package static let export = MethodDescriptor(service: service, method: "Export")
}

/// What a server of `opentelemetry.proto.collector.trace.v1.TraceService` does.
package protocol TraceService {
    func export(
        _ request: ExportTraceServiceRequest, _ context: ServerContext
    ) async throws(RPCError) -> ExportTraceServiceResponse
}

extension RPCRouter {
    /// Serves `opentelemetry.proto.collector.trace.v1.TraceService`; `isApplication` is false for what probes call all
    /// the time.
    package mutating func add(_ service: some TraceService, isApplication: Bool = true) {
        unary(TraceMethods.export, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: ExportTraceServiceRequest = try decodeRequest(bytes, of: TraceMethods.export)
            try await service.export(request, context).append(to: &reply)
        }
    }
}

/// Calls `opentelemetry.proto.collector.trace.v1.TraceService` over a channel, on the channel's loop.
package struct TraceClient {
    private let channel: Channel

    package init(_ channel: Channel) {
        self.channel = channel
    }

    package func export(
        _ request: ExportTraceServiceRequest, options: CallOptions = CallOptions()
    ) async throws(RPCError) -> ExportTraceServiceResponse {
        try await channel.unary(TraceMethods.export, request, options: options)
    }
}
