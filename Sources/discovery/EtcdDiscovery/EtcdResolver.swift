import EtcdAPI
import Events
import LoadBalancing
import ProtobufRPC
import RPCClient
import RPCCore
import Timing

/// Finds the pods that have entered themselves in etcd, as `EtcdWatchMachine` says. Loop thread only.
final class EtcdResolver: Resolver {
    /// For one page of keys.
    private static let readTimeout = Duration.seconds(5)

    private let loop: EventLoop
    private let channel: Channel
    private var machine: EtcdWatchMachine
    private var report: ((Result<Resolution, RPCError>) -> Acceptance)?
    var lookupFailed: ((RPCError) -> Void)?
    private var timer: Timer?
    private var stream: BidirectionalCall<WatchRequest, WatchResponse>?
    /// Counts watches: an earlier one's answers are of no use.
    private var watch = 0

    init(service: String, at endpoints: EtcdEndpoints, on loop: EventLoop) {
        self.loop = loop
        channel = endpoints.makeChannel(on: loop)
        machine = EtcdWatchMachine(service: service)
    }

    func start(_ report: @escaping (Result<Resolution, RPCError>) -> Acceptance) {
        self.report = report
        timer = Timer(on: loop) { [weak self] in
            self?.feed { $0.timerFired(at: $1, random: $2) }
        }
        feed { machine, _, _ in machine.start() }
    }

    /// etcd tells of changes by itself.
    func resolveAgain(urgent: Bool) {}

    func shutdown() {
        machine.shutDown()
        report = nil
        timer?.cancel()
        timer = nil
        stopWatch()
        channel.shutdown()
    }

    var snapshot: ResolverSnapshot {
        ResolverSnapshot(
            endpoints: machine.endpoints, lastLookup: machine.lastChange, lastAnswer: machine.lastChange,
            nextLookup: machine.retryAt, lastError: machine.problem, lookups: machine.reads)
    }

    private func feed(_ input: (inout EtcdWatchMachine, Instant, Double) -> [EtcdWatchMachine.Action]) {
        let actions = input(&machine, loop.now, .random(in: 0..<1))
        for action in actions {
            perform(action)
            // Whoever was told may have shut this down.
            if report == nil { return }
        }
        timer?.schedule(at: machine.wakeAt)
    }

    private func perform(_ action: EtcdWatchMachine.Action) {
        switch action {
        case .read(let request): read(request)
        case .watch(let request): beginWatch(request)
        case .stopWatch: stopWatch()
        // Whatever the channel thinks of it: etcd tells when there is another one.
        case .publish(let endpoints): _ = report?(.success(Resolution(endpoints: endpoints)))
        case .fail(let error): _ = report?(.failure(error))
        }
    }

    private func read(_ request: RangeRequest) {
        let bound = LoopBound(self, on: loop)
        loop.startTask {
            // In a turn of its own: reports never come from within a call to the resolver.
            await bound.loop.run {}
            var options = CallOptions.etcd
            options.timeout = EtcdResolver.readTimeout
            do throws(RPCError) {
                let page = try await KVClient(bound.value.channel).range(request, options: options)
                bound.value.feed { $0.pageArrived(page, at: $1, random: $2) }
            } catch {
                bound.value.readFailed("Range: \(error.message)")
            }
        }
    }

    private func readFailed(_ reason: String) {
        let isKnown = machine.hasPublished
        feed { $0.readFailed(reason, at: $1, random: $2) }
        if isKnown, report != nil { lookupFailed?(RPCError(.unavailable, reason)) }
    }

    private func beginWatch(_ request: WatchCreateRequest) {
        stopWatch()
        let number = watch
        let stream = WatchClient(channel).watch(options: .etcd)
        self.stream = stream
        // Weak: a watch has no end of its own.
        let bound = LoopBound((WeakResolver(self), stream), on: loop)
        loop.startTask {
            await bound.loop.run {}
            let (resolver, stream) = bound.value
            var reason = "etcd ended the watch"
            do throws(RPCError) {
                try await stream.send(WatchRequest(requestUnion: .createRequest(request)))
                while let answer = try await stream.replies.next() {
                    resolver.ifWatching(number) { $0.feed { $0.watchArrived(answer, at: $1, random: $2) } }
                }
            } catch {
                reason = "Watch: \(error.message)"
            }
            resolver.ifWatching(number) { $0.feed { $0.watchEnded(reason, at: $1, random: $2) } }
        }
    }

    private func stopWatch() {
        watch += 1
        stream?.cancel()
        stream = nil
    }

    private struct WeakResolver {
        private weak var resolver: EtcdResolver?

        init(_ resolver: EtcdResolver) { self.resolver = resolver }

        func ifWatching(_ number: Int, _ body: (EtcdResolver) -> Void) {
            if let resolver, resolver.watch == number { body(resolver) }
        }
    }
}
