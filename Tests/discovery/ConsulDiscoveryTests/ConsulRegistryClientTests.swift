import Addresses
import ConsulDiscovery
import Events
import HTTP
import RPCCore
import Registration
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConsulRegistryClientTests {
    private static func client(
        of consul: FakeConsul, timeToLive: Duration = .seconds(10), token: String = "", on loop: EventLoop
    ) throws -> ConsulRegistryClient {
        try ConsulRegistryClient(
            RegistryEntry(
                service: "pods", instance: "pod 1", address: .ip(.v4(0x0A00_0007), port: 8080), timeToLive: timeToLive),
            at: ConsulAccess(try ConsulAddress("\(consul.address)"), token: ConsulToken(token)), on: loop)
    }

    /// What becomes of it: nil is success.
    private static func start(
        _ client: ConsulRegistryClient, on loop: EventLoop,
        _ operation: @escaping @Sendable (ConsulRegistryClient) async throws(RPCError) -> Void
    ) -> Task<RPCError?, Never> {
        let bound = LoopBound(client, on: loop)
        return Task(executorPreference: loop) {
            do throws(RPCError) {
                try await operation(bound.value)
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func anEntryHasACheckThatThePodPasses() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, token: "s3cret", on: loop)
            let registered = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.register()
            }
            let entry = await consul.next()
            #expect(entry.line == "PUT /v1/agent/service/register?replace-existing-checks=true")
            #expect(entry.token == "s3cret")
            #expect(
                entry.body == #"{"ID":"pod 1","Name":"pods","Address":"10.0.0.7","Port":8080,"#
                    + #""Check":{"CheckID":"service:pod 1","TTL":"10000ms","Status":"passing","#
                    + #""DeregisterCriticalServiceAfter":"60000ms"}}"#)
            entry.answer()
            // Of an entry that was there, Consul keeps the check's state.
            let pass = await consul.next()
            #expect(pass.line == "PUT /v1/agent/check/pass/service%3Apod%201")
            pass.answer()
            #expect(await registered.value == nil)
            let renewed = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.renew()
            }
            await consul.next().answer()
            #expect(await renewed.value == nil)
            let gone = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.deregister()
            }
            let out = await consul.next()
            #expect(out.line == "PUT /v1/agent/service/deregister/pod%201")
            out.answer()
            #expect(await gone.value == nil)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test(arguments: [
        (HTTPStatus.internalServerError, "CheckID \"service:pod 1\" does not have associated TTL"),
        (
            HTTPStatus.notFound,
            "Unknown check ID \"service:pod 1\". Ensure that the check ID is passed, not the check name."
        ),
        (HTTPStatus.internalServerError, "Unknown check \"service:pod 1\""),
    ])
    func aRenewalOfWhatTheAgentHasForgottenIsNotFound(_ status: HTTPStatus, _ body: String) async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, on: loop)
            let outcome = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.renew()
            }
            await consul.next().answer(body, status: status)
            #expect(await outcome.value?.code == .notFound)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test func aRefusalNamesConsulWhatWasAskedAndItsReason() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, token: "s3cret", on: loop)
            let outcome = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.register()
            }
            await consul.next().answer("Permission denied\n", status: .forbidden)
            let error = await outcome.value
            #expect(error?.code == .permissionDenied)
            for words in ["Consul at \(consul.address)", "the entry of pod 1", "403", "Permission denied"] {
                #expect(error?.message.contains(words) == true)
            }
            #expect(error?.message.contains("s3cret") == false)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test func takingOutWhatIsNotThereIsNoError() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, on: loop)
            let outcome = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.deregister()
            }
            await consul.next().answer("Unknown service ID \"pod 1\"", status: .notFound)
            #expect(await outcome.value == nil)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test func anAgentThatDoesNotAnswerIsUnavailableBeforeTheEntryHasRunOut() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, timeToLive: .seconds(3), on: loop)
            let error = await ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.renew()
            }.value
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("no complete response within") == true)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test func theEndGivesUpWhatIsUnderWay() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, timeToLive: .seconds(3600), on: loop)
            let outcome = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.renew()
            }
            _ = await consul.next()
            client.shutdown()
            #expect(await outcome.value?.code == .cancelled)
            await consul.stop()
        }
    }

    @Test func aLongLivedEntryStaysCriticalForLonger() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, timeToLive: .seconds(30), on: loop)
            let outcome = ConsulRegistryClientTests.start(client, on: loop) { client throws(RPCError) in
                try await client.register()
            }
            let entry = await consul.next()
            #expect(entry.body.contains(#""DeregisterCriticalServiceAfter":"180000ms""#))
            entry.answer("no", status: .internalServerError)
            #expect(await outcome.value?.code == .unavailable)
            client.shutdown()
            await consul.stop()
        }
    }
}
