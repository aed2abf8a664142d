import Addresses
import Diagnosis
import Events
import LoadBalancing
import ProtobufRPC
import RPCClient
import RPCCore
import StandardServices
import System
import TLS
import Timing

/// Calls servers, as pick_first and as round_robin would, and notes who answers and which connections end.
final class CallExaminer {
    /// Over the one connection of pick_first: 20 calls reach another server with a certainty of 1 − 2⁻¹⁹, if something
    /// behind it chooses one of two at random for each.
    private static let callsOnOneConnection = 20
    /// Connections to the one address: a server of two is missed once in 2¹⁵ times.
    private static let newConnections = 16
    private static let mostCallsByRoundRobin = 60
    private static let mostFailures = 3
    /// Between two calls while nothing else is done.
    private static let interval = Duration.milliseconds(250)

    private let examination: Examination
    private let addresses: [SocketAddress]
    private let isOnly: Bool
    private let loop: EventLoop
    private let progress: (ExaminationStep) -> Void
    private let diary = ConnectionDiary()
    /// Of round_robin's connections alone.
    private let reached = ConnectionDiary()
    private var shape: ReplyShape?
    private var naming: Naming?
    private var servers = ServersObservation()

    /// `isOnly`: the target has one address.
    init(
        _ examination: Examination, _ addresses: [SocketAddress], isOnly: Bool, on loop: EventLoop,
        progress: @escaping (ExaminationStep) -> Void
    ) {
        self.examination = examination
        self.addresses = addresses
        self.isOnly = isOnly
        self.loop = loop
        self.progress = progress
    }

    func examine(_ seen: inout TargetObservation) async {
        let one = ChannelMaker.channel(to: addresses, .pickFirst, examination, on: loop, [diary])
        // It has been resolved before, so its target can be used.
        let all =
            (try? ChannelMaker.channel(following: examination, .roundRobin, on: loop, [diary, reached]))
            ?? ChannelMaker.channel(to: addresses, .roundRobin, examination, on: loop, [diary, reached])
        defer {
            one.shutdown()
            all.shutdown()
        }
        if let call = examination.namedCall { seen.callProblem = await prepare(call, by: one) }
        await meet(one, all)
        // Who is told of changes, or has somebody choose for each call, needs no connection to end.
        let watch = servers.spreadPerCall || examination.sourceTells ? nil : await watch(one, all)
        servers.namedBy = naming
        if naming == nil { countCertificates() }
        seen.servers = servers
        seen.watch = watch
    }

    // MARK: Servers

    private func meet(_ one: Channel, _ all: Channel) async {
        progress(.calling)
        for _ in 0..<CallExaminer.callsOnOneConnection {
            let answer = await ask(one)
            // On the next connection somebody else may answer; who does not answer once takes its time again.
            guard diary.ends == 0, answer.failure == nil else { break }
            servers.callsOnOneConnection += 1
            if let name = answer.name { servers.onOneConnection.insert(name) }
        }
        let calls = isOnly ? 0 : min(addresses.count * 3, CallExaminer.mostCallsByRoundRobin)
        if calls > 0 { await connectToAll(all) }
        var failures = 0
        for _ in 0..<calls where failures < CallExaminer.mostFailures {
            let answer = await ask(all)
            note(answer)
            failures += answer.failure == nil ? 0 : 1
        }
        guard isOnly, naming != nil || examination.tls != nil else { return }
        for _ in 0..<CallExaminer.newConnections {
            let channel = ChannelMaker.channel(to: addresses, .pickFirst, examination, on: loop)
            let answer = await ask(channel)
            channel.shutdown()
            guard answer.failure == nil else { break }
            servers.newConnections += 1
            if let name = answer.name { servers.onNewConnections.insert(name) }
        }
    }

    /// round_robin calls whom it has reached so far: on a busy machine, or a long way, all calls were over before it had
    /// the last one, and two of three servers were told of.
    private func connectToAll(_ all: Channel) async {
        let deadline = loop.now + examination.patience
        all.connect()
        while !reached.tried.isSuperset(of: addresses), loop.now < deadline, !Task.isCancelled {
            try? await loop.sleep(for: .milliseconds(5))
        }
    }

    private func note(_ answer: Answer) {
        if answer.failure == nil { servers.callsByRoundRobin += 1 }
        if let name = answer.name { servers.byRoundRobin.insert(name) }
    }

    /// Servers that share one say nothing by it.
    private func countCertificates() {
        let certificates = examination.notes.certificates
        guard certificates.count > 1 else { return }
        servers.namedBy = .certificate
        let names = Set(certificates.map { "\($0.names) (\($0.fingerprint.prefix(8)))" })
        if isOnly { servers.onNewConnections = names } else { servers.byRoundRobin = names }
    }

    // MARK: Connections

    private func watch(_ one: Channel, _ all: Channel) async -> WatchObservation {
        let started = loop.now
        let end = started + examination.watch
        var seen = WatchObservation(wanted: examination.watch, lasted: .zero)
        // The first one that ends in order says what there is to know.
        while loop.now < end, !Task.isCancelled, !diary.closings.contains(where: \.isGraceful) {
            for (channel, isSpread) in [(one, false), (all, true)] {
                let answer = await ask(channel)
                seen.calls += 1
                if let failure = answer.failure {
                    seen.failedCalls += 1
                    seen.lastFailure = failure
                }
                if isSpread, !isOnly { note(answer) }
            }
            progress(.watching(loop.now - started, of: examination.watch, calls: seen.calls))
            let rest = end - loop.now
            if rest > .zero { try? await loop.sleep(for: min(rest, CallExaminer.interval)) }
        }
        seen.lasted = loop.now - started
        seen.closings = diary.closings
        seen.addressesMet = diary.addresses.count
        return seen
    }

    // MARK: Calls

    private struct Answer {
        var name: String?
        var failure: String?
    }

    private func ask(_ channel: Channel) async -> Answer {
        let options = CallOptions(timeout: examination.patience)
        do throws(RPCError) {
            if let shape, let call = examination.namedCall {
                let response = try await channel.unary(call.descriptor, request: OutgoingMessage(), options: options)
                naming = call.naming
                return Answer(name: shape.value(in: response.message))
            }
            let request = OutgoingMessage(HealthCheckRequest())
            let response = try await channel.unary(Health.check, request: request, options: options)
            return Answer(name: podName(response.initialMetadata) ?? podName(response.trailingMetadata))
        } catch {
            // A status of the server's own is an answer, too.
            let isAnswer = [.unimplemented, .notFound, .permissionDenied, .unauthenticated].contains(error.code)
            return Answer(name: podName(error.metadata), failure: isAnswer ? nil : error.description)
        }
    }

    private func podName(_ metadata: Metadata) -> String? {
        guard let name = metadata["x-pod-name"] else { return nil }
        if naming == nil { naming = .podName }
        return name
    }

    /// Learns where the field is, and tries the call once; tells what keeps it from being of use.
    private func prepare(_ call: NamedCall, by channel: Channel) async -> String? {
        do {
            let files = try await ReflectionQuestion.files(
                of: call.service, by: channel, within: examination.patience)
            shape = try ReplyShape(of: call.method, in: call.service, field: call.field, files: files)
        } catch let problem as ReplyShape.Problem {
            return problem.description
        } catch {
            return "\(error)"
        }
        let answer = await ask(channel)
        if answer.failure == nil, answer.name?.isEmpty == false { return nil }
        shape = nil
        naming = nil
        return answer.failure ?? "the field \(call.field) of the answer is empty"
    }
}
