package import Protobuf
package import RPCClient
package import RPCCore

/// A call whose request is any number of messages, and whose answer is one. Copies are the same call; when the last one
/// goes before the end, the server is told to stop. For tasks on the channel's loop.
package struct ClientStreamingCall<Request: ProtobufMessage, Reply: ProtobufMessage> {
    /// What lies below: metadata, status.
    package let stream: any ClientStream

    init(_ stream: any ClientStream) {
        self.stream = stream
    }

    /// Waits while too much waits for the server. False if the server has ended the call already and wants no more:
    /// `finish` has its answer.
    @discardableResult
    package func send(_ request: Request) async throws(RPCError) -> Bool {
        try await stream.send(OutgoingMessage(request))
    }

    /// Ends the request, and waits for the answer.
    package func finish() async throws(RPCError) -> Reply {
        stream.finishSending()
        var reply: [UInt8]?
        // To the end: a message is the answer only if the status is OK.
        while let next = try await stream.receive() { reply = next }
        guard let reply else { throw RPCError(.internal, "the answer of \(stream.method.path) has been taken already") }
        return try decodeReply(reply, of: stream.method)
    }

    package func cancel() { stream.cancel() }
}

/// A call with any number of messages both ways, in whatever order the two sides agree on. Copies are the same call; when
/// the last one goes before the end, the server is told to stop. For tasks on the channel's loop.
package struct BidirectionalCall<Request: ProtobufMessage, Reply: ProtobufMessage> {
    /// What lies below: metadata, status.
    package let stream: any ClientStream
    /// May be read by one task while another one sends.
    package let replies: MessageReader<Reply>

    init(_ stream: any ClientStream) {
        self.stream = stream
        replies = MessageReader(repliesOf: stream)
    }

    /// Waits while too much waits for the server. False if the server has ended the call with OK already.
    @discardableResult
    package func send(_ request: Request) async throws(RPCError) -> Bool {
        try await stream.send(OutgoingMessage(request))
    }

    package func finishSending() { stream.finishSending() }
    package func cancel() { stream.cancel() }
}
