import HelloWorldAPI
import ProtobufRPC
import RPCCore
import RPCServer

/// The service of a pod that may be told to make trouble. One of its own, so that the calls of all others do not pay for
/// the question: it is an asynchronous function's frame, 200 instructions of a unary call's 27 000.
struct TroubledService<Service: HelloWorldService>: HelloWorldService {
    private let service: Service
    private let troubles: TroubleSwitch

    init(_ service: Service, _ troubles: TroubleSwitch) {
        self.service = service
        self.troubles = troubles
    }

    func sayHello(_ request: HelloRequest, _ context: ServerContext) async throws(RPCError) -> HelloReply {
        try await troubles.meet(context)
        return try await service.sayHello(request, context)
    }

    func streamHello(
        _ request: StreamHelloRequest, _ context: ServerContext, _ replies: MessageWriter<HelloReply>
    ) async throws(RPCError) {
        try await troubles.meet(context)
        try await service.streamHello(request, context, replies)
    }
}
