import Events
import HTTP2
import LoadBalancing
import RPCClient
import RPCCore
import RPCTestSupport
import TestSupport
import Testing

/// Calls of many requests against a server of raw HTTP/2, which does what a good one does not.
@Suite(.timeLimit(.minutes(5))) struct CallTypeWireTests {
    private static let collect = CallTypeTests.collect
    private static let chat = CallTypeTests.chat
    private static let head = HeaderBlock([(":status", "200"), ("content-type", "application/grpc")])

    /// Runs `body` with a channel to a server that answers nothing by itself.
    private func withServer(
        _ configuration: ChannelConfiguration = .quick,
        _ body: @escaping @Sendable (EventLoop, RawServer, Channel) async throws -> Void
    ) async throws {
        try await withLoop { loop in
            let server = try RawServer(on: loop) { _ in }
            let channel = Channel.to([server.address], on: loop, configuration)
            try await body(loop, server, channel)
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            server.stop()
            await channel.end()
        }
    }

    private static func answer(_ record: StreamRecord, _ peer: RawPeer, _ messages: [[UInt8]], status: String = "0") {
        guard let stream = record.stream else { return }
        peer.session.respond(
            stream, head, body: messages.flatMap { frame($0) }, trailers: HeaderBlock([("grpc-status", status)]))
        peer.flush()
    }

    // MARK: Answers before the end of the request

    /// Many servers do not reset a stream whose answer is complete: the client has to, or it would be open for ever.
    @Test(arguments: [StatusCode.ok, .failedPrecondition])
    func anAnswerEndsTheCallWhateverIsStillToBeSent(status: StatusCode) async throws {
        try await withLoop { loop in
            let line = ByteRecord(on: loop)
            let listener = try Listener(on: .loopback, loop: loop) { try? line.adopt($0) }
            let channel = Channel.to([listener.address], on: loop)
            let stream = channel.stream(CallTypeWireTests.chat)
            try await stream.send(message([1, 2, 3, 4]))
            await line.watch.until("the preface") { !line.received.isEmpty }
            line.send([0, 0, 0, 4, 0, 0, 0, 0, 0])
            await line.watch.until("the message") { line.received.contains(frame([1, 2, 3, 4])) }
            // By RFC 7541: `:status: 200` is 8 in the table, `content-type` 31; the others are literals.
            let type = [UInt8("application/grpc".utf8.count)] + "application/grpc".utf8
            let fields = [0x88, 0x0f, 0x10] + type
            let code = [0, UInt8("grpc-status".utf8.count)] + "grpc-status".utf8 + [1] + "\(status.rawValue)".utf8
            line.send([0, 0, UInt8(fields.count), 1, 4, 0, 0, 0, 1] + fields)
            line.send([0, 0, 6, 0, 0, 0, 0, 0, 1] + frame([7]))
            line.send([0, 0, UInt8(code.count), 1, 5, 0, 0, 0, 1] + code)
            #expect(try await stream.receive() == [7])
            if status == .ok {
                #expect(try await stream.receive() == nil)
                let isWanted = try await stream.send(message([2]))
                #expect(!isWanted)
            } else {
                #expect(await stream.error()?.code == status)
            }
            // RST_STREAM with NO_ERROR.
            await line.watch.until("the reset") { line.received.contains([0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0]) }
            #expect(channel.snapshot.subchannels.map(\.inFlight) == [0])
            listener.close()
            line.close()
            await channel.end()
        }
    }

    @Test func anAnswerAndAResetWithoutAnError() async throws {
        try await withServer { loop, server, channel throws in
            let stream = channel.stream(CallTypeWireTests.collect)
            try await stream.send(message([1]))
            await poll("the request", on: loop) { server.requests.first?.data == frame([1]) }
            // As nghttp2's servers do.
            CallTypeWireTests.answer(server.requests[0], server.peers[0], [[7]])
            #expect(try await stream.receive() == [7])
            #expect(try await stream.receive() == nil)
        }
    }

    @Test func aResetIsTheSendersAffairToo() async throws {
        try await withServer { loop, server, channel throws in
            let stream = channel.stream(CallTypeWireTests.chat)
            try await stream.send(message([1]))
            await poll("the request", on: loop) { server.requests.first?.data == frame([1]) }
            server.peers[0].reset(server.requests[0], .internalError)
            #expect(await stream.error()?.code == .internal)
            let error = await #expect(throws: RPCError.self) { try await stream.send(message([2])) }
            #expect(error?.code == .internal)
        }
    }

    @Test(arguments: [0, 2]) func aClientStreamHasOneReply(count: Int) async throws {
        try await withServer { loop, server, channel throws in
            let stream = channel.stream(CallTypeWireTests.collect)
            stream.finishSending()
            await poll("the request", on: loop) { server.requests.first?.inputEnded == true }
            CallTypeWireTests.answer(
                server.requests[0], server.peers[0], Array(repeating: [7], count: count))
            do throws(RPCError) {
                while try await stream.receive() != nil {}
                Issue.record("no error")
            } catch {
                #expect(error.code == .unimplemented)
            }
        }
    }

    // MARK: Sent again

    @Test func aRefusedStreamIsSentAgainFromTheStart() async throws {
        try await withServer { loop, server, channel throws in
            let stream = channel.stream(CallTypeWireTests.chat)
            for byte in 1...3 as ClosedRange<UInt8> { try await stream.send(message([byte])) }
            let three = frame([1]) + frame([2]) + frame([3])
            await poll("the request", on: loop) { server.requests.first?.data == three }
            server.peers[0].reset(server.requests[0], .refusedStream)
            await poll("the request again", on: loop) {
                server.requests.count == 2 && server.requests.last?.data == three
            }
            try await stream.send(message([4]))
            stream.finishSending()
            await poll("the end", on: loop) { server.requests[1].inputEnded }
            #expect(server.requests[1].data == three + frame([4]))
            CallTypeWireTests.answer(server.requests[1], server.peers[0], [[9]])
            #expect(try await stream.receive() == [9])
            #expect(try await stream.receive() == nil)
        }
    }

    @Test func notOnceItsAnswerHasBegun() async throws {
        try await withServer { loop, server, channel throws in
            let stream = channel.stream(CallTypeWireTests.chat)
            try await stream.send(message([1]))
            await poll("the request", on: loop) { server.requests.first?.data == frame([1]) }
            if let open = server.requests[0].stream { server.peers[0].session.respond(open, CallTypeWireTests.head) }
            server.peers[0].flush()
            _ = try await stream.initialMetadata()
            server.peers[0].reset(server.requests[0], .refusedStream)
            #expect(await stream.error()?.code == .unavailable)
            #expect(server.requests.count == 1)
        }
    }

    @Test func notOnceItIsTooLongToBeKept() async throws {
        try await withServer { loop, server, channel throws in
            let stream = channel.stream(CallTypeWireTests.chat)
            let half = [UInt8](repeating: 1, count: RequestBuffer.limit / 2)
            for _ in 0..<3 { try await stream.send(message(half)) }
            await poll("the request", on: loop) { server.requests.first?.data.count == 3 * (half.count + 5) }
            server.peers[0].reset(server.requests[0], .refusedStream)
            #expect(await stream.error()?.code == .unavailable)
            #expect(server.requests.count == 1)
        }
    }

    @Test func aStreamThatNeverLeftGoesToTheNextConnection() async throws {
        try await withLoop { loop in
            var one = HTTP2Configuration.defaults
            one.maxConcurrentStreams = 1
            let server = try RawServer(on: loop, one) { _ in }
            let channel = Channel.to([server.address], on: loop)
            await poll("the connection", on: loop) { channel.snapshot.state == .ready }
            let first = channel.stream(CallTypeWireTests.chat)
            try await first.send(message([1]))
            await poll("the first", on: loop) { server.requests.count == 1 }
            let waiting = channel.stream(CallTypeWireTests.chat)
            try await waiting.send(message([2]))
            server.peers[0].close()
            #expect(await first.error()?.code == .unavailable)
            await poll("the second", on: loop) { server.peers.last?.record.streams.first?.data == frame([2]) }
            server.stop()
            await channel.end()
        }
    }

    @Test func aRetryPolicyIsObeyed() async throws {
        var configuration = ChannelConfiguration.quick
        let policy = RetryPolicy(
            maxAttempts: 3, initialBackoff: .milliseconds(1), maxBackoff: .milliseconds(5), backoffMultiplier: 2,
            retryableStatusCodes: [.unavailable])
        _ = configuration.serviceConfig.methods.add(MethodConfiguration(retryPolicy: policy), for: .all)
        try await withServer(configuration) { loop, server, channel throws in
            let call = channel.start()
            for number in 1...3 {
                await poll("attempt \(number)", on: loop) {
                    server.requests.count == number && server.requests.last?.inputEnded == true
                }
                guard let request = server.requests.last, let stream = request.stream else { return }
                let before = request.value(of: "grpc-previous-rpc-attempts")
                #expect(before == (number == 1 ? nil : String(number - 1)))
                if number == 3 {
                    server.peers[0].answer(request, [8])
                } else {
                    server.peers[0].session.respondAndEnd(
                        stream,
                        HeaderBlock([
                            (":status", "200"), ("content-type", "application/grpc"), ("grpc-status", "14"),
                        ]))
                    server.peers[0].flush()
                }
            }
            #expect(await call.value.reply == [8])
        }
    }

    // MARK: Flow control

    /// The peer's windows let 64 KiB go at first; what the caller may send beyond them is 4 KiB and the message that
    /// crosses them.
    @Test func aServerThatGivesNoWindowHoldsTheSenderUp() async throws {
        try await withLoop { loop in
            var small = HTTP2Configuration.defaults
            small.initialWindow = 64 * 1024
            let server = try RawServer(on: loop, small) { _ in }
            let channel = Channel.to([server.address], on: loop)
            await poll("the connection", on: loop) { channel.snapshot.state == .ready }
            let stream = LoopBound(channel.stream(CallTypeWireTests.chat), on: loop)
            await poll("the stream", on: loop) { server.requests.count == 1 }
            server.requests[0].stream?.holdsWindow = true
            let sent = Counter()
            let sender = loop.startTask {
                for _ in 0..<1000 {
                    _ = try? await stream.value.send(message([UInt8](repeating: 1, count: 1019)))
                    sent.add()
                }
                stream.value.finishSending()
            }
            // 4 KiB beyond the window wait here; without flow control all thousand were sent by now.
            await poll("the window", on: loop) { server.requests[0].data.count == 64 * 1024 && sent.value >= 68 }
            #expect(sent.value == 68)
            // And goes on as the server reads.
            for _ in 0..<1000 where !server.requests[0].inputEnded {
                if let open = server.requests[0].stream { server.peers[0].session.release(32 * 1024, of: open) }
                server.peers[0].flush()
                try await loop.sleep(for: .milliseconds(1))
            }
            await sender.value
            #expect(server.requests[0].data.count == 1000 * 1024)
            stream.value.cancel()
            server.stop()
            await channel.end()
        }
    }
}
