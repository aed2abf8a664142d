import Addresses
import EtcdAPI
import EtcdDiscovery
import Events
import ProtobufRPC
import RPCCore
import RPCServer
import RPCTestSupport
import Testing

/// An etcd that does what a test says: for faults that the real one does not show on demand. Loop thread only.
final class FakeEtcd {
    let server: RPCServer
    private let state: State

    init(on loop: EventLoop) throws {
        let state = State(on: loop)
        self.state = state
        var router = RPCRouter()
        router.add(Keys(state: state))
        router.add(Watches(state: state))
        router.add(Leases(state: state))
        server = try RPCServer.onLoop(loop, router)
    }

    var endpoints: String { "\(server.address)" }
    /// Requests in the order in which they came: `Range`, `Watch from 11`, `Put /a under 5`.
    var requests: [String] { state.requests }
    /// Of the requests that did not ask for a leader.
    var withoutLeader: Int { state.withoutLeader }

    /// The answer to the requests of this kind from now on; `.failure` is a status.
    func answer(_ kind: String, _ error: RPCError?) { state.errors[kind] = error }
    /// Leases are neither granted nor refused from now on.
    func fallSilent() { state.silence = Notice() }
    func setPage(_ page: RangeResponse) { state.page = page }
    /// What is left of a lease, as keep-alives are told.
    func setTimeLeft(_ seconds: Int64) { state.timeLeft = seconds }

    /// Sends to the watch that is open.
    func send(_ answer: WatchResponse) async throws { try await state.watch?.send(answer) }
    /// Ends the watch that is open.
    func endWatch() { state.endOfWatch?.give() }
    func until(_ request: String, count: Int = 1) async {
        await state.changes.until("\(count) × \(request), of \(state.requests)") { [state] in
            state.requests.count { $0 == request } >= count
        }
    }

    func stop() async {
        state.silence?.give()
        await server.stop(grace: .zero)
    }

    final class State {
        let changes: RPCTestSupport.Watch
        var requests: [String] = []
        var withoutLeader = 0
        var errors: [String: RPCError] = [:]
        var page = RangeResponse(header: ResponseHeader(clusterId: 1, revision: 1, raftTerm: 1))
        var timeLeft: Int64 = 10
        var nextLease: Int64 = 1
        var watch: MessageWriter<WatchResponse>?
        var silence: Notice?
        var endOfWatch: Notice?

        init(on loop: EventLoop) { changes = RPCTestSupport.Watch(on: loop) }

        func note(_ kind: String, _ detail: String = "", _ context: ServerContext) throws(RPCError) {
            requests.append(kind + detail)
            if context.metadata["hasleader"] != "true" { withoutLeader += 1 }
            changes.changed()
            if let error = errors[kind] { throw error }
        }
    }

    private struct Keys: KVService {
        let state: State

        func range(_ request: RangeRequest, _ context: ServerContext) async throws(RPCError) -> RangeResponse {
            try state.note("Range", "", context)
            return state.page
        }

        func put(_ request: PutRequest, _ context: ServerContext) async throws(RPCError) -> PutResponse {
            let key = String(decoding: request.key, as: UTF8.self)
            let value = String(decoding: request.value, as: UTF8.self)
            try state.note("Put", " \(key)=\(value) under \(request.lease)", context)
            return PutResponse()
        }

        func deleteRange(
            _ request: DeleteRangeRequest, _ context: ServerContext
        ) async throws(RPCError) -> DeleteRangeResponse { throw RPCError(.unimplemented, "") }
        func txn(_ request: TxnRequest, _ context: ServerContext) async throws(RPCError) -> TxnResponse {
            throw RPCError(.unimplemented, "")
        }
    }

    private struct Watches: WatchService {
        let state: State

        func watch(
            _ requests: MessageReader<WatchRequest>, _ context: ServerContext, _ replies: MessageWriter<WatchResponse>
        ) async throws(RPCError) {
            guard case .createRequest(let request)? = try await requests.next()?.requestUnion else { return }
            let end = Notice()
            state.watch = replies
            state.endOfWatch = end
            try state.note("Watch", " from \(request.startRevision)", context)
            let header = state.page.header
            try await replies.send(WatchResponse(header: header, created: true))
            await end.wait()
        }
    }

    private struct Leases: LeaseService {
        let state: State

        func leaseGrant(
            _ request: LeaseGrantRequest, _ context: ServerContext
        ) async throws(RPCError) -> LeaseGrantResponse {
            try state.note("Grant", " \(request.ttl)", context)
            await state.silence?.wait()
            defer { state.nextLease += 1 }
            return LeaseGrantResponse(id: state.nextLease, ttl: request.ttl)
        }

        func leaseRevoke(
            _ request: LeaseRevokeRequest, _ context: ServerContext
        ) async throws(RPCError) -> LeaseRevokeResponse {
            try state.note("Revoke", " \(request.id)", context)
            return LeaseRevokeResponse()
        }

        func leaseKeepAlive(
            _ requests: MessageReader<LeaseKeepAliveRequest>, _ context: ServerContext,
            _ replies: MessageWriter<LeaseKeepAliveResponse>
        ) async throws(RPCError) {
            while let request = try await requests.next() {
                try state.note("KeepAlive", " \(request.id)", context)
                try await replies.send(LeaseKeepAliveResponse(id: request.id, ttl: state.timeLeft))
            }
        }

        func leaseTimeToLive(
            _ request: LeaseTimeToLiveRequest, _ context: ServerContext
        ) async throws(RPCError) -> LeaseTimeToLiveResponse { throw RPCError(.unimplemented, "") }
    }
}
