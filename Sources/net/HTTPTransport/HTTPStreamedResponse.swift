import Addresses
import Events
import HTTP
import System
import Timing

/// A connection that carries one request, and a response that is read piece by piece. Loop thread only.
final class HTTPStreamedResponse: ByteStreamDelegate {
    /// Then the socket is left alone until somebody has read them.
    static let mostBufferedBytes = 256 << 10

    private enum Phase {
        case connecting
        case open
        /// The whole response has come.
        case complete
        case failed(HTTPClientError.Problem)
    }

    private let request: HTTPClientRequest
    private let address: SocketAddress
    private let loop: EventLoop
    private var phase = Phase.connecting
    private var stream: (any ByteStream)?
    private var parser: HTTP1ResponseParser
    private var responseHead: HTTPResponseHead?
    private var body: [UInt8] = []
    /// Whoever waits is told of every change.
    private var change: Notice?
    private var patience = Duration.zero
    private lazy var timer = Timer(on: loop) { [weak self] in
        guard let self else { return }
        fail(.timedOut(patience))
    }

    init(_ request: HTTPClientRequest, to address: SocketAddress, on loop: EventLoop, limits: HTTP1Limits) {
        self.request = request
        self.address = address
        self.loop = loop
        parser = HTTP1ResponseParser(to: request.method, limits: limits)
    }

    func begin(by dialer: any Dialer) {
        do {
            stream = try dialer.dial(address, on: loop, delegate: self)
        } catch {
            fail(.notConnected(error.description))
        }
    }

    // MARK: The reader

    func head(within timeout: Duration) async throws(HTTPClientError) -> HTTPResponseHead {
        while true {
            if let responseHead { return responseHead }
            if let error { throw error }
            await waitForChange(within: timeout)
        }
    }

    func next(within timeout: Duration) async throws(HTTPClientError) -> [UInt8]? {
        while true {
            if !body.isEmpty {
                let piece = body
                body = []
                if stream?.isReading == false { stream?.isReading = true }
                return piece
            }
            if let error { throw error }
            if case .complete = phase { return nil }
            await waitForChange(within: timeout)
        }
    }

    private func waitForChange(within timeout: Duration) async {
        let change = Notice()
        self.change = change
        patience = timeout
        timer.schedule(after: timeout)
        let bound = LoopBound(self, on: loop)
        await withTaskCancellationHandler {
            await change.wait()
        } onCancel: { [loop] in
            loop.executeHereOrLater { bound.value.fail(.cancelled) }
        }
        timer.cancel()
    }

    private var error: HTTPClientError? {
        guard case .failed(let problem) = phase else { return nil }
        return HTTPClientError(request: name, address: address, problem: problem)
    }

    private var name: String { "\(request.method.name) \(request.target)" }

    func tooLarge(_ limit: Int) -> HTTPClientError {
        close()
        return HTTPClientError(
            request: name, address: address,
            problem: .malformedResponse("the body is too large; expected at most \(limit) bytes"))
    }

    func close() { fail(.cancelled) }

    private func fail(_ problem: HTTPClientError.Problem) {
        switch phase {
        case .connecting, .open: phase = .failed(problem)
        case .complete, .failed: break
        }
        end()
    }

    private func end() {
        timer.cancel()
        change?.give()
        change = nil
        stream?.close()
    }

    // MARK: The connection

    func streamConnected() {
        phase = .open
        var bytes: [UInt8] = []
        let isWritten = HTTP1RequestSerializer.append(
            method: request.method, target: request.target, host: request.host, fields: request.fields,
            body: request.body, keepAlive: false, to: &bytes)
        guard isWritten else { return fail(.malformedRequest) }
        stream?.write(bytes.span)
    }

    func streamReceived(_ bytes: Span<UInt8>) {
        guard case .open = phase else { return }
        parser.feed(bytes)
        do {
            while case .open = phase, let event = try parser.next() { note(event) }
        } catch {
            fail(.malformedResponse(error.message))
        }
        if body.count > HTTPStreamedResponse.mostBufferedBytes { stream?.isReading = false }
    }

    private func note(_ event: HTTP1Event<HTTPResponseHead>) {
        switch event {
        case .head(let head): responseHead = head
        case .body(let piece): body += piece
        case .end:
            phase = .complete
            end()
        }
        change?.give()
        change = nil
    }

    func streamReachedEnd() {
        guard case .open = phase else { return end() }
        do {
            if let event = try parser.inputClosed() { note(event) }
        } catch {
            fail(.disconnected(error.message))
        }
    }

    func streamClosed(_ error: SystemError?) {
        stream = nil
        let reason = error?.description ?? "closed"
        switch phase {
        case .connecting: fail(.notConnected(reason))
        case .open: fail(.disconnected(reason))
        case .complete, .failed: break
        }
    }
}
