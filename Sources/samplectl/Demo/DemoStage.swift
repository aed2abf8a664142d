import Addresses
import DNS
import Events
import Timing

/// What the chapters of the demo play on: it starts and stops systems of the demo's own, and speaks to the audience.
struct DemoStage {
    let instance: Instance
    let port: UInt16
    let loop: EventLoop
    let paint: Paint

    func say(_ text: String = "") { Program.Output.standard.write(text + "\n") }

    /// Starts a system, and hands it to `body` with a client at its entry; stops it afterwards, whatever happened.
    func withSystem<Result>(
        _ options: UpOptions, _ body: (StatusReport, EntryClient) async throws -> Result
    ) async throws -> Result {
        var options = options
        options.port = port
        // Nobody is there whom a pod that is being stopped could still serve.
        options.shutdownDelay = .zero
        let report = try await Launcher(instance: instance, options: options, loop: loop, isAttached: true).start()
        let client = EntryClient(port: port, on: loop)
        do {
            let result = try await body(report, client)
            client.close()
            try await stop()
            return result
        } catch {
            client.close()
            _ = try? await stop()
            throw error
        }
    }

    func stop() async throws {
        try await Stopper(instance: instance, loop: loop).stop()
    }

    /// Waits until the gateway's channel has this many READY connections.
    func waitForConnections(_ count: Int, _ client: EntryClient) async throws {
        let limit = Duration.seconds(15)
        let deadline = MonotonicClock.now + limit
        var last: ChannelReport?
        while MonotonicClock.now < deadline {
            if let report = try? await client.channel() {
                if report.ready.count == count { return }
                // A channel that nobody has used yet does not connect.
                if report.state == "IDLE" { _ = try? await client.sample() }
                last = report
            }
            try await loop.sleep(for: .milliseconds(50))
        }
        let seen =
            last.map { "\($0.ready.count)" + ($0.lastError.map { " (\($0))" } ?? "") } ?? "no answer from /go/channel"
        throw Failure(
            "the gateway has not got \(count) READY connections within \(DurationText.format(limit)): \(seen)")
    }

    /// The addresses behind a Service's name, as the gateway's resolver gets them.
    func addresses(of service: Service, _ report: StatusReport) async throws -> [IPAddress] {
        guard let server = SocketAddress(report.dns) else { throw Failure("\(report.dns) is not an address") }
        let client = DNSClient(on: loop, configuration: DNSConfiguration(server: server))
        return try await client.addresses(of: service.hostName + ".").addresses.sorted { "\($0)" < "\($1)" }
    }
}
