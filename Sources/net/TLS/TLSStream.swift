package import Addresses
import Bytes
package import Events
package import System
import Timing

/// TLS as a filter over another stream. Loop thread only.
package final class TLSStream: ByteStream, ByteStreamDelegate, TLSSessionHandler {
    private enum Phase {
        /// The stream below is.
        case connecting
        case shaking
        case open
        /// A fault is told to the peer by an alert; the delegate hears of it once the stream below has closed.
        case failing
        /// By this side.
        case closing
        case closed
    }

    /// Of a file, between two writes.
    private static let fileChunk = 64 * 1024
    /// Bytes of a file that one turn sends, as for a plain socket.
    private static let fileBytesPerTurn = 1 << 20
    /// Bytes of TLS's own answers (a peer may ask for new keys as often as it likes) that the peer leaves unread.
    private static let mostAnswers = 64 * 1024

    package var delegate: (any ByteStreamDelegate)?
    package let peer: SocketAddress?
    package var localAddress: SocketAddress? { below?.localAddress }
    package private(set) var agreement = StreamAgreement(isEncrypted: true, applicationProtocol: nil)
    private let loop: EventLoop
    private let role: TLSMaterial.Role
    private let session: TLSSession
    /// Hears of a handshake that failed, at once.
    private let failed: (TLSFault) -> Void
    /// Hears when TLS is established, and of what goes wrong before or after.
    private let noted: ((TLSReport) -> Void)?
    private var below: (any ByteStream)?
    private var phase: Phase
    /// Written before the session was established.
    private var early = ByteQueue()
    private var file: FileSlice?
    private var writingEnds = false
    private var isFinishing = false
    private var failure: SystemError?
    private var unreadAnswers = 0
    private var stepIsDue = false
    /// What the session owed has been sent.
    private var drainIsDue = false
    private let timeout: Duration
    private lazy var timer = Timer(on: loop) { [weak self] in self?.timeIsUp() }

    /// `make` makes the stream below, whose delegate is this one. A client's begins to connect, a server's is connected.
    init(
        _ session: TLSSession, as role: TLSMaterial.Role, with peer: SocketAddress?, timeout: Duration,
        on loop: EventLoop, delegate: any ByteStreamDelegate, failed: @escaping (TLSFault) -> Void = { _ in },
        noted: ((TLSReport) -> Void)? = nil,
        make: (any ByteStreamDelegate) throws(SystemError) -> any ByteStream
    ) throws(SystemError) {
        self.session = session
        self.role = role
        self.peer = peer
        self.timeout = timeout
        self.loop = loop
        self.delegate = delegate
        self.failed = failed
        self.noted = noted
        phase = role == .client ? .connecting : .shaking
        below = try make(self)
        if role == .server { timer.schedule(after: timeout) }
    }

    // MARK: From above

    package var pendingBytes: Int { early.count + session.owedBytes + (below?.pendingBytes ?? 0) }

    package var isReading = true {
        didSet {
            guard isReading != oldValue else { return }
            if isReading, phase == .open { stepLater() } else { limitInput() }
        }
    }

    package func write(_ bytes: Span<UInt8>) {
        guard !writingEnds, !isFinishing else { return }
        switch phase {
        case .connecting, .shaking: early.append(bytes)
        case .open:
            encrypt(bytes)
            sendOutput()
        case .failing, .closing, .closed: return
        }
    }

    package func send(_ file: FileSlice) -> Bool {
        guard !writingEnds, !isFinishing else { return false }
        switch phase {
        case .connecting, .shaking: self.file = file
        case .open:
            self.file = file
            // Read in a later turn if it fails: the delegate is not called from within its own call.
            if (try? sendFile()) != true { stepLater() }
            return self.file == nil && pendingBytes == 0
        case .failing, .closing, .closed: break
        }
        return false
    }

    package func endWriting() {
        guard !writingEnds else { return }
        writingEnds = true
        endOutputIfDone()
    }

    package func finish() {
        switch phase {
        case .connecting, .shaking: close()
        case .open:
            guard !isFinishing else { return }
            isFinishing = true
            endOutputIfDone()
            // The stream below has a limit of its own, once it has been told to finish.
            if phase == .open, file != nil || session.owedBytes > 0 { timer.schedule(after: timeout) }
        case .failing, .closing, .closed: return
        }
    }

    package func close() {
        switch phase {
        case .open where pendingBytes == 0:
            session.endOutput()
            sendOutput()
        case .connecting, .shaking, .open, .failing: break
        case .closing, .closed: return
        }
        phase = .closing
        if let below { below.close() } else { tellClosed(nil) }
    }

    package func abort() {
        switch phase {
        case .connecting, .shaking, .open, .failing: phase = .closing
        case .closing, .closed: return
        }
        if let below { below.abort() } else { tellClosed(nil) }
    }

    // MARK: Output

    private func encrypt(_ bytes: Span<UInt8>) {
        do {
            try session.write(bytes)
        } catch {
            failLater(error)
        }
        guard session.owedBytes > 0 else { return }
        // What it waits for may lie there already, or is read even while the delegate pauses.
        if session.hasInput { stepLater() }
        limitInput()
    }

    /// Gives the stream below what the session has to say.
    private func sendOutput() {
        guard !session.output.isEmpty else { return }
        below?.write(draining: &session.output)
    }

    /// Answers whether all of it has been given to the stream below.
    private func sendFile() throws(SystemError) -> Bool {
        var budget = TLSStream.fileBytesPerTurn
        while let file, file.count > 0 {
            // It tells when it has drained.
            guard pendingBytes == 0 else { return true }
            guard budget > 0 else { return false }
            let bytes = try file.read(limit: TLSStream.fileChunk)
            budget -= bytes.count
            if isFinishing { timer.schedule(after: timeout) }
            encrypt(bytes.span)
            sendOutput()
        }
        file = nil
        return true
    }

    private func endOutputIfDone() {
        guard phase == .open, file == nil, session.owedBytes == 0, writingEnds || isFinishing else { return }
        session.endOutput()
        sendOutput()
        guard isFinishing else {
            below?.endWriting()
            return
        }
        timer.cancel()
        below?.finish()
    }

    // MARK: Turns

    private func stepLater() {
        guard !stepIsDue else { return }
        stepIsDue = true
        let stream = LoopBound(self, on: loop)
        loop.execute { stream.value.step() }
    }

    /// What cannot be done from within the delegate's own call.
    private func step() {
        stepIsDue = false
        guard phase == .open else { return }
        if session.hasInput {
            deliver { (session) throws(TLSFault) in try session.resume(self) }
        }
        limitInput()
        if file != nil || drainIsDue { continueOutput() }
    }

    private func continueOutput() {
        guard phase == .open else { return }
        drainIsDue = false
        if file != nil {
            do {
                guard try sendFile() else { return stepLater() }
            } catch {
                return end(error)
            }
        }
        guard pendingBytes == 0, phase == .open else { return }
        endOutputIfDone()
        if !isFinishing { delegate?.streamDrained() }
    }

    private func limitInput() {
        let wants =
            switch phase {
            case .connecting, .shaking: true
            case .open: isReading && !session.hasInput || session.owedBytes > 0
            case .failing, .closing, .closed: true
            }
        if let below, below.isReading != wants { below.isReading = wants }
    }

    /// Runs the session and sends what it has to say.
    private func deliver(_ input: (TLSSession) throws(TLSFault) -> Void) {
        let owed = session.owedBytes
        do throws(TLSFault) {
            try input(session)
            // What the delegate has written meanwhile has been sent.
            unreadAnswers += session.output.count
            sendOutput()
            if below?.pendingBytes == 0 { unreadAnswers = 0 }
            if unreadAnswers > TLSStream.mostAnswers {
                throw TLSFault(.other, "the peer makes TLS answer, and reads no answers")
            }
            limitInput()
            if owed > 0, session.owedBytes == 0 {
                drainIsDue = true
                stepLater()
            }
        } catch {
            fail(error)
        }
    }

    // MARK: TLSSessionHandler

    package var wantsBytes: Bool { phase == .open && isReading && !isFinishing }

    package func sessionEstablished() {
        phase = .open
        timer.cancel()
        agreement.applicationProtocol = session.applicationProtocol
        agreement.cipherSuite = session.cipher
        noted?(TLSReport(session))
        let owesDrained = !early.isEmpty || file != nil
        let bytes = early
        early.removeAll()
        encrypt(bytes.bytes)
        sendOutput()
        if role == .client { delegate?.streamConnected() }
        if owesDrained || writingEnds { continueOutput() }
    }

    package func sessionReceived(_ bytes: Span<UInt8>) { delegate?.streamReceived(bytes) }

    package func sessionReachedEnd() { delegate?.streamReachedEnd() }

    // MARK: From below

    package func streamConnected() {
        guard phase == .connecting else { return }
        phase = .shaking
        timer.schedule(after: timeout)
        deliver { (session) throws(TLSFault) in try session.start() }
    }

    package func streamReceived(_ bytes: Span<UInt8>) {
        switch phase {
        case .shaking, .open: deliver { (session) throws(TLSFault) in try session.receive(bytes, self) }
        case .connecting, .failing, .closing, .closed: return
        }
    }

    package func streamReachedEnd() {
        switch phase {
        case .shaking:
            fail(TLSFault(.truncated, "the peer closes the connection before TLS is established; does it speak TLS?"))
        case .open where !session.hasEnded && !isFinishing:
            fail(TLSFault(.truncated, "the peer closes the connection without ending TLS; something may be missing"))
        case .connecting, .open, .failing, .closing, .closed: return
        }
    }

    package func streamDrained() {
        if phase == .open { continueOutput() }
    }

    package func streamClosed(_ error: SystemError?) {
        below = nil
        switch phase {
        case .shaking:
            let reason = error?.reason ?? "the peer closes the connection"
            let fault = TLSFault(.truncated, "\(reason) before TLS is established; does the peer speak TLS?")
            failed(fault)
            noted?(TLSReport(session, fault: fault))
            tellClosed(fault.systemError(with: peer, whileShaking: true))
        case .connecting, .open, .failing, .closing: tellClosed(error)
        case .closed: return
        }
    }

    // MARK: Ending

    private func timeIsUp() {
        if phase == .open, isFinishing {
            failure = SystemError("finish", code: SystemError.timedOut)
            return abort()
        }
        guard phase == .shaking else { return }
        let time = DurationText.format(timeout)
        fail(TLSFault(.timedOut, "TLS is not established within \(time); does the peer speak TLS?"))
    }

    private func failLater(_ fault: TLSFault) {
        let stream = LoopBound(self, on: loop)
        loop.execute { stream.value.fail(fault) }
    }

    private func fail(_ fault: TLSFault) {
        let wasShaking = phase == .shaking
        switch phase {
        case .shaking, .open: break
        case .connecting, .failing, .closing, .closed: return
        }
        if wasShaking { failed(fault) }
        noted?(TLSReport(session, fault: fault))
        failure = fault.systemError(with: peer, whileShaking: wasShaking)
        phase = .failing
        timer.cancel()
        guard !session.output.isEmpty else {
            below?.close()
            return
        }
        // An alert: the peer gets to read it, and until then the connection counts as one of those that a server bears.
        sendOutput()
        below?.finish()
    }

    private func end(_ error: SystemError) {
        failure = error
        phase = .failing
        below?.close()
    }

    private func tellClosed(_ error: SystemError?) {
        phase = .closed
        timer.cancel()
        below = nil
        early.removeAll()
        file = nil
        let delegate = delegate
        self.delegate = nil
        delegate?.streamClosed(failure ?? error)
    }
}
