import Addresses
import Events
import HTTP2
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// Server-streaming calls against our own server.
@Suite(.timeLimit(.minutes(5))) struct StreamingCallTests {
    /// Runs `body` with a channel to a server whose `wait` is `handler`.
    private func withServer(
        _ handler: @escaping @Sendable (EventLoop, ServerStream) async throws(RPCError) -> Void,
        check body: @escaping @Sendable (EventLoop, Channel, ClientTracerRecord) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            var router = RPCRouter(echoing: nil)
            router.serverStreaming(TestMethods.wait) { (replies: ServerStream) async throws(RPCError) in
                try await handler(loop, replies)
            }
            let server = try RPCServer.onLoop(loop, router)
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            try await body(loop, channel, tracer)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            #expect(channel.snapshot.queued == 0)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test(arguments: [0, 1, 200])
    func messagesComeInOrderAndThenTheEnd(count: Int) async throws {
        try await withServer { _, replies throws(RPCError) in
            for number in 0..<count { try await replies.send(frame([UInt8(number)])) }
        } check: { _, channel, tracer throws in
            let replies = channel.stream()
            for number in 0..<count { #expect(try await replies.receive() == [UInt8(number)]) }
            #expect(try await replies.receive() == nil)
            #expect(try await replies.receive() == nil)
            #expect(tracer.attempts.map(\.status) == [.ok])
            #expect(tracer.attempts.map(\.sentMessageBytes) == [3])
            #expect(tracer.attempts.map(\.receivedMessageBytes) == [count])
            #expect(tracer.take().last == "call of Wait ended OK")
        }
    }

    @Test func anErrorComesAfterTheMessages() async throws {
        try await withServer { _, replies throws(RPCError) in
            try await replies.send(frame([1]))
            try await replies.send(frame([2]))
            throw RPCError(.dataLoss, "gone")
        } check: { loop, channel, tracer throws in
            let replies = channel.stream()
            await tracer.seen("call of Wait ended DATA_LOSS", on: loop)
            // It has ended; what came before is there.
            #expect(try await replies.receive() == [1])
            #expect(try await replies.receive() == [2])
            for _ in 0..<2 {
                let error = await replies.error()
                #expect(error?.code == .dataLoss)
                #expect(error?.message == "gone")
            }
        }
    }

    @Test func anUnknownMethodIsAnErrorAtOnce() async throws {
        try await withServer { _, _ in
        } check: { _, channel, _ throws in
            let replies = channel.stream(.streaming(TestMethods.missing), [])
            #expect(await replies.error()?.code == .unimplemented)
        }
    }

    @Test func leavingEarlyStopsTheServer() async throws {
        let cancelled = Flag()
        try await withServer { loop, replies throws(RPCError) in
            do throws(RPCError) {
                while true { try await replies.send(frame([UInt8](repeating: 1, count: 10_000))) }
            } catch {
                cancelled.set()
                throw error
            }
        } check: { loop, channel, tracer throws in
            func first() async throws(RPCError) -> Int? {
                let replies = channel.stream()
                return try await replies.receive()?.count
            }
            #expect(try await first() == 10_000)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            #expect(tracer.events.last == "call of Wait ended CANCELLED")
            await poll("the handler's end", on: loop) { cancelled.isSet }
            #expect(await channel.call().reply == [1, 2, 3])
        }
    }

    @Test func cancellingTheTaskThatWaits() async throws {
        let isWaiting = Flag()
        try await withServer { loop, replies throws(RPCError) in
            try await replies.send(frame([1]))
            do throws(CancellationError) { try await loop.sleep(for: .seconds(3600)) } catch { return }
        } check: { loop, channel, tracer throws in
            let bound = LoopBound(channel, on: loop)
            let task = Task.immediateDetached(executorPreference: loop) { () async -> (Int?, RPCError?) in
                let replies = bound.value.stream()
                do throws(RPCError) {
                    let first = try await replies.receive()
                    isWaiting.set()
                    return (first?.count, await replies.error())
                } catch {
                    return (nil, error)
                }
            }
            await poll("the first message", on: loop) { isWaiting.isSet }
            task.cancel()
            let (first, error) = await task.value
            #expect(first == 1)
            #expect(error?.code == .cancelled)
            #expect(tracer.events.last == "call of Wait ended CANCELLED")
        }
    }

    /// It does not get what has arrived already: it would go on as long as the server does.
    @Test func aTaskThatIsCancelledWhileMessagesAreThere() async throws {
        try await withServer { _, replies throws(RPCError) in
            while true { try await replies.send(frame([1])) }
        } check: { loop, channel, _ throws in
            let bound = LoopBound(channel, on: loop)
            let task = Task.immediateDetached(executorPreference: loop) { () async -> (Int, RPCError?) in
                let replies = bound.value.stream()
                var count = 0
                do throws(RPCError) {
                    while try await replies.receive() != nil {
                        count += 1
                        if count == 100 { unsafe withUnsafeCurrentTask { unsafe $0?.cancel() } }
                    }
                    return (count, nil)
                } catch {
                    return (count, error)
                }
            }
            let (count, error) = await task.value
            #expect(count == 100)
            #expect(error?.code == .cancelled)
        }
    }

    @Test func aDeadlineEndsTheStreamAtOnce() async throws {
        try await withServer { _, replies throws(RPCError) in
            while true { try await replies.send(frame([1])) }
        } check: { loop, channel, tracer throws in
            let replies = channel.stream(CallOptions(timeout: .seconds(1)))
            // Meanwhile a window of messages arrives, and nobody gets them.
            await tracer.seen("call of Wait ended DEADLINE_EXCEEDED", on: loop)
            #expect(await replies.error()?.code == .deadlineExceeded)
            #expect(await replies.error()?.message == "no answer within 1s")
        }
    }

    @Test func aDeadlineWhileTheChannelHasNoConnection() async throws {
        try await withLoop { loop in
            let channel = Channel.to([freeLoopbackAddress()], on: loop)
            let patient = channel.stream(CallOptions(timeout: .milliseconds(20), waitForReady: true))
            let error = await patient.error()
            #expect(error?.code == .deadlineExceeded)
            #expect(error?.message.contains("while waiting for a connection") == true)
            let impatient = channel.stream()
            #expect(await impatient.error()?.code == .unavailable)
            await channel.end()
        }
    }

    @Test func waitForReadyWaits() async throws {
        try await withServer { _, replies throws(RPCError) in
            try await replies.send(frame([1]))
        } check: { loop, channel, _ throws in
            let resolver = FakeResolver()
            let late = Channel.to(resolver, on: loop)
            let replies = late.stream(CallOptions(waitForReady: true))
            resolver.fail("not yet")
            resolver.find(channel.snapshot.subchannels.map(\.address))
            #expect(try await replies.receive() == [1])
            #expect(try await replies.receive() == nil)
            late.shutdown()
        }
    }

    /// Ours at both ends: a handler that never stops sending waits for the reader.
    @Test func aReaderThatTakesNothingHoldsTheHandlerUp() async throws {
        let sent = Counter()
        let size = 1024
        try await withServer { _, replies throws(RPCError) in
            for number in 0..<10_000 {
                try await replies.send(frame([UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)))
                sent.add()
            }
        } check: { loop, channel, _ throws in
            let replies = channel.stream()
            // A window here, 4 KiB in the server.
            let most = (256 + 4) * 1024 / (size + 5)
            await poll("the server waits", on: loop) { sent.value == most }
            #expect(await channel.call().reply == [1, 2, 3])
            #expect(sent.value == most)
            for number in 0..<10_000 {
                guard try await replies.receive() == [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
                else {
                    Issue.record("message \(number)")
                    return
                }
            }
            #expect(try await replies.receive() == nil)
        }
    }

    @Test func manyStreamsAtATime() async throws {
        try await withServer { _, replies throws(RPCError) in
            for number in 0..<500 { try await replies.send(frame([UInt8](repeating: 7, count: number * 4))) }
        } check: { loop, channel, _ throws in
            let bound = LoopBound(channel, on: loop)
            let bytes = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask(executorPreference: loop) {
                        let replies = bound.value.stream()
                        var sum = 0
                        while let reply = try? await replies.receive() { sum += reply.count }
                        return sum
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(bytes == Array(repeating: 4 * 499 * 500 / 2, count: 50))
        }
    }
}

extension Channel {
    func stream(_ options: CallOptions = CallOptions()) -> any ClientStream {
        stream(.streaming(TestMethods.wait), [1, 2, 3], options)
    }

    /// A call whose request is one message.
    func stream(
        _ method: MethodDescriptor, _ message: [UInt8], _ options: CallOptions = CallOptions()
    ) -> any ClientStream {
        do {
            return try stream(method, request: OutgoingMessage(copying: message.span), options: options)
        } catch {
            // Only a message of more than 4 GiB has no frame.
            preconditionFailure("\(error)")
        }
    }
}

extension MethodDescriptor {
    /// The same method with any number of replies.
    static func streaming(_ method: MethodDescriptor) -> MethodDescriptor {
        MethodDescriptor(service: method.service, method: method.method, type: .serverStreaming)
    }
}

extension ClientStream {
    /// What comes instead of a message.
    func error() async -> RPCError? {
        do throws(RPCError) {
            let message = try await receive()
            Issue.record("a message of \(message?.count ?? -1) bytes, or the end")
            return nil
        } catch {
            return error
        }
    }
}
