import EtcdAPI
package import Events
import ProtobufRPC
import RPCClient
package import RPCCore
package import Registration

/// A pod's entry in etcd: the key `/<service>/<instance>` with its address, under a lease that goes with the pod. Loop
/// thread only.
package final class EtcdRegistryClient: RegistryClient {
    private let entry: RegistryEntry
    private let endpoints: EtcdEndpoints
    private let channel: Channel
    private let leases: LeaseClient
    private let keys: KVClient
    /// Ours as far as is known. It is kept until etcd denies it: were a new one taken after an attempt that failed, then
    /// the Put of that attempt could arrive after the later one, and the key go with the old lease.
    private var lease: Int64?
    private var keepAlive: BidirectionalCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse>?

    package init(_ entry: RegistryEntry, at endpoints: EtcdEndpoints, on loop: EventLoop) {
        self.entry = entry
        self.endpoints = endpoints
        channel = endpoints.makeChannel(on: loop)
        leases = LeaseClient(channel)
        keys = KVClient(channel)
    }

    package var name: String { "etcd at \(endpoints)" }
    package var timeToLive: Duration { entry.timeToLive }

    private var options: CallOptions {
        var options = CallOptions.etcd
        options.timeout = requestTime
        return options
    }

    package func register() async throws(RPCError) {
        let lease = try await liveLease()
        self.lease = lease
        let key = EtcdKey(service: entry.service).of(entry.instance)
        do throws(RPCError) {
            _ = try await keys.put(
                PutRequest(key: key, value: Array("\(entry.address)".utf8), lease: lease), options: options)
        } catch {
            if error.code == .notFound { self.lease = nil }
            throw error.during("Put of \(String(decoding: key, as: UTF8.self))")
        }
    }

    private func liveLease() async throws(RPCError) -> Int64 {
        guard let lease else { return try await grant() }
        do throws(RPCError) {
            try await renew()
            return lease
        } catch {
            guard error.code == .notFound else { throw error }
            return try await grant()
        }
    }

    private func grant() async throws(RPCError) -> Int64 {
        do throws(RPCError) {
            let (seconds, attoseconds) = entry.timeToLive.components
            let request = LeaseGrantRequest(ttl: seconds + (attoseconds > 0 ? 1 : 0))
            let granted = try await leases.leaseGrant(request, options: options)
            guard granted.error.isEmpty, granted.id != 0 else { throw RPCError(.unknown, granted.error) }
            return granted.id
        } catch {
            throw error.during("LeaseGrant")
        }
    }

    package func renew() async throws(RPCError) {
        guard let lease else { throw RPCError(.notFound, "there is no lease") }
        // Kept open: a stream of its own for each renewal would be a stream more for etcd each time.
        let stream = keepAlive ?? leases.leaseKeepAlive(options: .etcd)
        keepAlive = stream
        do throws(RPCError) {
            guard try await stream.send(LeaseKeepAliveRequest(id: lease)), let reply = try await stream.replies.next()
            else { throw RPCError(.unavailable, "etcd ended the stream") }
            // Not NOT_FOUND: etcd answers with no time left for a lease that it does not know.
            guard reply.ttl > 0 else {
                self.lease = nil
                throw RPCError(.notFound, "etcd does not know the lease any more")
            }
        } catch {
            stream.cancel()
            keepAlive = nil
            throw error.during("LeaseKeepAlive")
        }
    }

    package func deregister() async throws(RPCError) {
        guard let lease else { return }
        do throws(RPCError) {
            _ = try await leases.leaseRevoke(LeaseRevokeRequest(id: lease), options: options)
        } catch {
            guard error.code == .notFound else { throw error.during("LeaseRevoke") }
        }
        self.lease = nil
    }

    package func shutdown() {
        keepAlive?.cancel()
        keepAlive = nil
        channel.shutdown()
    }
}

extension CallOptions {
    /// A member that has no leader refuses at once, instead of letting the call wait (etcd's with_require_leader).
    static let etcd: CallOptions = {
        var options = CallOptions()
        options.metadata.append(key: "hasleader".utf8.span, value: "true".utf8.span)
        return options
    }()
}

extension RPCError {
    func during(_ what: String) -> RPCError { RPCError(code, "\(what): \(message)", metadata: metadata) }
}
