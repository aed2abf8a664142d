package import Protobuf
package import RPCClient
package import RPCCore

/// The messages of one direction of a call, one after the other: for a client the replies, for a handler the requests.
/// Copies read the same stream. A client's owns the call: when the last copy goes, the server is told to stop.
package struct MessageReader<Message: ProtobufMessage>: AsyncSequence, AsyncIteratorProtocol {
    package typealias Element = Message
    package typealias Failure = RPCError

    private let source: any MessageSource
    private let method: MethodDescriptor
    /// A message that cannot be decoded is the last one: a client's server is told to stop.
    private let giveUp: () -> Void
    private let decode: (_ bytes: [UInt8], _ method: MethodDescriptor) throws(RPCError) -> Message

    /// A client's.
    package init(repliesOf stream: any ClientStream) {
        source = stream
        method = stream.method
        giveUp = { stream.cancel() }
        decode = decodeReply
    }

    /// A handler's.
    package init(requestsOf method: MethodDescriptor, from source: any MessageSource) {
        self.source = source
        self.method = method
        giveUp = {}
        decode = decodeRequest
    }

    /// The next message; nil at the end, which for a client is that of a call with the status OK.
    package func next() async throws(RPCError) -> Message? {
        guard let bytes = try await source.receive() else { return nil }
        do throws(RPCError) {
            return try decode(bytes, method)
        } catch {
            giveUp()
            throw error
        }
    }

    package func next(isolation actor: isolated (any Actor)?) async throws(RPCError) -> Message? {
        try await next()
    }

    package func makeAsyncIterator() -> MessageReader { self }
}
