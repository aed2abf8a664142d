import Addresses
import Bytes
import Events
import System
import TLS
import TestSupport
import Testing
import Timing

/// Each test runs over sockets, and over streams that split, delay and half-close.
@Suite(.timeLimit(.minutes(5))) struct TLSStreamTests {
    /// Two ends of one connection. Loop thread only.
    private final class Pair {
        let client = StreamJournal()
        let server = StreamJournal()
        let clientStream: any ByteStream
        private(set) var serverStream: (any ByteStream)?
        let address: SocketAddress
        private let accepted = Journal<AcceptedConnection>()
        private let listener: Listener

        init(
            on loop: EventLoop, rough: Bool, client clientMaterial: TLSMaterial, server serverMaterial: TLSMaterial,
            timeout: Duration = .seconds(10),
            failed: @escaping @Sendable (TLSFault, SocketAddress?) -> Void = { _, _ in }
        ) async throws {
            let accepted = accepted
            listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
            address = listener.address
            let dialer = TLSDialer(
                try TLSCredentials(clientMaterial), serverName: "localhost",
                over: rough ? RoughSockets() : PlainSockets(), timeout: timeout)
            clientStream = try dialer.dial(address, on: loop, delegate: client)
            let acceptor = TLSAcceptor(
                try TLSCredentials(serverMaterial), over: rough ? RoughSockets() : PlainSockets(), timeout: timeout,
                failed: failed)
            serverStream = try acceptor.accept(await accepted.next(), on: loop, delegate: server)
            listener.close()
        }

        convenience init(on loop: EventLoop, rough: Bool) async throws {
            let certificates = try Certificates()
            try await self.init(
                on: loop, rough: rough, client: certificates.clientMaterial, server: certificates.serverMaterial)
        }

        /// Ends both and waits for it.
        func end() async {
            clientStream.close()
            serverStream?.close()
            while !client.isClosed { _ = await client.next() }
            while !server.isClosed { _ = await server.next() }
            #expect(SocketCensus.count(at: address) == 0, "a socket is still open")
        }
    }

    private static func pattern(_ count: Int) -> [UInt8] {
        var bytes = (0..<251).map { UInt8($0) }
        while bytes.count < count { bytes += bytes }
        return Array(bytes[..<count])
    }

    private static func closing(_ journal: StreamJournal) async -> SystemError? {
        while true {
            if case .closed(let error) = await journal.next() { return error }
        }
    }

    @Test(arguments: [false, true]) func bytesWrittenBeforeTheHandshakeArriveFirst(rough: Bool) async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop, rough: rough)
            pair.clientStream.write([1, 2].span)
            pair.serverStream?.write([8, 9].span)
            #expect(pair.clientStream.pendingBytes > 0)
            await pair.server.waitForBytes(2)
            await pair.client.waitForBytes(2)
            #expect(pair.server.received == [1, 2])
            #expect(pair.client.received == [8, 9])
            #expect(await pair.client.next() == .connected)
            #expect(await pair.client.next() == .drained)
            #expect(pair.clientStream.agreement.isEncrypted)
            #expect(pair.clientStream.peer == pair.address)
            await pair.end()
        }
    }

    @Test(arguments: [false, true]) func aReaderThatPausesHoldsTheWriterBackAndLosesNothing(rough: Bool) async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop, rough: rough)
            await pair.client.wait(for: .connected)
            let bytes = TLSStreamTests.pattern(rough ? 1 << 20 : 16 << 20)
            // So that TLS is established at the server, too.
            pair.clientStream.write(bytes.span.extracting(first: 1))
            await pair.server.waitForBytes(1)
            pair.serverStream?.isReading = false
            pair.clientStream.write(bytes.span.extracting(droppingFirst: 1))
            await loop.yieldTurns(50)
            #expect(pair.clientStream.pendingBytes > 0)
            #expect(pair.server.received.count == 1, "it has paused")
            pair.serverStream?.isReading = true
            await pair.server.waitForBytes(bytes.count)
            #expect(pair.server.received == bytes)
            await pair.client.wait(for: .drained)
            #expect(pair.clientStream.pendingBytes == 0)
            await pair.end()
        }
    }

    @Test(arguments: [false, true]) func aFinishDeliversAllAndEndsInOrder(rough: Bool) async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop, rough: rough)
            await pair.client.wait(for: .connected)
            let bytes = TLSStreamTests.pattern(1 << 20)
            pair.clientStream.write(bytes.span)
            pair.clientStream.finish()
            await pair.server.wait(for: .reachedEnd)
            #expect(pair.server.received == bytes)
            pair.serverStream?.finish()
            #expect(await TLSStreamTests.closing(pair.client) == nil)
            #expect(await TLSStreamTests.closing(pair.server) == nil)
        }
    }

    @Test(arguments: [false, true]) func afterEndWritingTheOtherDirectionGoesOn(rough: Bool) async throws {
        try await withLoop { loop in
            let pair = try await Pair(on: loop, rough: rough)
            pair.clientStream.write([1].span)
            pair.clientStream.endWriting()
            await pair.server.wait(for: .reachedEnd)
            #expect(pair.server.received == [1])
            pair.serverStream?.write([2, 3].span)
            await pair.client.waitForBytes(2)
            await pair.end()
        }
    }

    @Test(arguments: [false, true]) func aFileIsEncryptedToo(rough: Bool) async throws {
        let folder = TemporaryDirectory()
        defer { folder.remove() }
        let text = String(repeating: "0123456789abcdef", count: 200_000)
        folder.write(text, to: "file")
        let path = folder.path
        try await withLoop { loop in
            let pair = try await Pair(on: loop, rough: rough)
            await pair.client.wait(for: .connected)
            guard let file = try FileTree(path).open(["file"]) else {
                Issue.record("no file")
                return
            }
            let slice = FileSlice(file, offset: 0, count: text.utf8.count)
            if pair.clientStream.send(slice) == false { await pair.client.wait(for: .drained) }
            pair.clientStream.write([33].span)
            await pair.server.waitForBytes(text.utf8.count + 1)
            #expect(pair.server.received == Array(text.utf8) + [33])
            await pair.end()
        }
    }

    // MARK: Faults

    @Test(arguments: [false, true]) func aFaultNamesTheServerAndClosesBothEnds(rough: Bool) async throws {
        try await withLoop { loop in
            let certificates = try Certificates(names: ["other.example"])
            let told = LoopBound(Journal<TLSFault>(), on: loop)
            let pair = try await Pair(
                on: loop, rough: rough, client: certificates.clientMaterial, server: certificates.serverMaterial,
                failed: { fault, _ in told.value.note(fault) })
            #expect(
                await TLSStreamTests.closing(pair.client)?.description
                    == "TLS handshake with \(pair.address): the server's certificate is for other.example, not for localhost"
            )
            let error = await TLSStreamTests.closing(pair.server)
            #expect(
                error?.reason
                    == "the client refuses this server's certificate: it is not valid, or not for the name that was asked for"
            )
            #expect(await told.value.next().kind == .refused)
        }
    }

    @Test(arguments: [false, true]) func aMissingClientCertificateReachesTheClient(rough: Bool) async throws {
        try await withLoop { loop in
            let certificates = try Certificates()
            let pair = try await Pair(
                on: loop, rough: rough, client: certificates.clientMaterial, server: certificates.mutual.server)
            #expect(
                await TLSStreamTests.closing(pair.client)?.description
                    == "TLS with \(pair.address): the server asks for a client certificate, and this client shows none")
            _ = await TLSStreamTests.closing(pair.server)
        }
    }

    @Test func aPeerThatSaysNothingIsGivenUp() async throws {
        try await withLoop { loop in
            let accepted = Journal<AcceptedConnection>()
            let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
            let journal = StreamJournal()
            let dialer = TLSDialer(
                try TLSCredentials(try Certificates().clientMaterial), serverName: "localhost",
                timeout: .milliseconds(50))
            let stream = try dialer.dial(listener.address, on: loop, delegate: journal)
            let connection = await accepted.next()
            let error = await TLSStreamTests.closing(journal)
            #expect(error?.isTimedOut == true)
            #expect(error?.reason == "TLS is not established within 50ms; does the peer speak TLS?")
            #expect(stream.pendingBytes == 0)
            connection.discard()
            listener.close()
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "", "\u{16}\u{3}\u{3}"])
    func aPeerThatIsNoTLSServerIsToldAsSuch(answer: String) async throws {
        try await withLoop { loop in
            let accepted = Journal<AcceptedConnection>()
            let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
            let journal = StreamJournal()
            let dialer = TLSDialer(try TLSCredentials(try Certificates().clientMaterial), serverName: "localhost")
            let stream = try dialer.dial(listener.address, on: loop, delegate: journal)
            stream.write([1].span)
            let peer = StreamJournal()
            let other = try PlainSockets().accept(await accepted.next(), on: loop, delegate: peer)
            other.write(Array(answer.utf8).span)
            await peer.waitForBytes(1)
            other.finish()
            let error = await TLSStreamTests.closing(journal)
            let expected =
                answer.hasPrefix("HTTP")
                ? "the server speaks in clear text, not TLS: HTTP/1.1"
                : "the peer closes the connection before TLS is established; does it speak TLS?"
            #expect(error?.description == "TLS handshake with \(listener.address): \(expected)")
            _ = await TLSStreamTests.closing(peer)
            listener.close()
        }
    }

    /// Takes what is written and never gets rid of it.
    // Sendable: of one loop, like every stream; it only stands in for an acceptor.
    private final class StuckStream: ByteStream, StreamAcceptor, @unchecked Sendable {
        var delegate: (any ByteStreamDelegate)?
        let peer: SocketAddress? = nil
        let agreement = StreamAgreement.none
        var isReading = true
        var taken: [UInt8] = []
        var isClosed = false
        var pendingBytes: Int { taken.count }

        func accept(
            _ connection: AcceptedConnection, on loop: EventLoop, delegate: any ByteStreamDelegate
        ) throws(SystemError) -> any ByteStream {
            self.delegate = delegate
            return self
        }

        func write(_ bytes: Span<UInt8>) { taken.append(contentsOf: bytes) }
        func send(_ file: FileSlice) -> Bool { false }
        func endWriting() {}
        func finish() { close() }
        func abort() { close() }

        func close() {
            isClosed = true
            let delegate = delegate
            self.delegate = nil
            delegate?.streamClosed(nil)
        }
    }

    @Test func aPeerThatAsksForKeysAndReadsNothingIsCutOff() async throws {
        try await withLoop { loop in
            let certificates = try Certificates()
            let below = StuckStream()
            let journal = StreamJournal()
            let acceptor = TLSAcceptor(try TLSCredentials(certificates.serverMaterial), over: below)
            let stream = try acceptor.accept(
                AcceptedConnection(descriptor: -1, peer: nil), on: loop, delegate: journal)
            let client = try TLSSession(try TLSContext(certificates.clientMaterial), serverName: "localhost")
            try client.start()
            let above = below.delegate
            above?.streamReceived(client.output)
            client.output = []
            try client.receive(below.taken, SessionJournal())
            var requests = 0
            while !below.isClosed, requests < 20_000 {
                above?.streamReceived(client.output)
                client.output = []
                // With a byte of the application's: without, it would be cut off for the messages alone.
                try client.renewKeys()
                try client.write([1].span)
                requests += 1
            }
            #expect(
                await TLSStreamTests.closing(journal)?.reason == "the peer makes TLS answer, and reads no answers")
            #expect(below.taken.count < 80 * 1024)
            #expect(stream.pendingBytes == 0)
        }
    }

    @Test func aConnectionThatEndsWithoutTheEndOfTLSIsAnError() async throws {
        try await withLoop { loop in
            let certificates = try Certificates()
            let accepted = Journal<AcceptedConnection>()
            let listener = try Listener(on: freeLoopbackAddress(), loop: loop) { accepted.note($0) }
            let client = StreamJournal()
            let stream = try PlainSockets().dial(listener.address, on: loop, delegate: client)
            let server = StreamJournal()
            let acceptor = TLSAcceptor(try TLSCredentials(certificates.serverMaterial))
            let accepting = try acceptor.accept(await accepted.next(), on: loop, delegate: server)
            // By hand, so that nothing ends TLS.
            let session = try TLSSession(try TLSContext(certificates.clientMaterial), serverName: "localhost")
            let journal = SessionJournal()
            try session.start()
            stream.write(draining: &session.output)
            var taken = 0
            while !session.isEstablished {
                await client.waitForBytes(taken + 1)
                try session.receive(Array(client.received[taken...]).span, journal)
                taken = client.received.count
            }
            try session.write([7].span)
            stream.write(draining: &session.output)
            await server.waitForBytes(1)
            stream.close()
            let error = await TLSStreamTests.closing(server)
            #expect(error?.isConnectionReset == true)
            #expect(error?.reason == "the peer closes the connection without ending TLS; something may be missing")
            #expect(accepting.pendingBytes == 0)
            listener.close()
        }
    }
}

extension EventLoop {
    /// Lets this loop turn so many times.
    fileprivate func yieldTurns(_ count: Int) async {
        for _ in 0..<count {
            await withCheckedContinuation { continuation in execute { continuation.resume() } }
        }
    }
}
