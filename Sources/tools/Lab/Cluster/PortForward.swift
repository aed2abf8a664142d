import Addresses
import Bytes
import Doctor
import Events
import HTTP
import HTTPTransport
import System
import Terminal
import Timing

/// One request to a port of a pod, by `kubectl port-forward`: it comes to the pod from within, past every NetworkPolicy.
/// Loop thread only.
struct PortForward {
    private static let patience = Duration.seconds(15)

    private let kubectl: Kubectl
    private let loop: EventLoop

    init(_ kubectl: Kubectl, on loop: EventLoop) {
        self.kubectl = kubectl
        self.loop = loop
    }

    /// The body of a 200.
    func send(_ method: HTTPMethod, _ path: String, to pod: String, port: UInt16) async throws(Failure)
        -> [UInt8]
    {
        let output = Lines(on: loop)
        let ended = Completion<ExitStatus>()
        let command = kubectl.command(
            ["port-forward", "pod/\(pod)", ":\(port)", "--address", "127.0.0.1"] + kubectl.place)
        let child: ChildProcess
        do {
            child = try ChildProcess(command, on: loop) { (descriptor) throws(SystemError) in
                try output.read(descriptor)
            } exited: {
                output.end()
                ended.complete($0)
            }
        } catch {
            throw Failure("kubectl cannot be started: \(error)")
        }
        let timer = Timer(on: loop) { child.signal(.kill) }
        timer.schedule(after: PortForward.patience)
        let answer = await ask(method, path, pod, output)
        timer.cancel()
        child.signal(.kill)
        _ = await ended.wait()
        return try answer.get()
    }

    private func ask(
        _ method: HTTPMethod, _ path: String, _ pod: String, _ output: Lines
    ) async -> Result<[UInt8], Failure> {
        guard let port = await output.port() else {
            return .failure(Failure("kubectl port-forward to \(pod): \(output.last)"))
        }
        do {
            let client = HTTPClient(on: loop)
            defer { client.closeIdleConnections() }
            let response = try await client.send(
                HTTPClientRequest(method, path, host: "127.0.0.1"), to: .ip(.v4(0x7f00_0001), port: port),
                timeout: .seconds(5))
            guard response.status == .ok else {
                return .failure(Failure("\(pod) answers \(path) with \(response.status)"))
            }
            return .success(response.body)
        } catch {
            return .failure(Failure("\(pod), \(path): \(error)"))
        }
    }

    /// `Forwarding from 127.0.0.1:40123 -> 9090`, or why not.
    private final class Lines: ByteStreamDelegate {
        private static let most = 4096
        private let loop: EventLoop
        private var text: [UInt8] = []
        private var stream: (any ByteStream)?
        private let found = Completion<UInt16?>()
        private var isFound = false

        init(on loop: EventLoop) { self.loop = loop }

        func read(_ descriptor: Int32) throws(SystemError) {
            stream = try SocketStream(adopting: descriptor, peer: nil, on: loop, delegate: self)
        }

        func port() async -> UInt16? { await found.wait() }

        var last: String {
            text.split(separator: 0x0A).last.map { String(decoding: $0, as: UTF8.self) } ?? "it said nothing"
        }

        func streamReceived(_ bytes: Span<UInt8>) {
            if text.count < Lines.most { text.append(contentsOf: bytes) }
            let mark = "Forwarding from 127.0.0.1:"
            let told = String(decoding: text, as: UTF8.self)
            guard let range = told.firstRange(of: mark),
                let end = told[range.upperBound...].firstIndex(where: { !$0.isNumber })
            else { return }
            complete(UInt16(told[range.upperBound..<end]))
        }

        func streamReachedEnd() { stream?.close() }
        func streamClosed(_ error: SystemError?) { complete(nil) }
        func end() { complete(nil) }

        private func complete(_ port: UInt16?) {
            guard !isFound else { return }
            isFound = true
            found.complete(port)
        }
    }
}
