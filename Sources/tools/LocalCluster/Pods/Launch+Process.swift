import Addresses
import HTTP
import HTTPTransport
import System
import Terminal

extension Launch {
    /// Puts the files that the process wants to find into the pod's directory.
    func prepare(in directory: String) throws(SystemError) {
        try FileSystem.createDirectory(directory)
        for name in directories { try FileSystem.createDirectory("\(directory)/\(name)") }
        for (name, text) in files { try FileSystem.write(Array(text.utf8), to: "\(directory)/\(name)") }
    }

    func command(in directory: String, _ finder: ProgramFinder) throws(Failure) -> ChildCommand {
        ChildCommand(
            executable: try finder.path(of: file), arguments: arguments,
            // What is not ours writes times of its zone, /etc/localtime's if it is told none.
            environment: environment.merging(["PATH": finder.searchPath.joined(separator: ":"), "TZ": "UTC0"]) { $1 },
            directory: directory)
    }
}

extension HTTPClient {
    private static let probeTimeout = Duration.seconds(1)

    /// Whether the answer is 200.
    func isAnswered(
        _ request: Launch.HTTPRequest, by address: IPAddress, within timeout: Duration = HTTPClient.probeTimeout
    ) async -> Bool {
        let response = try? await send(
            HTTPClientRequest(.get, request.path, host: "\(address)"), to: .ip(address, port: request.port),
            timeout: timeout)
        return response?.status == .ok
    }
}
