package import Addresses
import Bytes
import CLinux
import Glibc
package import System
import Timing

/// A `ByteStream` over a socket, or over one end of a pipe.
@safe package final class SocketStream: ByteStream, ReadinessHandler {
    private enum Phase {
        case connecting(SocketAddress)
        case open
        /// Output is over once `pending` is sent; input is dropped.
        case finishing
        case closed
    }

    private static let lingerTime = Duration.seconds(1)
    /// Bytes of a file that one turn sends: a fast reader of a large file must not hold up the loop's other connections.
    private static let fileBytesPerTurn = 1 << 20

    package var delegate: (any ByteStreamDelegate)?
    /// What a peer that does not read may hold up the end, counted from the last bytes that it took.
    package var finishTime = Duration.seconds(10)
    package let peer: SocketAddress?
    package var agreement: StreamAgreement { .none }
    private let loop: EventLoop
    private let descriptor: Int32
    private var registration: Registration?
    private var phase: Phase
    private var interest: Readiness
    private var pending = ByteQueue()
    /// Follows `pending`.
    private var file: FileSlice?
    private var inputEnded = false
    private var writingEnds = false
    private var endTimer: Timer?

    /// Takes over an open descriptor, which must be non-blocking.
    package init(
        adopting descriptor: Int32, peer: SocketAddress?, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) {
        loop.preconditionCurrent()
        self.loop = loop
        self.descriptor = descriptor
        self.peer = peer
        self.delegate = delegate
        phase = .open
        interest = .readable
        try beginWatching()
    }

    /// Begins to connect; `streamConnected` or `streamClosed` tells the outcome. Throws what fails at once.
    package init(
        connectingTo address: SocketAddress, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) {
        loop.preconditionCurrent()
        self.loop = loop
        peer = address
        descriptor = try Socket.connect(to: address)
        self.delegate = delegate
        phase = .connecting(address)
        interest = .writable
        try beginWatching()
    }

    private func beginWatching() throws(SystemError) {
        do {
            registration = try loop.register(descriptor, for: interest, handler: self)
        } catch {
            Glibc.close(descriptor)
            phase = .closed
            throw error
        }
    }

    package var pendingBytes: Int { pending.count }

    /// nil once closed.
    package var localAddress: SocketAddress? {
        if case .closed = phase { nil } else { Socket.localAddress(descriptor) }
    }

    package var isReading = true {
        didSet { updateInterest() }
    }

    // MARK: Readiness

    package func descriptorReady(_ readiness: Readiness) {
        switch phase {
        case .connecting(let address):
            let code = Socket.takeError(descriptor)
            guard code == 0 else { return end(SystemError("connect to \(address)", code: code)) }
            phase = .open
            updateInterest()
            delegate?.streamConnected()
            if hasOutput { flush() }
        case .open, .finishing:
            if readiness.contains(.writable) || (hasOutput && !readiness.isDisjoint(with: .broken)) { flush() }
            if !readiness.isDisjoint(with: [.readable, .broken]) {
                readOnce(broken: !readiness.isDisjoint(with: .broken))
            }
        case .closed:
            return
        }
    }

    private func readOnce(broken: Bool) {
        if case .closed = phase { return }
        // While reading is paused, a connection that failed is closed without looking at what it still holds.
        guard !inputEnded, isReading || isFinishing else { return broken ? hungUp() : () }
        let count = retryingInterrupted {
            unsafe read(descriptor, loop.readBuffer.baseAddress, loop.readBuffer.count)
        }
        if count < 0 {
            if errno == EAGAIN { return }
            return end(SystemError.last("read"))
        }
        if count == 0 {
            inputEnded = true
            updateInterest()
            if !isFinishing {
                delegate?.streamReachedEnd()
            } else if !hasOutput {
                end(nil)
            }
            return
        }
        if isFinishing { return }
        let bytes = unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(rebasing: loop.readBuffer[..<count]))
        delegate?.streamReceived(bytes)
    }

    private var isFinishing: Bool {
        if case .finishing = phase { true } else { false }
    }

    /// Both directions are shut, or the connection has failed.
    private func hungUp() {
        let code = Socket.takeError(descriptor)
        guard code == 0, writingEnds, !hasOutput else { return end(endReason(code)) }
        // One direction we have shut ourselves, so nothing failed, and the peer's last bytes wait until reading goes on.
        // A hang-up is reported for as long as the descriptor is watched: it is not, until then.
        if let registration { loop.unregister(registration) }
        registration = nil
    }

    private func watchAgain() {
        guard case .open = phase, isReading, !inputEnded else { return }
        interest = .readable
        do throws(SystemError) {
            registration = try loop.register(descriptor, for: interest, handler: self)
        } catch {
            end(error)
        }
    }

    /// Why a broken connection ends. Both ends of a pipe or a unix socket are over when the peer closes: if nothing was
    /// under way, that is an orderly end.
    private func endReason(_ code: Int32) -> SystemError? {
        if code == 0 || code == ENOTSOCK { return inputEnded && !hasOutput ? nil : .connectionReset }
        return SystemError("read", code: code)
    }

    private func updateInterest() {
        guard let registration else { return watchAgain() }
        var wanted: Readiness = []
        switch phase {
        case .connecting: wanted = .writable
        case .open, .finishing:
            if !inputEnded, isReading || isFinishing { wanted.insert(.readable) }
            if hasOutput { wanted.insert(.writable) }
        case .closed: return
        }
        guard wanted != interest else { return }
        interest = wanted
        loop.modify(registration, to: wanted)
    }

    // MARK: Output

    package func write(_ bytes: Span<UInt8>) {
        switch phase {
        case .finishing, .closed: return
        case .connecting: return pending.append(bytes)
        case .open: break
        }
        guard !writingEnds, !bytes.isEmpty else { return }
        guard pending.isEmpty else { return pending.append(bytes) }
        let sent = send(bytes)
        guard sent < bytes.count else { return }
        pending.append(bytes.extracting(droppingFirst: sent))
        updateInterest()
    }

    /// What the kernel took; a failure counts as nothing taken, and the descriptor then reports itself broken.
    private func send(_ bytes: Span<UInt8>) -> Int {
        let count = unsafe bytes.withUnsafeBufferPointer { buffer in
            retryingInterrupted { unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count) }
        }
        return max(count, 0)
    }

    private var hasOutput: Bool { !pending.isEmpty || file != nil }

    package func send(_ file: FileSlice) -> Bool {
        switch phase {
        case .finishing, .closed: return false
        case .connecting, .open: break
        }
        guard !writingEnds else { return false }
        self.file = file
        if case .open = phase, pending.isEmpty, case .all = sendFile() { return true }
        // A failure shows again when the descriptor is ready: the delegate is not called from within its own call.
        updateInterest()
        return false
    }

    private enum FileProgress {
        case all
        case some
        case failed(SystemError)
    }

    private func sendFile() -> FileProgress {
        guard let file else { return .all }
        var budget = SocketStream.fileBytesPerTurn
        while file.count > 0, budget > 0 {
            let before = file.count
            switch file.send(to: descriptor, limit: budget) {
            case .progress: budget -= before - file.count
            case .wouldBlock: return .some
            case .truncated: return .failed(.truncatedFile)
            case .failed(let code): return .failed(SystemError("send a file", code: code))
            }
        }
        if file.count > 0 { return .some }
        self.file = nil
        return .all
    }

    private func sendPending() -> Int {
        // A property cannot lend its bytes for the time of a call without run-time exclusivity checks (decision 4).
        let queue = pending
        return send(queue.bytes)
    }

    private func flush() {
        while !pending.isEmpty {
            let sent = sendPending()
            if sent == 0 {
                if errno != EAGAIN { end(SystemError.last("write")) }
                return
            }
            pending.consume(sent)
            if isFinishing { limitFinishing() }
        }
        let before = file?.count
        switch sendFile() {
        case .all: break
        case .some: return isFinishing && file?.count != before ? limitFinishing() : ()
        case .failed(let error): return end(error)
        }
        updateInterest()
        if isFinishing { return endOutput() }
        if writingEnds { shutdown(descriptor, Int32(SHUT_WR)) }
        delegate?.streamDrained()
    }

    // MARK: Ending

    package func finish() {
        switch phase {
        case .open:
            phase = .finishing
            if inputEnded && !hasOutput { return end(nil) }
            updateInterest()
            if hasOutput { limitFinishing() } else { endOutput() }
        case .connecting: close()
        case .finishing, .closed: return
        }
    }

    package func endWriting() {
        guard case .open = phase, !writingEnds else { return }
        writingEnds = true
        if !hasOutput { shutdown(descriptor, Int32(SHUT_WR)) }
    }

    private func endOutput() {
        if inputEnded { return end(nil) }
        shutdown(descriptor, Int32(SHUT_WR))
        end(after: SocketStream.lingerTime)
    }

    private func limitFinishing() { end(after: finishTime) }

    private func end(after delay: Duration) {
        let timer = endTimer ?? Timer(on: loop) { [weak self] in self?.timeIsUp() }
        timer.schedule(after: delay)
        endTimer = timer
    }

    private func timeIsUp() {
        guard hasOutput else { return end(nil) }
        // Something is missing: an orderly end would hide that from the peer.
        Socket.setAbortOnClose(descriptor)
        end(SystemError("finish", code: ETIMEDOUT))
    }

    package func close() { end(nil) }

    package func abort() {
        if case .closed = phase { return }
        Socket.setAbortOnClose(descriptor)
        end(nil)
    }

    private func end(_ error: SystemError?) {
        if case .closed = phase { return }
        phase = .closed
        endTimer?.cancel()
        endTimer = nil
        if let registration { loop.unregister(registration) }
        registration = nil
        Glibc.close(descriptor)
        pending.removeAll()
        file = nil
        let delegate = delegate
        self.delegate = nil
        delegate?.streamClosed(error)
    }
}
