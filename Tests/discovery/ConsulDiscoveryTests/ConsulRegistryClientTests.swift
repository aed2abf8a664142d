import Addresses
import ConsulDiscovery
import Events
import HTTP
import RPCCore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConsulRegistryClientTests {
    private static func client(
        of consul: FakeConsul, timeToLive: Duration = .seconds(10), token: String = "", on loop: EventLoop
    ) throws -> ConsulRegistryClient {
        ConsulRegistryClient(
            .init(service: "pods", instance: "pod 1", address: .v4(0x0A00_0007), port: 8080),
            at: try ConsulAddress("\(consul.address)"), token: ConsulToken(token), timeToLive: timeToLive, on: loop)
    }

    private static func outcome(_ operation: () async throws(RPCError) -> Void) async -> RPCError? {
        do throws(RPCError) {
            try await operation()
            return nil
        } catch {
            return error
        }
    }

    @Test func anEntryHasACheckThatThePodPasses() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, token: "s3cret", on: loop)
            async let registered: Void = client.register()
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
            try await registered
            async let renewed: Void = client.renew()
            await consul.next().answer()
            try await renewed
            async let gone: Void = client.deregister()
            let out = await consul.next()
            #expect(out.line == "PUT /v1/agent/service/deregister/pod%201")
            out.answer()
            try await gone
            client.shutdown()
            await consul.stop()
        }
    }

    @Test(arguments: [
        (HTTPStatus.internalServerError, "CheckID \"service:pod 1\" does not have associated TTL"),
        (HTTPStatus.notFound, "Unknown check ID \"service:pod 1\". Ensure that the check ID is passed, not the check name."),
        (HTTPStatus.internalServerError, "Unknown check \"service:pod 1\""),
    ])
    func aRenewalOfWhatTheAgentHasForgottenIsNotFound(_ status: HTTPStatus, _ body: String) async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, on: loop)
            async let outcome = ConsulRegistryClientTests.outcome(client.renew)
            await consul.next().answer(body, status: status)
            #expect(await outcome?.code == .notFound)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test func aRefusalNamesConsulWhatWasAskedAndItsReason() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, token: "s3cret", on: loop)
            async let outcome = ConsulRegistryClientTests.outcome(client.register)
            await consul.next().answer("Permission denied\n", status: .forbidden)
            let error = await outcome
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
            async let outcome = ConsulRegistryClientTests.outcome(client.deregister)
            await consul.next().answer("Unknown service ID \"pod 1\"", status: .notFound)
            #expect(await outcome == nil)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test func anAgentThatDoesNotAnswerIsUnavailableBeforeTheEntryHasRunOut() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, timeToLive: .seconds(3), on: loop)
            let error = await ConsulRegistryClientTests.outcome(client.renew)
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("within 1s") == true)
            client.shutdown()
            await consul.stop()
        }
    }

    @Test func theEndGivesUpWhatIsUnderWay() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, timeToLive: .seconds(3600), on: loop)
            async let outcome = ConsulRegistryClientTests.outcome(client.renew)
            _ = await consul.next()
            client.shutdown()
            #expect(await outcome?.code == .cancelled)
            await consul.stop()
        }
    }

    @Test func aLongLivedEntryStaysCriticalForLonger() async throws {
        try await withLoop { loop in
            let consul = try FakeConsul(on: loop)
            let client = try ConsulRegistryClientTests.client(of: consul, timeToLive: .seconds(30), on: loop)
            async let outcome = ConsulRegistryClientTests.outcome(client.register)
            let entry = await consul.next()
            #expect(entry.body.contains(#""DeregisterCriticalServiceAfter":"180000ms""#))
            entry.answer("no", status: .internalServerError)
            #expect(await outcome?.code == .unavailable)
            client.shutdown()
            await consul.stop()
        }
    }
}
