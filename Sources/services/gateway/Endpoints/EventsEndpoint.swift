import Events
import HTTP
import HTTPTransport
import RPCCore

/// `GET /go/events`: what happens to the channels, as it happens, as server-sent events. Loop thread only.
struct EventsEndpoint {
    let history: ChannelHistory
    /// How long a stream is.
    let time: Duration
    let loop: EventLoop

    /// A browser that lost the connection says in `Last-Event-ID` what it has seen, and keeps the query: so that field
    /// decides.
    func respond(_ request: HTTPRequest) async throws(QueryProblem) -> HTTPResponse {
        let query = request.head.queryParameters
        try query.check(names: ["last"])
        let last = try query.integer("last", in: 0...ChannelHistory.capacity, or: 0)
        let start = history.start(after: request.head.fields["last-event-id"], last: last)
        guard let listener = EventListener(history, after: start, for: time, on: loop) else {
            return ErrorResponse.make(
                RPCError(
                    .unavailable,
                    "\(ChannelHistory.mostListeners) clients listen to this gateway already, which is the most"))
        }
        return HTTPResponse(status: .ok, fields: EventsEndpoint.fields) { try await listener.run(to: $0) }
    }

    /// Whether the request was a listener's, who has had his answer at once and then stayed: the time that he stayed is none
    /// that an answer took.
    static func isListening(_ access: HTTPAccess) -> Bool {
        access.route == "/go/events" && access.method == "GET" && [.ok, .clientClosedRequest].contains(access.status)
    }

    /// nginx passes each event on at once.
    private static let fields: HTTPFields = ["Content-Type": "text/event-stream", "X-Accel-Buffering": "no"]
}
