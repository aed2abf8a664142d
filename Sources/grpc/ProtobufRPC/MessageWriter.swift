package import Protobuf
package import RPCCore
import RPCServer

/// Sends the messages of a streaming answer; see `ReplyWriter`.
package struct MessageWriter<Message: ProtobufMessage> {
    private let replies: ReplyWriter

    init(_ replies: ReplyWriter) {
        self.replies = replies
    }

    package func send(_ message: Message) async throws(RPCError) {
        var frame = MessageFraming.makeBuffer(capacity: 64)
        message.append(to: &frame)
        try MessageFraming.seal(&frame)
        try await replies.send(frame)
    }
}
