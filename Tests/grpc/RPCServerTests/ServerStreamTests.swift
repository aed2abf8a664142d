import Events
import HTTP2
import RPCCore
import RPCServer
import RPCTestSupport
import TestSupport
import Testing

/// Calls of every type as the server's handlers see them, by a client of raw HTTP/2.
@Suite(.timeLimit(.minutes(5))) struct ServerStreamTests {
    /// The handler answers before the request has ended, message for message.
    @Test func pingPong() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            while let message = try await stream.receive() {
                try await stream.send(OutgoingMessage(copying: (message + message).span))
            }
        } check: { run in
            let call = try run.open()
            for number in 1...50 as ClosedRange<UInt8> {
                run.send([number], on: call)
                await run.client.watch.until("answer \(number)") { call.data.count == 7 * Int(number) }
            }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == (1...50).flatMap { frame([$0, $0]) })
            #expect(call.value(of: "grpc-status", block: 1) == "0")
            #expect(run.tracer.summaries.map(\.receivedMessageBytes) == [50])
            #expect(run.tracer.summaries.map(\.sentMessageBytes) == [100])
            #expect(run.tracer.messages == [50, 50])
        }
    }

    @Test func aClientStreamingCallIsAnsweredOnce() async throws {
        try await withStreamServer(.collect) { _, stream throws(RPCError) in
            var sum: UInt8 = 0
            while let message = try await stream.receive() { sum += message[0] }
            try await stream.send(OutgoingMessage(copying: [sum].span))
        } check: { run in
            let call = try run.open()
            for number in 1...10 as ClosedRange<UInt8> { run.send([number], on: call) }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([55]))
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    @Test func anEmptyStreamIsAStream() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            #expect(try await stream.receive() == nil)
            #expect(try await stream.receive() == nil)
        } check: { run in
            let call = try run.open()
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    @Test(arguments: [0, 2]) func aHandlerThatAnswersNotExactlyOnceFails(count: Int) async throws {
        try await withStreamServer(.collect) { _, stream throws(RPCError) in
            for _ in 0..<count { try await stream.send(OutgoingMessage(copying: [1].span)) }
        } check: { run in
            let call = try run.open()
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: call.blocks.count - 1) == "13")
        }
    }

    /// The client keeps what the handler does not ask for, but for a window.
    @Test func aHandlerThatDoesNotReadHoldsTheClientUp() async throws {
        let sizes = (message: 50_000, count: 40)
        try await withStreamServer(.chat) { gate, stream throws(RPCError) in
            stream.sendHeaders()
            guard try await stream.receive() != nil else { return }
            try await stream.send(OutgoingMessage(copying: [1].span))
            await gate.pass()
            var count = 1
            while let message = try await stream.receive() {
                #expect(message.count == sizes.message)
                count += 1
            }
            #expect(count == sizes.count)
        } check: { run in
            let call = try run.open()
            for _ in 0..<sizes.count { run.send([UInt8](repeating: 1, count: sizes.message), on: call) }
            await run.client.watch.until("the first is taken") { !call.data.isEmpty }
            await run.gate.arrival()
            let pending = call.stream?.pendingBytes ?? 0
            // Two windows at most have left: the first message was waited for.
            #expect(pending >= sizes.count * sizes.message - 2 * 256 * 1024)
            run.gate.open()
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    /// A message may be longer than the window.
    @Test func aMessageLongerThanTheWindowArrives() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            while let message = try await stream.receive() {
                try await stream.send(OutgoingMessage(copying: [UInt8(truncatingIfNeeded: message.count >> 16)].span))
            }
        } check: { run in
            let call = try run.open()
            run.send([UInt8](repeating: 1, count: 3 << 20), on: call)
            run.send([], on: call)
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([48]) + frame([0]))
        }
    }

    /// What was not read is gone with the call: nothing of it is held, and the client is told to stop.
    @Test func aHandlerThatReturnsEarlyLeaksNothing() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageBufferBytes = 2 << 20
        try await withStreamServer(.chat, configuration) { _, stream throws(RPCError) in
            _ = try await stream.receive()
        } check: { run in
            // Each time nearly all of the connection's half MiB; were anything kept, the second would fail.
            for _ in 0..<20 {
                let call = try run.open()
                for _ in 0..<4 { run.send([UInt8](repeating: 1, count: 60_000), on: call) }
                await run.client.watch.until("the end") { call.isClosed }
                #expect(call.value(of: "grpc-status", block: 1) == "0")
                #expect(call.closings == [.noError])
            }
            #expect(run.tracer.finished.allSatisfy { $0.status == .ok })
            #expect(run.tracer.finished.count == 20)
        }
    }

    /// What was taken is not held: together the messages are twice what the connection may hold.
    @Test func roomIsGivenBackMessageByMessage() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageBufferBytes = 2 << 20
        try await withStreamServer(.chat, configuration) { _, stream throws(RPCError) in
            while try await stream.receive() != nil { try await stream.send(OutgoingMessage(copying: [1].span)) }
        } check: { run in
            let call = try run.open()
            for number in 1...20 {
                run.send([UInt8](repeating: 1, count: 60_000), on: call)
                await run.client.watch.until("answer \(number)") { call.data.count == 6 * number || call.isClosed }
            }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    /// A message of no bytes takes room, too, as long as nobody takes it.
    @Test func manySmallMessagesAreHeldToTheRoom() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageBufferBytes = 2 << 20
        try await withStreamServer(.chat, configuration) { gate, stream throws(RPCError) in
            await gate.pass()
            while try await stream.receive() != nil {}
        } check: { run in
            let call = try run.open()
            if let open = call.stream {
                run.client.session.send([UInt8](repeating: 0, count: 5 * 20_000), on: open)
                run.client.flush()
            }
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status") == "8")
            run.gate.open()
        }
    }

    /// A handler that minds neither that nor its window is held up by it.
    @Test func aHandlerMayGoOnAfterAMessageThatCannotBeExpanded() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            var counts = [0, 0]
            while true {
                do throws(RPCError) {
                    guard try await stream.receive() != nil else { break }
                    counts[0] += 1
                } catch {
                    #expect(error.code == .internal)
                    counts[1] += 1
                }
            }
            #expect(counts == [20, 20])
        } check: { run in
            let call = try run.open([("grpc-encoding", "gzip")])
            for _ in 0..<20 {
                run.send([UInt8](repeating: 1, count: 32_000), on: call)
                var bad = frame([UInt8](repeating: 1, count: 32_000))
                bad[0] = 1
                if let open = call.stream { run.client.session.send(bad, on: open) }
            }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: call.blocks.count - 1) == "0")
        }
    }

    /// Nor does what there was no room for count for the messages after it.
    @Test func aHandlerMayGoOnAfterAMessageForWhichThereIsNoRoom() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageBufferBytes = 2 << 20
        try await withStreamServer(.chat, configuration) { _, stream throws(RPCError) in
            do throws(RPCError) {
                _ = try await stream.receive()
                Issue.record("room for more than there is")
            } catch {
                #expect(error.code == .resourceExhausted)
            }
            while try await stream.receive() != nil { try await stream.send(OutgoingMessage(copying: [1].span)) }
        } check: { run in
            let call = try run.open([("grpc-encoding", "gzip")])
            var large = OutgoingMessage(copying: [UInt8](repeating: 0, count: 600_000).span)
            try large.seal(as: .gzip)
            if let open = call.stream { run.client.session.send(large.buffer, on: open) }
            for number in 1...5 {
                run.send([UInt8](repeating: 1, count: 60_000), on: call)
                await run.client.watch.until("answer \(number)") { call.data.count == 6 * number || call.isClosed }
            }
            run.end(call)
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status", block: 1) == "0")
        }
    }

    /// Nothing but a head, of a call that waits for its only message.
    @Test func aHeadAloneDoesNotHoldItsRoomForEver() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageTimeout = .milliseconds(40)
        try await withStreamServer(.one, configuration) { _, _ in
        } check: { run in
            let call = try run.open()
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status") == "4")
        }
    }

    @Test func aClientThatLeavesWakesTheReader() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            stream.sendHeaders()
            do throws(RPCError) {
                _ = try await stream.receive()
                Issue.record("a message")
            } catch {
                #expect(error.code == .cancelled)
                #expect(Task.isCancelled)
                throw error
            }
        } check: { run in
            let call = try run.open()
            await run.client.watch.until("the headers") { call.blocks.count == 1 }
            run.client.reset(call, .cancel)
            await run.tracer.finish(1)
            #expect(run.tracer.finished.map(\.status) == [.cancelled])
        }
    }

    @Test func aDeadlineWakesTheReader() async throws {
        try await withStreamServer(.chat) { _, stream throws(RPCError) in
            _ = try await stream.receive()
        } check: { run in
            let call = try run.open([("grpc-timeout", "20m")])
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.value(of: "grpc-status") == "4")
        }
    }

    /// Half a message, and then nothing: neither a handler that waits for it nor the room for messages is held for ever.
    @Test func aMessageThatStopsEndsTheCall() async throws {
        var configuration = RPCServer.Configuration()
        configuration.messageTimeout = .milliseconds(40)
        try await withStreamServer(.chat, configuration) { _, stream throws(RPCError) in
            while try await stream.receive() != nil { try await stream.send(OutgoingMessage(copying: [1].span)) }
        } check: { run in
            let idle = try run.open()
            run.send([1], on: idle)
            let stuck = try run.open()
            if let stream = stuck.stream { run.client.session.send([0, 0, 0, 0, 9, 1], on: stream) }
            run.client.flush()
            await run.client.watch.until("its end") { stuck.isClosed }
            #expect(stuck.value(of: "grpc-status") == "4")
            #expect(stuck.value(of: "grpc-message")?.hasPrefix("nothing was added to the request for") == true)
            // A stream between two messages may take its time.
            #expect(!idle.isClosed)
            run.end(idle)
            await run.client.watch.until("the end") { idle.isClosed }
            #expect(idle.data == frame([1]))
        }
    }

    // MARK: Draining

    /// A long stream ends by itself when its connection is to close, so that its client goes on elsewhere.
    @Test func aHandlerHearsThatItsConnectionDrains() async throws {
        var configuration = RPCServer.Configuration()
        configuration.lifecycle.maxAge = .seconds(1)  // enough for the call to begin, beside other work
        try await withStreamServer(.chat, configuration) { _, stream throws(RPCError) in
            #expect(!stream.context.isDraining)
            stream.sendHeaders()
            let draining = Completion<Void>()
            stream.context.onDraining { draining.complete(()) }
            await draining.wait()
            #expect(stream.context.isDraining)
            var isToldAtOnce = false
            stream.context.onDraining { isToldAtOnce = true }
            #expect(isToldAtOnce)
            try await stream.send(OutgoingMessage(copying: [1].span))
        } check: { run in
            let call = try run.open()
            await run.client.watch.until("the end") { call.isClosed }
            #expect(call.data == frame([1]))
            #expect(call.value(of: "grpc-status", block: 1) == "0")
            await run.client.watch.until("the connection's end") { run.client.isClosed }
        }
    }
}
