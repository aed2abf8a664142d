import Addresses
package import Diagnosis
package import Events
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers
import StandardServices
import System
import TLS
import Timing

/// Looks at a target as a client would: resolves, connects, asks, calls, watches. It only notes; what that means is
/// `TargetDiagnosis`' to say. Loop thread only.
package final class TargetExaminer {
    /// Of a name's addresses: a Service may have thousands, and what is wrong with one is mostly wrong with all.
    private static let mostAddresses = 20

    private let examination: Examination
    private let loop: EventLoop
    /// Hears what is being done.
    private let progress: (ExaminationStep) -> Void

    package init(
        _ examination: Examination, on loop: EventLoop, progress: @escaping (ExaminationStep) -> Void = { _ in }
    ) {
        self.examination = examination
        self.loop = loop
        self.progress = progress
    }

    /// Call it from a task on the loop. Throws INVALID_ARGUMENT for a target that cannot be used.
    package func examine() async throws -> TargetObservation {
        progress(.lookingUp(examination.target.description))
        let resolution = try await resolve()
        var seen = TargetObservation(target: examination.target.description, resolution: resolution)
        seen.policy = examination.policy
        seen.serverName = examination.tls == nil ? nil : examination.serverName
        seen.service = examination.service
        seen.sourceTells = examination.sourceTells
        seen.addresses = await connect(to: Array(resolution.addresses.prefix(TargetExaminer.mostAddresses)))
        let usable = seen.addresses.filter { $0.outcome == .ready }.map(\.address)
        guard !usable.isEmpty else { return seen }
        for index in seen.addresses.indices where seen.addresses[index].outcome == .ready {
            seen.addresses[index].health = await health(at: seen.addresses[index].address)
        }
        let callers = CallExaminer(
            examination, usable, isOnly: resolution.addresses.count == 1, on: loop, progress: progress)
        await callers.examine(&seen)
        return seen
    }

    // MARK: The name

    private func resolve() async throws(RPCError) -> ResolutionObservation {
        let resolver = try examination.resolvers.makeResolver(examination.target, on: loop)
        defer { resolver.shutdown() }
        let done = Completion<Result<Resolution, RPCError>>()
        let started = MonotonicClock.now
        resolver.start { result in
            done.complete(result)
            return .accepted
        }
        switch await done.wait() {
        case .success(let resolution):
            let addresses = resolution.endpoints.flatMap(\.addresses)
            guard !addresses.isEmpty else { return .failed(.noAddress, "the answer has no address") }
            return .found(addresses, timeToLive: resolution.timeToLive, took: MonotonicClock.now - started)
        case .failure(let error):
            return .failed(NameFault.of(error.message), error.message)
        }
    }

    // MARK: Connections

    private func connect(to addresses: [SocketAddress]) async -> [AddressObservation] {
        progress(.connecting(addresses.count))
        let dialer = examination.tls ?? PlainSockets()
        let isEncrypted = examination.tls != nil
        // All at once: of those that do not answer, each takes its time.
        let probes = addresses.map { probe($0, by: dialer, examination.notes, isEncrypted: isEncrypted) }
        var seen: [AddressObservation] = []
        for probe in probes {
            let outcome = await probe.outcome()
            var observed = AddressObservation(probe.address, outcome, took: probe.took)
            if isEncrypted { observed.tls = examination.notes.last(probe.address).map(TLSObservation.init) }
            seen.append(observed)
        }
        await lookOtherwise(&seen, isEncrypted: isEncrypted)
        return seen
    }

    private func probe(
        _ address: SocketAddress, by dialer: any Dialer, _ notes: TLSNotes, isEncrypted: Bool
    ) -> AddressProbe {
        AddressProbe(
            address, by: dialer, notes: notes, isEncrypted: isEncrypted, within: examination.patience, on: loop)
    }

    /// In clear text where TLS came to nothing, and over TLS where clear text did.
    private func lookOtherwise(_ seen: inout [AddressObservation], isEncrypted: Bool) async {
        let notes = TLSNotes()
        guard let dialer = isEncrypted ? PlainSockets() : TargetExaminer.curiousDialer(examination, notes) else {
            return
        }
        let doubtful = seen.indices.filter { TargetExaminer.isDoubtful(seen[$0].outcome, isEncrypted: isEncrypted) }
        let probes = doubtful.map { probe(seen[$0].address, by: dialer, notes, isEncrypted: !isEncrypted) }
        for (index, probe) in zip(doubtful, probes) {
            let outcome = await probe.outcome()
            if isEncrypted {
                switch outcome {
                case .ready: seen[index].otherwise = .plaintext(.http2)
                case .spoke(let words) where words != .tls: seen[index].otherwise = .plaintext(words)
                // What TLS cannot tell apart: a connection that was made and stays without a word.
                case .silent where seen[index].outcome == .noAnswer(examination.patience):
                    seen[index].outcome = outcome
                default: break
                }
            } else if let report = notes.last(probe.address), report.isOfTLS {
                seen[index].otherwise = .tls(TLSObservation(report))
            }
        }
    }

    private static func isDoubtful(_ outcome: ConnectionOutcome, isEncrypted: Bool) -> Bool {
        switch outcome {
        case .ready, .refused, .unreachable: false
        case .noAnswer: isEncrypted
        case .silent, .closed, .spoke: true
        case .tls(let trouble, _): trouble == .plaintext || trouble == .other
        }
    }

    /// It believes whom this machine believes; of the others it learns the certificate, and no call goes there.
    private static func curiousDialer(_ examination: Examination, _ notes: TLSNotes) -> (any Dialer)? {
        var rules = TLSMaterial(.client)
        rules.protocols = ["h2"]
        guard let credentials = try? TLSCredentials(rules) else { return nil }
        return TLSDialer(credentials, serverName: examination.serverName ?? "localhost") { notes.note($0, $1) }
    }

    // MARK: Health

    private func health(at address: SocketAddress) async -> HealthAnswer {
        let channel = ChannelMaker.channel(to: [address], .pickFirst, examination, on: loop)
        defer { channel.shutdown() }
        var request = HealthCheckRequest()
        request.service = examination.service
        do throws(RPCError) {
            let options = CallOptions(timeout: examination.patience)
            switch try await HealthClient(channel).check(request, options: options).status {
            case .serving: return .serving
            case .serviceUnknown: return .serviceUnknown
            case .notServing: return .notServing
            case .unknown, .unrecognized: return .failed("the status is neither SERVING nor NOT_SERVING")
            }
        } catch {
            switch error.code {
            case .unimplemented: return .unimplemented
            case .notFound: return .serviceUnknown
            default: return .failed(error.description)
            }
        }
    }
}
