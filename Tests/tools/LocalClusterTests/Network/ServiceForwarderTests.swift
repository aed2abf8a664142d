import Addresses
import Events
import LocalCluster
import System
import Testing
import Timing

/// Through real sockets on one loop; the pods are listeners that echo, or that swallow.
@Suite struct ServiceForwarderTests {
    private static let anyPort = SocketAddress.ip(.v4(0x7f00_0001), port: 0)

    /// Sends back what comes, and ends when its client ends.
    private final class Echo: ByteStreamDelegate {
        var stream: (any ByteStream)?
        func streamReceived(_ bytes: Span<UInt8>) { stream?.write(bytes) }
        func streamReachedEnd() { stream?.finish() }
        func streamClosed(_ error: SystemError?) { stream = nil }
    }

    /// Sends, ends its output, and collects until the other side ends.
    private final class Caller: ByteStreamDelegate {
        var stream: (any ByteStream)?
        var received = 0
        let message: [UInt8]
        let done: (Result<Int, SystemError>) -> Void

        init(_ message: [UInt8], done: @escaping (Result<Int, SystemError>) -> Void) {
            self.message = message
            self.done = done
        }
        func streamConnected() {
            let message = message
            stream?.write(message.span)
            stream?.endWriting()
        }
        func streamReceived(_ bytes: Span<UInt8>) { received += bytes.count }
        func streamReachedEnd() { stream?.close() }
        func streamClosed(_ error: SystemError?) {
            stream = nil
            done(error.map(Result.failure) ?? .success(received))
        }
    }

    private static func call(_ address: SocketAddress, _ message: [UInt8], on loop: EventLoop) async -> Result<
        Int, SystemError
    > {
        await withCheckedContinuation { continuation in
            let caller = Caller(message) { continuation.resume(returning: $0) }
            do throws(SystemError) {
                caller.stream = try SocketStream(connectingTo: address, on: loop, delegate: caller)
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }

    private static func echoServer(on loop: EventLoop, _ accepted: @escaping () -> Void = {}) throws -> Listener {
        try Listener(on: anyPort, loop: loop) { connection in
            accepted()
            let echo = Echo()
            echo.stream = try? SocketStream(
                adopting: connection.descriptor, peer: connection.peer, on: loop, delegate: echo)
        }
    }

    /// A port that was free a moment ago, for the Service.
    private static func freeAddress(on loop: EventLoop) throws -> SocketAddress {
        let listener = try Listener(on: anyPort, loop: loop) { $0.discard() }
        defer { listener.close() }
        return listener.address
    }

    private func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop.startThread(named: "test")
        defer { loop.stop() }
        try await Task(executorPreference: loop) { try await body(loop) }.value
    }

    @Test func anEndOfInputReachesThePodAndItsWholeAnswerComesBack() async throws {
        try await onLoop { loop in
            let pod = try Self.echoServer(on: loop)
            let address = try Self.freeAddress(on: loop)
            let forwarder = ServiceForwarder(.grpc, at: address, on: loop) { _ in }
            forwarder.pods = [pod.address]
            // More than all buffers on the way hold, so that both directions have to wait.
            let message = [UInt8](repeating: 7, count: 16 << 20)
            #expect(await Self.call(address, message, on: loop) == .success(message.count))
            forwarder.close()
            pod.close()
            #expect(loop.registrationCount == 0)
        }
    }

    @Test func withoutReadyPodsConnectionsAreRefused() async throws {
        try await onLoop { loop in
            let pod = try Self.echoServer(on: loop)
            let address = try Self.freeAddress(on: loop)
            let forwarder = ServiceForwarder(.grpc, at: address, on: loop) { _ in }
            forwarder.pods = [pod.address]
            #expect(await Self.call(address, [1], on: loop) == .success(1))
            forwarder.pods = []
            guard case .failure(let error) = await Self.call(address, [1], on: loop) else {
                Issue.record("somebody answered")
                return
            }
            #expect(error.reason == "Connection refused")
            forwarder.pods = [pod.address]
            #expect(await Self.call(address, [1], on: loop) == .success(1))
        }
    }

    @Test func aPodThatRefusesBreaksItsClientsConnection() async throws {
        try await onLoop { loop in
            let address = try Self.freeAddress(on: loop)
            let forwarder = ServiceForwarder(.grpc, at: address, on: loop) { _ in }
            forwarder.pods = [try Self.freeAddress(on: loop)]
            guard case .failure = await Self.call(address, [1], on: loop) else {
                Issue.record("somebody answered")
                return
            }
        }
    }

    @Test func everyConnectionGetsARandomPod() async throws {
        try await onLoop { loop in
            final class Counts { var values = [0, 0, 0] }
            let counts = Counts()
            let pods = try (0..<3).map { index in try Self.echoServer(on: loop) { counts.values[index] += 1 } }
            let address = try Self.freeAddress(on: loop)
            let forwarder = ServiceForwarder(.grpc, at: address, on: loop) { _ in }
            forwarder.pods = pods.map(\.address)
            for _ in 0..<60 { #expect(await Self.call(address, [1], on: loop) == .success(1)) }
            // A pod that gets none of 60 by chance: once in 10^10 runs.
            #expect(counts.values.allSatisfy { $0 > 0 } && counts.values.reduce(0, +) == 60)
        }
    }
}
