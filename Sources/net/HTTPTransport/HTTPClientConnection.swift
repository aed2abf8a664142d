import Addresses
import Bytes
import Events
import HTTP
import System
import Timing

/// A client's connection: one request at a time. Loop thread only.
final class HTTPClientConnection: ByteStreamDelegate {
    typealias Completion = (Result<HTTPClientResponse, HTTPClientError>) -> Void

    /// The request that is under way.
    private struct Exchange {
        let name: String
        let timeout: Duration
        let completion: Completion
        var head: HTTPResponseHead?
        var body: [UInt8] = []
    }

    private enum Phase {
        /// No stream yet.
        case new
        case connecting
        case open
        case closed
    }

    let address: SocketAddress
    /// Is told when a response has ended and the server lets the connection live on.
    var becameIdle: (HTTPClientConnection) -> Void = { $0.close() }
    /// Whether the server has answered anything to the current request.
    private(set) var hasReceived = false

    private let loop: EventLoop
    private var phase = Phase.new
    private var stream: (any ByteStream)?
    private var parser: HTTP1ResponseParser
    private var exchange: Exchange?
    private var requestBytes: [UInt8] = []
    private var keepAlive = false
    private var number = 0
    private var isCancelled = false
    private var idleEnded: ((HTTPClientConnection) -> Void)?
    private lazy var timer = Timer(on: loop) { [weak self] in self?.timerFired() }

    init(to address: SocketAddress, by dialer: any Dialer, on loop: EventLoop, limits: HTTP1Limits) {
        self.address = address
        self.dialer = dialer
        self.loop = loop
        parser = HTTP1ResponseParser(to: .get, limits: limits)
        self.limits = limits
    }

    private let limits: HTTP1Limits
    private let dialer: any Dialer

    // MARK: Exchange

    /// Starts a new exchange; its number is for `cancel`.
    func prepare() -> Int {
        number += 1
        isCancelled = false
        return number
    }

    /// Calls `completion` exactly once, perhaps before it returns. `prepare` comes first.
    func begin(
        _ request: HTTPClientRequest, keepAlive: Bool, deadline: Instant, timeout: Duration,
        completion: @escaping Completion
    ) {
        let name = "\(request.method.name) \(request.target)"
        exchange = Exchange(name: name, timeout: timeout, completion: completion)
        self.keepAlive = keepAlive
        hasReceived = false
        if isCancelled { return fail(.cancelled) }
        requestBytes = []
        let isWritten = HTTP1RequestSerializer.append(
            method: request.method, target: request.target, host: request.host, fields: request.fields,
            body: request.body, keepAlive: keepAlive, to: &requestBytes)
        guard isWritten else { return fail(.malformedRequest) }
        timer.schedule(at: deadline)
        switch phase {
        case .new:
            parser = HTTP1ResponseParser(to: request.method, limits: limits)
            connect()
        case .open:
            parser.startNextResponse(to: request.method)
            sendRequest()
        case .closed: fail(.disconnected("the server closed it while it was idle"))
        case .connecting: break
        }
    }

    private func connect() {
        do {
            phase = .connecting
            stream = try dialer.dial(address, on: loop, delegate: self)
        } catch {
            phase = .closed
            fail(.notConnected(error.description))
        }
    }

    /// A cancellation that comes late must not hit the exchange of another task, hence the number. One that comes
    /// before `begin` makes that fail.
    func cancel(_ number: Int) {
        guard number == self.number else { return }
        isCancelled = true
        if exchange != nil { fail(.cancelled) }
    }

    private func timerFired() {
        if let exchange { fail(.timedOut(exchange.timeout)) } else { close() }
    }

    private func fail(_ problem: HTTPClientError.Problem) {
        guard let exchange else { return }
        self.exchange = nil
        timer.cancel()
        close()
        exchange.completion(.failure(HTTPClientError(request: exchange.name, address: address, problem: problem)))
    }

    private func succeed() {
        guard let exchange, let head = exchange.head else { return }
        self.exchange = nil
        timer.cancel()
        if keepAlive, parser.keepAlive, !parser.hasUnexpectedBytes, !isCancelled {
            becameIdle(self)
        } else {
            close()
        }
        exchange.completion(.success(HTTPClientResponse(head: head, body: exchange.body)))
    }

    private func note(_ event: HTTP1Event<HTTPResponseHead>) {
        switch event {
        case .head(let head): exchange?.head = head
        case .body(let piece): exchange?.body.append(contentsOf: piece)
        case .end: succeed()
        }
    }

    // MARK: Idle

    func enterIdle(for time: Duration, ended: @escaping (HTTPClientConnection) -> Void) {
        idleEnded = ended
        timer.schedule(after: time)
    }

    func leaveIdle() {
        idleEnded = nil
        timer.cancel()
    }

    func close() {
        phase = .closed
        stream?.close()
    }

    // MARK: Stream

    func streamConnected() {
        phase = .open
        sendRequest()
    }

    private func sendRequest() {
        let bytes = requestBytes
        requestBytes = []
        stream?.write(bytes.span)
    }

    func streamReceived(_ bytes: Span<UInt8>) {
        // An idle server has nothing to say; what it says, usually 408, is the prelude to its closing.
        guard exchange != nil else { return close() }
        hasReceived = true
        parser.feed(bytes)
        do {
            while exchange != nil, let event = try parser.next() { note(event) }
        } catch {
            fail(.malformedResponse(error.message))
        }
    }

    func streamReachedEnd() {
        guard exchange != nil else { return close() }
        do {
            if let event = try parser.inputClosed() { note(event) }
        } catch {
            fail(.disconnected(error.message))
        }
    }

    func streamClosed(_ error: SystemError?) {
        let wasConnecting: Bool
        switch phase {
        case .connecting: wasConnecting = true
        case .new, .open, .closed: wasConnecting = false
        }
        phase = .closed
        stream = nil
        timer.cancel()
        idleEnded?(self)
        idleEnded = nil
        let reason = error?.description ?? "closed"
        fail(wasConnecting ? .notConnected(reason) : .disconnected(reason))
    }
}
