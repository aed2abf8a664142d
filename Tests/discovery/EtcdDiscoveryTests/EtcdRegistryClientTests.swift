import Addresses
import EtcdDiscovery
import Events
import RPCCore
import RPCTestSupport
import Registration
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct EtcdRegistryClientTests {
    private func client(
        _ etcd: FakeEtcd, on loop: EventLoop, timeToLive: Duration = .milliseconds(9500)
    ) throws -> EtcdRegistryClient {
        let entry = RegistryEntry(
            service: "pods", instance: "pod-1", address: .ip(.v4(0x0a01_0203), port: 8080),
            timeToLive: timeToLive)
        return EtcdRegistryClient(entry, at: try EtcdEndpoints(etcd.endpoints, on: loop), on: loop)
    }

    private func end(_ client: EtcdRegistryClient, _ etcd: FakeEtcd, on loop: EventLoop) async {
        client.shutdown()
        await etcd.stop()
        await poll("the loop is empty", on: loop) { loop.registrationCount == 0 }
    }

    private func code(_ body: () async throws(RPCError) -> Void) async -> StatusCode? {
        do throws(RPCError) {
            try await body()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func anEntryIsAKeyUnderALease() async throws {
        try await withLoop { loop in
            let etcd = try FakeEtcd(on: loop)
            let client = try client(etcd, on: loop)
            #expect(client.name == "etcd at \(etcd.endpoints)")
            try await client.register()
            try await client.renew()
            try await client.renew()
            try await client.deregister()
            // Nothing is there any more.
            try await client.deregister()
            #expect(
                etcd.requests == [
                    "Grant 10", "Put /pods/pod-1=10.1.2.3:8080 under 1", "KeepAlive 1", "KeepAlive 1", "Revoke 1",
                ])
            #expect(etcd.withoutLeader == 0)
            await end(client, etcd, on: loop)
        }
    }

    @Test func anEtcdThatDoesNotAnswerIsNamedAsSuch() async throws {
        try await withLoop { loop in
            let etcd = try FakeEtcd(on: loop)
            let client = try client(etcd, on: loop, timeToLive: .seconds(1))
            etcd.fallSilent()
            let error = await #expect(throws: RPCError.self) { try await client.register() }
            // A tenth less than the third of the time to live in which `Registrar` would give it up without a reason.
            #expect(error?.message.hasPrefix("LeaseGrant: no answer within 300ms") == true, "\(error as Any)")
            await end(client, etcd, on: loop)
        }
    }

    @Test func aLeaseThatRanOutIsNotFound() async throws {
        try await withLoop { loop in
            let etcd = try FakeEtcd(on: loop)
            let client = try client(etcd, on: loop)
            #expect(await code(client.renew) == .notFound)
            try await client.register()
            etcd.setTimeLeft(0)
            #expect(await code(client.renew) == .notFound)
            etcd.setTimeLeft(10)
            try await client.register()
            #expect(etcd.requests.suffix(2) == ["Grant 10", "Put /pods/pod-1=10.1.2.3:8080 under 2"])
            await end(client, etcd, on: loop)
        }
    }

    /// A Put that arrives late must not leave the key under a lease that nobody keeps alive.
    @Test func aRegistrationThatFailedGoesOnWithItsLease() async throws {
        try await withLoop { loop in
            let etcd = try FakeEtcd(on: loop)
            let client = try client(etcd, on: loop)
            etcd.answer("Put", RPCError(.unavailable, "etcdserver: request timed out"))
            #expect(await code(client.register) == .unavailable)
            etcd.answer("Put", nil)
            try await client.register()
            #expect(
                etcd.requests == [
                    "Grant 10", "Put /pods/pod-1=10.1.2.3:8080 under 1", "KeepAlive 1",
                    "Put /pods/pod-1=10.1.2.3:8080 under 1",
                ])
            // One that etcd does not know any more is not tried again.
            etcd.answer("Put", RPCError(.notFound, "etcdserver: requested lease not found"))
            #expect(await code(client.register) == .notFound)
            etcd.answer("Put", nil)
            try await client.register()
            #expect(etcd.requests.last == "Put /pods/pod-1=10.1.2.3:8080 under 2")
            await end(client, etcd, on: loop)
        }
    }

    @Test func errorsNameWhatWasAsked() async throws {
        try await withLoop { loop in
            let etcd = try FakeEtcd(on: loop)
            let client = try client(etcd, on: loop)
            etcd.answer("Grant", RPCError(.unavailable, "etcdserver: no leader"))
            do throws(RPCError) {
                try await client.register()
                Issue.record("registered")
            } catch {
                #expect(error.message == "LeaseGrant: etcdserver: no leader")
            }
            await end(client, etcd, on: loop)
        }
    }

    @Test func endpointsAreHostsWithOrWithoutAPort() async throws {
        try await withLoop { loop in
            let good = [
                "10.0.0.1:2379,10.0.0.2:2379": "10.0.0.1:2379,10.0.0.2:2379", "http://etcd:4001/": "etcd:4001",
                " etcd , 10.0.0.1": "etcd:2379,10.0.0.1:2379", "[fd00::1]": "[fd00::1]:2379",
            ]
            for (text, meaning) in good {
                let endpoints = try EtcdEndpoints(text, on: loop)
                #expect("\(endpoints)" == meaning)
            }
            for text in ["", ",", "etcd:0", "etcd:port", "https://etcd:2379", "e/x", "fd00::1", "fd00::1:2379"] {
                #expect(throws: RPCError.self) { try EtcdEndpoints(text, on: loop) }
            }
        }
    }
}
