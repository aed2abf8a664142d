import Events
import RPCClient
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing
import Timing

/// Client-streaming and bidirectional calls against our own server.
@Suite(.timeLimit(.minutes(5))) struct CallTypeTests {
    static let collect = MethodDescriptor(service: "test.Service", method: "Collect", type: .clientStreaming)
    static let chat = MethodDescriptor(service: "test.Service", method: "Chat", type: .bidirectional)

    /// Runs `body` with a channel to a server whose methods of both types are `handler`.
    private func withServer(
        _ handler: @escaping @Sendable (ServerStream, Gate) async throws(RPCError) -> Void,
        check body: @escaping @Sendable (EventLoop, Channel, ClientTracerRecord, Gate) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            var router = RPCRouter(echoing: nil)
            let gate = Gate(on: loop)
            for method in [CallTypeTests.collect, CallTypeTests.chat] {
                router.stream(method) { (stream: ServerStream) async throws(RPCError) in
                    try await handler(stream, gate)
                }
            }
            let server = try RPCServer.onLoop(loop, router)
            let tracer = ClientTracerRecord()
            let channel = Channel.to([server.address], on: loop, tracers: [tracer])
            try await body(loop, channel, tracer, gate)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            #expect(channel.snapshot.queued == 0)
            await server.stop(grace: .seconds(10))
            await channel.end()
        }
    }

    @Test(arguments: [0, 1, 2, 500]) func manyRequestsAndOneReply(count: Int) async throws {
        try await withServer { stream, _ throws(RPCError) in
            var sum: UInt8 = 0
            while let message = try await stream.receive() { sum &+= message[0] }
            try await stream.send(OutgoingMessage(copying: [sum].span))
        } check: { _, channel, tracer, _ throws in
            let stream = channel.stream(CallTypeTests.collect)
            var sum: UInt8 = 0
            for number in 0..<count {
                let byte = UInt8(truncatingIfNeeded: number)
                #expect(try await stream.send(message([byte])))
                sum &+= byte
            }
            stream.finishSending()
            #expect(try await stream.receive() == [sum])
            #expect(try await stream.receive() == nil)
            #expect(stream.status == .ok)
            #expect(tracer.attempts.map(\.sentMessageBytes) == [count])
            #expect(tracer.attempts.map(\.receivedMessageBytes) == [1])
        }
    }

    @Test func eachReplyAnswersARequest() async throws {
        try await withServer { stream, _ throws(RPCError) in
            while let message = try await stream.receive() {
                try await stream.send(OutgoingMessage(copying: message.span))
            }
        } check: { _, channel, tracer, _ throws in
            let stream = channel.stream(CallTypeTests.chat)
            for number in 0..<100 as Range<UInt8> {
                try await stream.send(message([number]))
                #expect(try await stream.receive() == [number])
            }
            stream.finishSending()
            #expect(try await stream.receive() == nil)
            #expect(tracer.take().last == "call of Chat ended OK")
        }
    }

    /// A bidirectional call that is all beginning.
    @Test func nothingEitherWay() async throws {
        try await withServer { stream, _ throws(RPCError) in
            while try await stream.receive() != nil {}
        } check: { _, channel, _, _ throws in
            let stream = channel.stream(CallTypeTests.chat)
            stream.finishSending()
            #expect(try await stream.receive() == nil)
            #expect(stream.status == .ok)
        }
    }

    @Test func bothWaysAtOnceMuchMoreThanTheWindows() async throws {
        try await withServer { stream, _ throws(RPCError) in
            while let message = try await stream.receive() {
                try await stream.send(OutgoingMessage(copying: message.span))
            }
        } check: { loop, channel, _, _ throws in
            let count = 2000
            let stream = LoopBound(channel.stream(CallTypeTests.chat), on: loop)
            let sender = loop.startTask {
                for number in 0..<count {
                    let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 1000)
                    _ = try? await stream.value.send(message(bytes))
                }
                stream.value.finishSending()
            }
            var received = 0
            while let next = try await stream.value.receive() {
                guard next == [UInt8](repeating: UInt8(truncatingIfNeeded: received), count: 1000) else {
                    Issue.record("message \(received)")
                    break
                }
                received += 1
            }
            #expect(received == count)
            await sender.value
        }
    }

    /// Ours at both ends: who sends to a handler that takes nothing is held up, and what lies between is bounded.
    @Test func aHandlerThatTakesNothingHoldsTheSenderUp() async throws {
        let size = 1024
        try await withServer { stream, gate throws(RPCError) in
            await gate.pass()
            var count = 0
            while try await stream.receive() != nil { count += 1 }
            try await stream.send(OutgoingMessage(copying: [UInt8](String(count).utf8).span))
        } check: { loop, channel, _, gate throws in
            let sent = Counter()
            let stream = LoopBound(channel.stream(CallTypeTests.collect), on: loop)
            let sender = loop.startTask {
                for _ in 0..<10_000 {
                    _ = try? await stream.value.send(message([UInt8](repeating: 7, count: size)))
                    sent.add()
                }
                stream.value.finishSending()
            }
            await gate.arrival()
            // A window of the server, and 4 KiB here.
            let most = (256 + 4) * 1024 / (size + 5)
            await poll("the sender waits", on: loop) { sent.value == most }
            #expect(await channel.call().reply == [1, 2, 3])
            #expect(sent.value == most)
            gate.open()
            #expect(try await stream.value.receive() == [UInt8]("10000".utf8))
            await sender.value
        }
    }

    // MARK: The end

    @Test func aHandlerThatReturnsEarlyEndsTheSendersWaitAndLeaksNothing() async throws {
        try await withServer { stream, _ throws(RPCError) in
            _ = try await stream.receive()
            try await stream.send(OutgoingMessage(copying: [9].span))
        } check: { loop, channel, tracer, _ throws in
            for method in [CallTypeTests.collect, CallTypeTests.chat] {
                let stream = LoopBound(channel.stream(method), on: loop)
                let sent = Counter()
                let sender = loop.startTask {
                    do throws(RPCError) {
                        while try await stream.value.send(message([UInt8](repeating: 1, count: 10_000))) { sent.add() }
                    } catch {
                        Issue.record("\(error)")
                    }
                }
                await sender.value
                // What has come is there, although the request was never ended.
                #expect(try await stream.value.receive() == [9])
                #expect(try await stream.value.receive() == nil)
                #expect(stream.value.status == .ok)
                #expect(try await stream.value.send(message([])) == false)
            }
            #expect(tracer.attempts.map(\.status) == [.ok, .ok])
            #expect(await channel.call().reply == [1, 2, 3])
        }
    }

    @Test func anErrorReachesSenderAndReceiver() async throws {
        try await withServer { stream, _ throws(RPCError) in
            _ = try await stream.receive()
            throw RPCError(.aborted, "no more")
        } check: { loop, channel, _, _ throws in
            let stream = channel.stream(CallTypeTests.chat)
            var error: RPCError?
            do throws(RPCError) {
                while true { try await stream.send(message([UInt8](repeating: 1, count: 10_000))) }
            } catch let failure {
                error = failure
            }
            #expect(error == RPCError(.aborted, "no more"))
            #expect(await stream.error() == error)
            #expect(stream.status == .aborted)
        }
    }

    @Test func cancellingTellsTheHandler() async throws {
        let cancelled = Flag()
        try await withServer { stream, _ throws(RPCError) in
            stream.sendHeaders()
            do throws(RPCError) {
                while try await stream.receive() != nil {}
            } catch {
                if error.code == .cancelled { cancelled.set() }
                throw error
            }
        } check: { loop, channel, tracer, _ throws in
            let stream = channel.stream(CallTypeTests.chat)
            _ = try await stream.initialMetadata()
            stream.cancel()
            #expect(await stream.error()?.code == .cancelled)
            #expect(stream.status == .cancelled)
            await poll("the handler's end", on: loop) { cancelled.isSet }
            #expect(tracer.events.last == "call of Chat ended CANCELLED")
        }
    }

    @Test func aStreamThatNobodyHoldsIsCancelled() async throws {
        let cancelled = Counter()
        try await withServer { stream, _ throws(RPCError) in
            stream.sendHeaders()
            do throws(RPCError) {
                while try await stream.receive() != nil {}
            } catch {
                cancelled.add()
                throw error
            }
        } check: { loop, channel, tracer, _ throws in
            for _ in 0..<10 {
                let stream = channel.stream(CallTypeTests.chat)
                try await stream.send(message([1]))
                _ = try await stream.initialMetadata()
            }
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            await poll("the handlers' ends", on: loop) { cancelled.value == 10 }
            // One that never had a connection.
            let late = Channel.to(FakeResolver(), on: loop)
            do { _ = late.stream(CallTypeTests.chat) }
            #expect(late.snapshot.queued == 0)
            late.shutdown()
        }
    }

    @Test func cancellingATaskThatWaitsToSend() async throws {
        try await withServer { stream, gate throws(RPCError) in
            await gate.pass()
        } check: { loop, channel, tracer, gate throws in
            let stream = LoopBound(channel.stream(CallTypeTests.chat), on: loop)
            let sent = Counter()
            let task = Task.immediateDetached(executorPreference: loop) { () async -> RPCError? in
                do throws(RPCError) {
                    while true {
                        try await stream.value.send(message([UInt8](repeating: 1, count: 10_000)))
                        sent.add()
                    }
                } catch {
                    return error
                }
            }
            await poll("a window", on: loop) { sent.value == 26 }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            #expect(tracer.events.last == "call of Chat ended CANCELLED")
            gate.open()
        }
    }

    @Test func aDeadlineEndsBothHalves() async throws {
        try await withServer { stream, _ throws(RPCError) in
            while try await stream.receive() != nil {}
        } check: { loop, channel, tracer, _ throws in
            let stream = channel.stream(CallTypeTests.chat, options: CallOptions(deadline: loop.now + .seconds(1)))
            #expect(await stream.error()?.code == .deadlineExceeded)
            do throws(RPCError) {
                try await stream.send(message([]))
                Issue.record("it was sent")
            } catch {
                #expect(error.message == "no answer within 1s")
            }
        }
    }

    // MARK: Metadata

    @Test func metadataBothWays() async throws {
        try await withServer { stream, _ throws(RPCError) in
            try stream.context.initialMetadata.append("x-first", stream.context.metadata["x-name"] ?? "")
            stream.sendHeaders()
            _ = try await stream.receive()
            try stream.context.trailingMetadata.append("x-last", "z")
        } check: { loop, channel, _, _ throws in
            var options = CallOptions()
            try options.metadata.append("x-name", "Ada")
            let stream = channel.stream(CallTypeTests.chat, options: options)
            // Before any message.
            #expect(try await stream.initialMetadata()["x-first"] == "Ada")
            #expect(stream.trailingMetadata.isEmpty)
            stream.finishSending()
            #expect(try await stream.receive() == nil)
            #expect(stream.trailingMetadata["x-last"] == "z")
            #expect(try await stream.initialMetadata()["x-first"] == "Ada")
        }
    }

    @Test func metadataOfACallThatFails() async throws {
        try await withServer { stream, _ throws(RPCError) in
            throw RPCError(.aborted, "no")
        } check: { _, channel, _, _ throws in
            let stream = channel.stream(CallTypeTests.chat)
            let error = await #expect(throws: RPCError.self) { try await stream.initialMetadata() }
            #expect(error?.code == .aborted)
        }
    }
}

func message(_ bytes: [UInt8]) -> OutgoingMessage { OutgoingMessage(copying: bytes.span) }
