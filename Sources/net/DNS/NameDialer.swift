package import Addresses
import Bytes
package import Events
import Glibc
package import System

/// Connects to hosts by name: each is looked up when it is dialled, as this system is set up for it (/etc/hosts,
/// resolv.conf), and its addresses are tried one after the other. All other addresses are the dialer's below.
package struct NameDialer: Dialer {
    private let below: any Dialer
    private let configuration: DNSConfiguration
    private let patience: Duration

    /// An address that says nothing for as long as `patience` is given up while there is another. Without that the next one's
    /// turn would never come: the kernel waits for two minutes, and whoever dials gives up sooner.
    package init(
        over below: any Dialer = PlainSockets(), configuration: DNSConfiguration = DNSConfiguration(),
        patience: Duration = .seconds(5)
    ) {
        self.below = below
        self.configuration = configuration
        self.patience = patience
    }

    package func dial(
        _ address: SocketAddress, on loop: EventLoop, delegate: any ByteStreamDelegate
    ) throws(SystemError) -> any ByteStream {
        guard case .host(let name, let port) = address else {
            return try below.dial(address, on: loop, delegate: delegate)
        }
        let stream = NamedStream(address, over: below, patience, on: loop, delegate: delegate)
        stream.lookUp(name, port, DNSClient(on: loop, configuration: configuration))
        return stream
    }
}

/// A stream to the first of a host's addresses that takes it. Loop thread only.
private final class NamedStream: ByteStream, ByteStreamDelegate {
    private enum Phase {
        case lookingUp
        case connecting
        case open
        /// By this side; the stream below may still have something to say.
        case closing
        case closed
    }

    var delegate: (any ByteStreamDelegate)?
    /// Of a connection, whom it has reached.
    var peer: SocketAddress? { stream?.peer ?? address }
    var localAddress: SocketAddress? { stream?.localAddress }
    private let loop: EventLoop
    private let dialer: any Dialer
    private let address: SocketAddress
    private var phase = Phase.lookingUp
    private var query: DNSQuery?
    /// Not tried yet.
    private var addresses: ArraySlice<SocketAddress> = []
    private var stream: (any ByteStream)?
    private let patience: Duration
    private var timer: Timer?
    /// Written before there was a connection.
    private var early = ByteQueue()

    init(
        _ address: SocketAddress, over dialer: any Dialer, _ patience: Duration, on loop: EventLoop,
        delegate: any ByteStreamDelegate
    ) {
        self.address = address
        self.patience = patience
        self.dialer = dialer
        self.loop = loop
        self.delegate = delegate
    }

    /// The query keeps this stream until it has been answered.
    func lookUp(_ name: String, _ port: UInt16, _ client: DNSClient) {
        query = client.lookUp(name) { result in
            // Of two answers the first: the other family's is late.
            self.query?.cancel()
            self.query = nil
            guard case .lookingUp = self.phase else { return }
            self.phase = .connecting
            switch result {
            case .success(let answer):
                self.addresses = answer.addresses.map { .ip($0, port: port) }[...]
                self.tryNext(nil)
            case .failure(let error):
                self.end(SystemError("connect to \(self.address)", code: EHOSTUNREACH, explanation: error.description))
            }
        }
    }

    private func tryNext(_ last: SystemError?) {
        var last = last
        while let next = addresses.popFirst() {
            do throws(SystemError) {
                let stream = try dialer.dial(next, on: loop, delegate: self)
                stream.isReading = isReading
                self.stream = stream
                waitForAnswer()
                return
            } catch {
                last = error
            }
        }
        // It names the address that was tried last, and belongs to a name.
        end(last.map { SystemError("connect to \(address)", code: $0.code, explanation: $0.description) })
    }

    private func waitForAnswer() {
        timer?.cancel()
        timer = nil
        if addresses.isEmpty { return }
        let timer = Timer(on: loop) { [weak self] in self?.giveUpThisOne() }
        timer.schedule(after: patience)
        self.timer = timer
    }

    private func giveUpThisOne() {
        guard case .connecting = phase, let silent = stream else { return }
        stream = nil
        silent.delegate = nil
        silent.abort()
        tryNext(SystemError("connect to \(address)", code: ETIMEDOUT))
    }

    // MARK: From above

    var agreement: StreamAgreement { stream?.agreement ?? .none }
    var pendingBytes: Int { early.count + (stream?.pendingBytes ?? 0) }
    var isReading = true {
        didSet { stream?.isReading = isReading }
    }

    func write(_ bytes: Span<UInt8>) {
        switch phase {
        case .lookingUp, .connecting: early.append(bytes)
        case .open: stream?.write(bytes)
        case .closing, .closed: return
        }
    }

    /// No client of a name sends files; one that did would have to wait for the connection.
    func send(_ file: FileSlice) -> Bool {
        if case .open = phase { stream?.send(file) ?? false } else { false }
    }

    func endWriting() {
        if case .open = phase { stream?.endWriting() }
    }

    func finish() {
        if case .open = phase { stream?.finish() } else { close() }
    }

    func close() { close { $0.close() } }
    func abort() { close { $0.abort() } }

    private func close(_ how: (any ByteStream) -> Void) {
        switch phase {
        case .closing, .closed: return
        case .lookingUp, .connecting, .open: phase = .closing
        }
        query?.cancel()
        query = nil
        if let stream { how(stream) } else { end(nil) }
    }

    private func end(_ error: SystemError?) {
        if case .closed = phase { return }
        phase = .closed
        timer?.cancel()
        timer = nil
        stream = nil
        early.removeAll()
        let delegate = delegate
        self.delegate = nil
        delegate?.streamClosed(error)
    }

    // MARK: From below

    func streamConnected() {
        guard case .connecting = phase, let stream else { return }
        phase = .open
        timer?.cancel()
        timer = nil
        let written = early
        early.removeAll()
        if !written.isEmpty { stream.write(written.bytes) }
        delegate?.streamConnected()
        // It may have stopped reading until this is gone; what the stream below could not send, that one tells of.
        if !written.isEmpty, case .open = phase, stream.pendingBytes == 0 { delegate?.streamDrained() }
    }

    func streamReceived(_ bytes: Span<UInt8>) { delegate?.streamReceived(bytes) }
    func streamReachedEnd() { delegate?.streamReachedEnd() }
    func streamDrained() { delegate?.streamDrained() }

    func streamClosed(_ error: SystemError?) {
        if case .connecting = phase, let error {
            stream = nil
            return tryNext(error)
        }
        end(error)
    }
}
