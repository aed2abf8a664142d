import Addresses
import Events
import HTTP
import HTTPTransport
import System
import TestSupport
import Testing

/// Runs `body` on an event loop of its own, and then expects that it left nothing behind there.
func onLoop(_ body: @escaping @Sendable (EventLoop) async throws -> Void) async throws {
    // As every program does first: else a write to a connection that the peer has closed would end the run.
    SignalSource.block([])
    let loop = try EventLoop.startThread(named: "test")
    defer { loop.stop() }
    try await Task(executorPreference: loop) { try await body(loop) }.value
    // A connection ends once its peer's end has been seen.
    var left = await loop.run { [loop.registrationCount, loop.timerCount] }
    for _ in 0..<60_000 where left != [0, 0] {
        try await Task(executorPreference: loop) { try await loop.sleep(for: .milliseconds(1)) }.value
        left = await loop.run { [loop.registrationCount, loop.timerCount] }
    }
    #expect(left == [0, 0], "descriptors and timers left on the loop")
}

let loopback = SocketAddress.ip(.v4(0x7F00_0001), port: 0)

/// A peer that sends any bytes and shows what comes back. Loop thread only.
final class RawPeer: ByteStreamDelegate {
    private var stream: (any ByteStream)?
    private(set) var received = ""
    private(set) var receivedBytes = 0
    /// Forgets all but the last bytes: for bodies of megabytes.
    var keepsTheEndOnly = false
    private(set) var isEnded = false
    private(set) var isClosed = false
    private(set) var closedWithError = false
    private var condition: () -> Bool = { true }
    private var waiting: CheckedContinuation<Void, Never>?

    private let loop: EventLoop

    init(to address: SocketAddress, on loop: EventLoop) throws {
        self.loop = loop
        stream = try TestStreams.peerDialer.dial(address, on: loop, delegate: self)
    }

    /// Waits for the connection and sends.
    func send(_ text: String) async {
        await wait { $0.isConnected || $0.isClosed }
        stream?.write(Array(text.utf8).span)
    }

    private var isConnected = false

    var isReading: Bool {
        get { stream?.isReading ?? false }
        set { stream?.isReading = newValue }
    }

    /// A condition that is not met in a minute is recorded, and the test goes on: else it would hang.
    func wait(until condition: @escaping (RawPeer) -> Bool) async {
        self.condition = { [unowned self] in condition(self) }
        if self.condition() { return }
        let watchdog = Timer(on: loop) { [weak self] in
            Issue.record("the peer waited in vain")
            self?.resume()
        }
        watchdog.schedule(after: .seconds(60))
        await withCheckedContinuation { waiting = $0 }
        watchdog.cancel()
    }

    /// Waits until what was received has `count` times `text` in it, or ends.
    func receive(_ text: String, count: Int = 1) async {
        await wait { $0.isEnded || $0.received.ranges(of: text).count >= count }
    }

    /// Everything that was received until the server ended its output.
    func receiveAll() async -> String {
        await wait(until: \.isEnded)
        return received
    }

    func finish() { stream?.finish() }
    /// Ends its output, and reads on.
    func endWriting() { stream?.endWriting() }
    func close() { stream?.close() }

    private func check() {
        if condition() { resume() }
    }

    private func resume() {
        waiting?.resume()
        waiting = nil
    }

    func streamConnected() {
        isConnected = true
        check()
    }

    func streamReceived(_ bytes: Span<UInt8>) {
        receivedBytes += bytes.count
        let last = keepsTheEndOnly ? bytes.extracting(last: 200) : bytes
        for index in last.indices { received.unicodeScalars.append(Unicode.Scalar(last[index])) }
        if keepsTheEndOnly { received = String(received.suffix(400)) }
        check()
    }

    func streamReachedEnd() {
        isEnded = true
        check()
        stream?.close()
    }

    func streamClosed(_ error: SystemError?) {
        isEnded = true
        isClosed = true
        closedWithError = error != nil
        stream = nil
        check()
    }
}

/// Something that a handler waits for and a test lets happen. Loop thread only.
final class Gate {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private(set) var arrivals = 0
    private var arrived: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func pass() async {
        arrivals += 1
        for waiter in arrived where waiter.count <= arrivals { waiter.continuation.resume() }
        arrived.removeAll { $0.count <= arrivals }
        if !isOpen { await withCheckedContinuation { waiting.append($0) } }
    }

    func open() {
        isOpen = true
        let continuations = waiting
        waiting = []
        for continuation in continuations { continuation.resume() }
    }

    func arrival(_ count: Int = 1) async {
        if arrivals < count { await withCheckedContinuation { arrived.append((count, $0)) } }
    }
}
