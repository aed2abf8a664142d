import Bytes
package import Events
package import JSON
package import System
package import Terminal
import Timing

/// A cluster's objects, as kubectl tells them: with its configuration and its rights.
package struct Kubectl {
    private static let kinds =
        "services,endpointslices.discovery.k8s.io,deployments.apps,pods,networkpolicies.networking.k8s.io"
    /// Longer than kubectl needs to give up a server by itself: it is told 20 s.
    private static let patience = Duration.seconds(40)
    private static let mostBytes = 256 << 20

    package let path: String
    private let context: String?
    private let namespace: String?

    /// `path` is the program's; nil for the context and the namespace that its configuration has.
    package init(at path: String, context: String? = nil, namespace: String?) {
        self.path = path
        self.context = context
        self.namespace = namespace
    }

    /// Which cluster, and what in it: stands after every command.
    package var place: [String] { (context.map { ["--context", $0] } ?? []) + (namespace.map { ["-n", $0] } ?? []) }

    /// What it prints. Throws its last line, if it ends with another status than 0. A terminal's Ctrl-C is not for it if
    /// `isShielded`: an order that has been given is to arrive.
    package func ask(
        _ arguments: [String], isShielded: Bool = false, on loop: EventLoop
    ) async throws(Failure) -> [UInt8] {
        var command = command(arguments + place)
        command.diesWithParent = !isShielded
        return try await run(command, on: loop)
    }

    /// It finds its configuration, and what lets it in, by the environment.
    package func command(_ arguments: [String]) -> ChildCommand {
        var command = ChildCommand(executable: path, arguments: arguments)
        for name in Program.environmentNames { command.environment[name] = Program.environment(name) }
        return command
    }

    /// The list, and the namespace that it is of.
    package func objects(on loop: EventLoop) async throws(Failure) -> (json: JSONValue, namespace: String) {
        let output = try await ask(["get", Kubectl.kinds, "-o", "json", "--request-timeout=20s"], on: loop)
        let json = try Kubectl.parse(output)
        let first = json["items"]?.array?.first?["metadata"]?["namespace"]?.string
        return (json, namespace ?? first ?? "default")
    }

    /// What kubectl warns of comes the same way, in lines of its own. However long it is, it was collected.
    package static func parse(_ output: [UInt8]) throws(Failure) -> JSONValue {
        var limits = JSONParser.Limits.defaults
        limits.bytes = output.count
        if let json = try? JSONParser.parse(output, limits: limits) { return json }
        guard let start = output.firstIndex(of: UInt8(ascii: "{")), let end = output.lastIndex(of: UInt8(ascii: "}")),
            start < end
        else { throw Failure("kubectl's answer is no JSON: \(text(output))") }
        do throws(JSONError) {
            return try JSONParser.parse(Array(output[start...end]), limits: limits)
        } catch {
            throw Failure("kubectl's answer is no JSON: \(error)")
        }
    }

    private func run(_ command: ChildCommand, on loop: EventLoop) async throws(Failure) -> [UInt8] {
        let end = Completion<ExitStatus>()
        let output = Output()
        let closed = Completion<Bool>()
        output.closed = { closed.complete(true) }
        let child: ChildProcess
        do {
            child = try ChildProcess(command, on: loop) { (descriptor) throws(SystemError) in
                try output.read(descriptor, on: loop)
            } exited: {
                end.complete($0)
            }
        } catch {
            throw Failure("kubectl cannot be started: \(error)")
        }
        let timer = Timer(on: loop) { child.signal(.kill) }
        timer.schedule(after: Kubectl.patience)
        let status = await end.wait()
        // What it has started may hold its output open.
        timer.cancel()
        let rest = Timer(on: loop) { closed.complete(false) }
        rest.schedule(after: .seconds(1))
        _ = await closed.wait()
        rest.cancel()
        guard !output.isTooLong else {
            throw Failure("kubectl's answer is longer than \(Kubectl.mostBytes >> 20) MiB, and was not read to its end")
        }
        guard status == .exited(0) else {
            throw Failure("kubectl \(command.arguments.first ?? ""): \(status): \(Kubectl.text(output.bytes))")
        }
        return output.bytes
    }

    /// The last line: before it kubectl tells each try.
    private static func text(_ bytes: [UInt8]) -> String {
        let last = bytes.split(separator: 0x0A).last ?? []
        var line: [UInt8] = []
        PrintableText.append(String(decoding: last.prefix(500), as: UTF8.self), to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    private final class Output: ByteStreamDelegate {
        private(set) var bytes: [UInt8] = []
        private(set) var isTooLong = false
        private var stream: (any ByteStream)?
        var closed: () -> Void = {}

        func read(_ descriptor: Int32, on loop: EventLoop) throws(SystemError) {
            stream = try SocketStream(adopting: descriptor, peer: nil, on: loop, delegate: self)
        }

        func streamReceived(_ bytes: Span<UInt8>) {
            guard !isTooLong, self.bytes.count + bytes.count <= Kubectl.mostBytes else {
                isTooLong = true
                self.bytes = []
                return
            }
            self.bytes.append(contentsOf: bytes)
        }

        func streamReachedEnd() { stream?.close() }
        func streamClosed(_ error: SystemError?) { closed() }
    }
}
