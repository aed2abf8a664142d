package import Addresses
import Bytes
package import Events
import Glibc
import Synchronization
package import System
import Timing

/// A filter that is as rough as a stream may be: what arrives is delivered later, in pieces of one byte or of many, an
/// end of input in a turn of its own; what is written leaves later and in pieces; a finish is a half-close first. Files
/// are copied. Loop thread only.
package final class RoughStream: ByteStream, ByteStreamDelegate {
    private enum Input {
        case bytes([UInt8])
        case end
        case closed(SystemError?)
    }

    private enum Phase {
        case open
        case finishing
        /// By this side; the delegate hears of it from within the call.
        case closing
        case closed
    }

    /// Bytes kept here beyond which the stream below is left unread, and there beyond which it is not written to.
    private static let most = 64 * 1024

    package var delegate: (any ByteStreamDelegate)?
    private let loop: EventLoop
    private var next: (any ByteStream)?
    package let peer: SocketAddress?
    package var localAddress: SocketAddress? { next?.localAddress }
    package let agreement: StreamAgreement
    private var random: SplitMix64
    private var phase = Phase.open
    private var isConnected: Bool
    private var owesConnected = false
    private var input: [Input] = []
    private var output: [UInt8] = []
    private var file: FileSlice?
    private var owesDrained = false
    private var writingEnds = false
    private var stepIsDue = false
    private var failure: SystemError?

    /// `make` makes the stream below, whose delegate is this one.
    package init(
        to peer: SocketAddress?, isConnected: Bool, agreement: StreamAgreement = .none, seed: UInt64,
        on loop: EventLoop, delegate: any ByteStreamDelegate,
        make: (any ByteStreamDelegate) throws(SystemError) -> any ByteStream
    ) throws(SystemError) {
        self.peer = peer
        self.isConnected = isConnected
        self.agreement = agreement
        self.loop = loop
        self.delegate = delegate
        random = SplitMix64(seed: seed)
        next = try make(self)
    }

    // MARK: From above

    package var pendingBytes: Int { output.count + (next?.pendingBytes ?? 0) }

    package var isReading = true {
        didSet {
            limitInput()
            stepLater()
        }
    }

    package func write(_ bytes: Span<UInt8>) {
        guard case .open = phase, !writingEnds, next != nil, !bytes.isEmpty else { return }
        output.append(contentsOf: bytes)
        owesDrained = true
        stepLater()
    }

    package func send(_ file: FileSlice) -> Bool {
        guard case .open = phase, !writingEnds, next != nil else { return false }
        self.file = file
        owesDrained = true
        stepLater()
        return false
    }

    package func endWriting() {
        guard case .open = phase else { return }
        writingEnds = true
        stepLater()
    }

    package func finish() {
        guard case .open = phase else { return }
        guard next != nil else { return close() }
        phase = .finishing
        writingEnds = true
        stepLater()
    }

    package func close() { end { $0.close() } }
    package func abort() { end { $0.abort() } }

    private func end(_ close: (any ByteStream) -> Void) {
        switch phase {
        case .open, .finishing: phase = .closing
        case .closing, .closed: return
        }
        if let next { close(next) } else { tellClosed(nil) }
    }

    private func tellClosed(_ error: SystemError?) {
        if case .closed = phase { return }
        phase = .closed
        next = nil
        input = []
        output = []
        file = nil
        let delegate = delegate
        self.delegate = nil
        delegate?.streamClosed(failure ?? error)
    }

    // MARK: From below

    package func streamConnected() {
        isConnected = true
        owesConnected = true
        stepLater()
    }

    package func streamReceived(_ bytes: Span<UInt8>) {
        guard case .open = phase else { return }
        var copy: [UInt8] = []
        copy.append(contentsOf: bytes)
        input.append(.bytes(copy))
        limitInput()
        stepLater()
    }

    package func streamReachedEnd() {
        input.append(.end)
        stepLater()
    }

    package func streamDrained() { stepLater() }

    package func streamClosed(_ error: SystemError?) {
        next = nil
        if case .closing = phase { return tellClosed(error) }
        input.append(.closed(error))
        stepLater()
    }

    private func limitInput() {
        let held = input.reduce(0) { if case .bytes(let bytes) = $1 { $0 + bytes.count } else { $0 } }
        next?.isReading = isReading && held < RoughStream.most
    }

    // MARK: Turns

    private func stepLater() {
        guard !stepIsDue else { return }
        stepIsDue = true
        let stream = LoopBound(self, on: loop)
        loop.execute { stream.value.step() }
    }

    private func step() {
        stepIsDue = false
        if case .closed = phase { return }
        if owesConnected {
            owesConnected = false
            delegate?.streamConnected()
            return stepLater()
        }
        if isConnected { stepOutput() }
        stepInput()
    }

    /// One byte, a few, or many.
    private func pieceLength() -> Int { 1 + Int(random.next() % [1, 16, 1024, 65536][Int(random.next() % 4)]) }

    private func stepOutput() {
        // It tells when it has drained.
        guard let next, next.pendingBytes < RoughStream.most else { return }
        if output.isEmpty, let file {
            if file.count == 0 {
                self.file = nil
            } else {
                do throws(SystemError) {
                    output = try file.read(limit: 64 * 1024)
                } catch {
                    failure = error
                    return close()
                }
            }
        }
        if !output.isEmpty {
            let count = min(pieceLength(), output.count)
            // A copy: an optimising compiler (6.3.1) refuses a part of a class's own span.
            let piece = Array(output.prefix(count))
            next.write(piece.span)
            output.removeFirst(count)
            return stepLater()
        }
        guard file == nil else { return stepLater() }
        if writingEnds {
            next.endWriting()
            if case .finishing = phase {
                // In a turn of its own: the peer sees the end of the output first.
                let stream = LoopBound(next, on: loop)
                loop.execute { stream.value.finish() }
            }
        }
        if owesDrained, next.pendingBytes == 0 {
            owesDrained = false
            if case .open = phase { delegate?.streamDrained() }
        }
    }

    private func stepInput() {
        if case .closed = phase { return }
        if case .closed(let error)? = input.last, !isReading || isFinishing { return tellClosed(error) }
        guard let first = input.first else { return }
        switch first {
        case .bytes(let bytes):
            guard !isFinishing else { return input = [] }
            guard isReading else { return }
            let count = min(pieceLength(), bytes.count)
            if count < bytes.count {
                input[0] = .bytes(Array(bytes[count...]))
            } else {
                input.removeFirst()
            }
            limitInput()
            delegate?.streamReceived(bytes.span.extracting(first: count))
        case .end:
            guard isReading || isFinishing else { return }
            input.removeFirst()
            if !isFinishing { delegate?.streamReachedEnd() }
        case .closed(let error):
            return tellClosed(error)
        }
        if !input.isEmpty { stepLater() }
    }

    private var isFinishing: Bool {
        if case .finishing = phase { true } else { false }
    }
}

/// Sockets with a `RoughStream` over each.
package struct RoughSockets: Dialer, StreamAcceptor {
    /// What the streams claim to have agreed upon.
    package var agreement = StreamAgreement.none

    package init() {}

    /// Another one for each stream, and the same in each run.
    private static let streams = Atomic<UInt64>(1)

    private var seed: UInt64 { RoughSockets.streams.add(1, ordering: .relaxed).newValue }

    package func dial(
        _ address: SocketAddress, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream {
        try RoughStream(
            to: address, isConnected: false, agreement: agreement, seed: seed, on: loop, delegate: delegate
        ) { below throws(SystemError) in
            try SocketStream(connectingTo: address, on: loop, delegate: below)
        }
    }

    package func accept(
        _ connection: AcceptedConnection, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream {
        try RoughStream(
            to: connection.peer, isConnected: true, agreement: agreement, seed: seed, on: loop, delegate: delegate
        ) { below throws(SystemError) in
            try SocketStream(
                adopting: connection.descriptor, peer: connection.peer, on: loop, delegate: below)
        }
    }
}
