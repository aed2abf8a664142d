import Addresses
import Bytes
import Events
import System
import TLS
import TestSupport
import Testing
import Timing

/// How streams end when the peer does less than it should.
@Suite(.timeLimit(.minutes(5))) struct TLSStreamEndTests {
    /// Hands over what is written, at once or never.
    // Sendable: of one loop, like every stream; it only stands in for an acceptor and a dialer.
    private final class MemoryStream: ByteStream, StreamAcceptor, Dialer, @unchecked Sendable {
        var delegate: (any ByteStreamDelegate)?
        let peer: SocketAddress? = nil
        let agreement = StreamAgreement.none
        var isReading = true
        var taken: [UInt8] = []
        var isStuck = false
        var hasFinished = false
        var wasAborted = false
        var pendingBytes: Int { isStuck ? taken.count : 0 }

        func accept(
            _ connection: AcceptedConnection, on loop: EventLoop, delegate: any ByteStreamDelegate
        ) throws(SystemError) -> any ByteStream {
            self.delegate = delegate
            return self
        }

        func dial(
            _ address: SocketAddress, on loop: EventLoop, delegate: any ByteStreamDelegate
        ) throws(SystemError) -> any ByteStream {
            self.delegate = delegate
            return self
        }

        func write(_ bytes: Span<UInt8>) { taken.append(contentsOf: bytes) }
        func send(_ file: FileSlice) -> Bool { false }
        func endWriting() {}

        func finish() {
            hasFinished = true
            close()
        }

        func abort() {
            wasAborted = true
            close()
        }

        func close() {
            let delegate = delegate
            self.delegate = nil
            delegate?.streamClosed(nil)
        }
    }

    private static func closing(_ journal: StreamJournal) async -> SystemError? {
        while true {
            if case .closed(let error) = await journal.next() { return error }
        }
    }

    private static let noConnection = AcceptedConnection(descriptor: -1, peer: nil)

    @Test(arguments: [false, true]) func aFinishWaitsForWhatCouldNotBeEncrypted(paused: Bool) async throws {
        try await withLoop { loop in
            let certificates = try Certificates()
            let server = try TicketServer(certificates.server)
            let below = MemoryStream()
            let journal = StreamJournal()
            let dialer = TLSDialer(
                try TLSCredentials(certificates.clientMaterial), serverName: "localhost", over: below)
            let stream = try dialer.dial(.ip(.v4(0x7f00_0001), port: 1), on: loop, delegate: journal)
            below.delegate?.streamConnected()
            let answer = server.exchange(&below.taken)
            below.delegate?.streamReceived(answer.span)
            let records = TicketServer.records(server.exchange(&below.taken))
            let first = records[0]
            below.delegate?.streamReceived(first.span)
            if paused { stream.isReading = false }
            stream.write([1, 2].span)
            #expect(stream.pendingBytes == 2)
            #expect(below.isReading, "what it waits for must be read")
            stream.finish()
            #expect(!below.hasFinished)
            for record in records.dropFirst() { below.delegate?.streamReceived(record.span) }
            #expect(await TLSStreamEndTests.closing(journal) == nil)
            #expect(below.hasFinished)
            _ = server.exchange(&below.taken)
            #expect(server.received == [1, 2])
            #expect(server.hasEnded)
        }
    }

    @Test func aFinishBehindAFileThatNobodyReadsComesToAnEnd() async throws {
        let folder = TemporaryDirectory()
        defer { folder.remove() }
        folder.write("file", to: "file")
        let path = folder.path
        try await withLoop { loop in
            let certificates = try Certificates()
            let below = MemoryStream()
            let journal = StreamJournal()
            let acceptor = TLSAcceptor(
                try TLSCredentials(certificates.serverMaterial), over: below, timeout: .seconds(2))
            let stream = try acceptor.accept(TLSStreamEndTests.noConnection, on: loop, delegate: journal)
            let client = try TLSSession(try TLSContext(certificates.clientMaterial), serverName: "localhost")
            try client.start()
            below.delegate?.streamReceived(client.output)
            client.output = []
            try client.receive(below.taken, SessionJournal())
            below.isStuck = true
            below.delegate?.streamReceived(client.output)
            guard let file = try FileTree(path).open(["file"]) else {
                Issue.record("no file")
                return
            }
            #expect(stream.send(FileSlice(file, offset: 0, count: 4)) == false)
            stream.finish()
            #expect(await TLSStreamEndTests.closing(journal)?.isTimedOut == true)
            #expect(below.wasAborted)
        }
    }

    @Test func aClientThatHangsUpInTheHandshakeIsTold() async throws {
        try await withLoop { loop in
            let told = LoopBound(Journal<TLSFault>(), on: loop)
            let below = MemoryStream()
            let acceptor = TLSAcceptor(
                try TLSCredentials(try Certificates().serverMaterial), over: below,
                failed: { fault, _ in told.value.note(fault) })
            let journal = StreamJournal()
            let stream = try acceptor.accept(TLSStreamEndTests.noConnection, on: loop, delegate: journal)
            below.close()
            #expect(
                await told.value.next()
                    == TLSFault(
                        .truncated,
                        "the peer closes the connection before TLS is established; does the peer speak TLS?"))
            #expect(stream.pendingBytes == 0)
        }
    }

    @Test func aClientThatSaysNothingIsGivenUpAndTold() async throws {
        try await withLoop { loop in
            let told = LoopBound(Journal<TLSFault>(), on: loop)
            let below = MemoryStream()
            let acceptor = TLSAcceptor(
                try TLSCredentials(try Certificates().serverMaterial), over: below, timeout: .milliseconds(50),
                failed: { fault, _ in told.value.note(fault) })
            let journal = StreamJournal()
            let stream = try acceptor.accept(TLSStreamEndTests.noConnection, on: loop, delegate: journal)
            #expect(await told.value.next().kind == .timedOut)
            #expect(await TLSStreamEndTests.closing(journal)?.isTimedOut == true)
            #expect(stream.pendingBytes == 0)
        }
    }
}
