import Addresses
import Events
import HTTP
import HTTPTransport
import JSON
import System
import Timing

/// Serves `FakeKubernetesAPI`: the fake of Kubernetes' API that the gateway's resolver talks to on this machine. Loop
/// thread only.
final class FakeKubernetesAPIServer {
    /// A real API server sends bookmarks about once a minute, and promises nothing.
    private static let bookmarkInterval = Duration.seconds(60)
    /// For watches that are open when the server ends.
    private static let stopGrace = Duration.milliseconds(100)

    private let loop: EventLoop
    private var api: FakeKubernetesAPI
    private var server: HTTPServer?
    /// Watches that wait for something to tell.
    private var waiting: [Int: Notice] = [:]
    private var lastWaiter = 0
    private var isStopping = false
    /// Requests that were granted. A list counts once, however many pages it has.
    private(set) var lists = 0
    private(set) var watches = 0

    init(
        token: String, at address: SocketAddress, acceptor: any StreamAcceptor, on loop: EventLoop
    ) throws(SystemError) {
        self.loop = loop
        api = FakeKubernetesAPI(token: token)
        let bound = LoopBound(self, on: loop)
        server = try HTTPServer(on: address, loop: loop, acceptor: acceptor) { _ in
            var router = HTTPRouter()
            router.on(.get, prefix: "/") { bound.value.respond(to: $0.head) }
            return router
        }
    }

    /// Who the Service's pods are now.
    func update(_ service: Service, _ pods: [EndpointSliceStore.Pod]) {
        var generator = SystemRandomNumberGenerator()
        let before = api.store.version
        api.store.update(service, pods, now: FakeKubernetesAPIServer.now) { PodName.suffix(using: &generator) }
        if api.store.version != before { tellAll() }
    }

    /// The Service is no more.
    func remove(_ service: Service) {
        api.store.remove(service)
        tellAll()
    }

    private func tellAll() {
        for notice in waiting.values { notice.give() }
    }

    func stop() async {
        isStopping = true
        tellAll()
        await server?.stop(grace: FakeKubernetesAPIServer.stopGrace)
        server = nil
    }

    private static var now: String {
        let time = CivilTime(clamping: WallClock.now.seconds)
        return "\(time.date(separator: "-"))T\(time.clock)Z"
    }

    // MARK: Answers

    private static let fields: HTTPFields = [
        "Content-Type": "application/json", "Cache-Control": "no-cache, private",
    ]

    private func respond(to head: HTTPRequestHead) -> HTTPResponse {
        switch api.reply(to: head) {
        case .whole(let status, let json):
            if status == .ok, head.queryParameters["continue"] == nil { lists += 1 }
            return HTTPResponse(status: status, fields: FakeKubernetesAPIServer.fields, body: json.serialized + [0x0A])
        case .watch(let watch):
            watches += 1
            return HTTPResponse(status: .ok, fields: FakeKubernetesAPIServer.fields) { [self] writer in
                try await run(watch, writer)
            }
        }
    }

    private func run(_ watch: FakeKubernetesAPI.Watch, _ writer: HTTPBodyWriter) async throws {
        let end = MonotonicClock.now + .seconds(watch.timeoutSeconds)
        var bookmark = MonotonicClock.now + FakeKubernetesAPIServer.bookmarkInterval
        var (lines, next) = api.begin(watch)
        while true {
            // Also when there is none: the head goes with it, and a client waits for that.
            try await writer.write(lines.flatMap { $0.serialized + [0x0A] })
            guard let position = next else { return }
            if position == api.store.version {
                await waitForChange(until: min(end, bookmark))
            }
            let now = MonotonicClock.now
            if now >= end || isStopping || Task.isCancelled { return }
            (lines, next) = api.proceed(watch, from: position)
            if now >= bookmark {
                bookmark = now + FakeKubernetesAPIServer.bookmarkInterval
                if next != nil { lines += api.bookmark(watch) }
            }
        }
    }

    private func waitForChange(until time: Instant) async {
        let notice = Notice()
        lastWaiter += 1
        let number = lastWaiter
        waiting[number] = notice
        let timer = Timer(on: loop) { notice.give() }
        timer.schedule(at: time)
        let bound = LoopBound(notice, on: loop)
        await withTaskCancellationHandler {
            await notice.wait()
        } onCancel: { [loop] in
            loop.executeHereOrLater { bound.value.give() }
        }
        timer.cancel()
        waiting[number] = nil
    }
}
