import Addresses
import Bytes
import Events
import HTTP
import HTTPTransport
import JSON
import LocalCluster
import System
import Terminal
import Timing

/// Asks gateways for their channels' events, each at its own address. Loop thread only.
final class EventFollower {
    /// What a gateway keeps.
    static let mostKept = 200
    private static let answerTime = Duration.seconds(5)
    /// A gateway says something every 15 s.
    private static let silence = Duration.seconds(40)
    private static let usualRetry = Duration.seconds(1)
    private static let longestRetry = Duration.seconds(5)
    /// A gateway that is begun anew is away for so long at most, and that is no news.
    private static let patience = Duration.seconds(10)

    private final class Gateway {
        let name: String
        let address: SocketAddress
        var process: Process
        var isGone = false
        /// Since when it has not told its events, and what was said of that.
        var silence: (since: Instant, told: String?)?

        init(_ pod: StatusReport.Pod, _ address: SocketAddress) {
            name = pod.name
            self.address = address
            process = Process(pod.pid)
        }
    }

    /// One of those that a pod has had, and what has been heard from it: each counts its events from 1.
    private final class Process {
        /// nil if none had been started.
        let pid: Int?
        var cursor = EventCursor()
        var lastID: String?

        init(_ pid: Int?) {
            self.pid = pid
        }
    }

    private let control: ControlClient
    private let client: HTTPClient
    private let loop: EventLoop
    private var gateways: [String: Gateway] = [:]
    private var pending: [GatewayEvent] = []
    /// Told of what a user should know about the story's completeness.
    var complaint: (String) -> Void = { _ in }

    init(_ control: ControlClient, on loop: EventLoop) {
        self.control = control
        self.loop = loop
        var configuration = HTTPClient.Configuration.defaults
        configuration.limits.bodyBytes = 8 << 20
        client = HTTPClient(on: loop, configuration: configuration)
    }

    /// What has come since the last call, by time.
    func take() -> [GatewayEvent] {
        defer { pending = [] }
        return GatewayEvent.merged(pending)
    }

    /// Finds the gateways that there are, and those that are gone. Those that are new are followed from their first event
    /// on, if `follows`.
    func look(follows: Bool = true) async throws(Failure) {
        var seen: Set<String> = []
        for pod in try await control.status().pods where pod.component == Component.gateway.name {
            guard let ip = IPAddress(pod.address) else { continue }
            seen.insert(pod.name)
            if let known = gateways[pod.name] {
                if let pid = pod.pid, pid != known.process.pid { known.process = Process(pid) }
                continue
            }
            let gateway = Gateway(pod, .ip(ip, port: Component.servicePort))
            gateways[pod.name] = gateway
            if follows { begin(gateway) }
        }
        for (name, gateway) in gateways where !seen.contains(name) {
            gateway.isGone = true
            gateways[name] = nil
        }
    }

    /// What the gateways have kept, of each all that it has.
    func history() async {
        var problems: [String] = []
        for gateway in gateways.values.sorted(by: { $0.name < $1.name }) {
            do {
                note(try await askForAll(gateway), of: gateway, gateway.process)
            } catch {
                problems.append("\(gateway.name): \(error)")
                gateway.silence = (loop.now, "\(error)")
            }
        }
        for problem in problems { complaint(problem) }
    }

    /// Goes on from what has been told, for ever.
    func follow() {
        for gateway in gateways.values { begin(gateway) }
    }

    private func begin(_ gateway: Gateway) {
        let bound = LoopBound((follower: self, gateway: gateway), on: loop)
        loop.startTask {
            let (follower, gateway) = bound.value
            await follower.follow(gateway)
        }
    }

    private func follow(_ gateway: Gateway) async {
        while !gateway.isGone {
            var retry = EventFollower.usualRetry
            // What ends a stream, a restart above all, is no news: the next one goes on where it ended.
            do { try await stream(gateway, &retry) } catch { complain(of: gateway, error) }
            guard !gateway.isGone, (try? await loop.sleep(for: retry)) != nil else { return }
            try? await look()
        }
    }

    /// Once: of one that answers with something else than events at once, of one that does not answer after a while.
    private func complain(of gateway: Gateway, _ error: any Error) {
        let silence = gateway.silence ?? (loop.now, nil)
        gateway.silence = silence
        let problem = "\(error)"
        guard !gateway.isGone, problem != silence.told, error is Failure || loop.now - silence.since > Self.patience
        else { return }
        gateway.silence?.told = problem
        complaint("\(gateway.name): \(problem)")
    }

    private func stream(_ gateway: Gateway, _ retry: inout Duration) async throws {
        let process = gateway.process
        let all = "/go/events?last=\(EventFollower.mostKept)"
        var request = HTTPClientRequest(.get, process.lastID == nil ? all : "/go/events", host: "\(gateway.address)")
        request.fields.set("Accept", "text/event-stream")
        if let id = process.lastID { request.fields.set("Last-Event-ID", id) }
        let stream = try await client.stream(request, to: gateway.address, timeout: EventFollower.answerTime)
        defer { stream.close() }
        let kept: [JSONValue]
        if stream.head.status == .ok {
            guard stream.head.fields["content-type"]?.hasPrefix("text/event-stream") == true else {
                throw Failure("its /go/events is no stream of events: it is of another version")
            }
            kept = []
        } else {
            // It has as many listeners as it takes, or none any more because it is about to end.
            stream.close()
            kept = try await askForAll(gateway)
        }
        // Whoever has answered runs by now. If that is another process, it was asked for another one's events.
        try await look()
        guard gateway.process === process else {
            retry = .zero
            return
        }
        gateway.silence = nil
        note(kept, of: gateway, process)
        guard stream.head.status == .ok else { return }
        var parser = EventStreamParser()
        while let bytes = try await stream.next(within: EventFollower.silence) {
            for event in parser.feed(bytes) where event.name == "channel" {
                if let json = try? JSONParser.parse(Array(event.data.utf8)) { note([json], of: gateway, process) }
            }
            if let wish = parser.retryMilliseconds {
                retry = min(.milliseconds(wish), EventFollower.longestRetry)
            }
        }
    }

    private func askForAll(_ gateway: Gateway) async throws -> [JSONValue] {
        let request = HTTPClientRequest(.get, "/go/channel", host: "\(gateway.address)")
        let response = try await client.send(request, to: gateway.address, timeout: EventFollower.answerTime)
        guard response.status == .ok, let events = (try? JSONParser.parse(response.body))?["events"]?.array else {
            throw Failure("its channel has no events to tell (\(response.status)): it is of another version")
        }
        return events
    }

    private func note(_ events: [JSONValue], of gateway: Gateway, _ process: Process) {
        for event in events.compactMap(GatewayEvent.init) {
            switch process.cursor.accept(event.number) {
            case .known: break
            case .new(let missed):
                if missed > 0 {
                    complaint("\(gateway.name): \(missed) events came while it was not heard, and it has not kept them")
                }
                process.lastID = event.id
                pending.append(event)
            }
        }
    }
}
