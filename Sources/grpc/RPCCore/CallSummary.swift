/// How one call, or one attempt of it, went: what gRFC A66 measures, for a server and for a client's attempt.
package struct CallSummary: Hashable, Sendable {
    package var status: StatusCode
    package var duration: Duration
    /// Bytes of the messages sent as they were on the wire, without gRPC's and HTTP/2's framing.
    package var sentMessageBytes: Int
    /// The same for the messages that have arrived as a whole.
    package var receivedMessageBytes: Int

    package init(status: StatusCode, duration: Duration, sentMessageBytes: Int, receivedMessageBytes: Int) {
        self.status = status
        self.duration = duration
        self.sentMessageBytes = sentMessageBytes
        self.receivedMessageBytes = receivedMessageBytes
    }
}
