import Addresses
import Events
import InteropAPI
import LoadBalancing
import RPCClient
import RPCCore
import Resolvers
import System

// interop-client CASE ADDRESS: status 0 and nothing, or 1 and what was wrong; 2 and why, if the case could not be looked
// at to its end.
nonisolated func run() -> Never {
    let words = Array(CommandLine.arguments.dropFirst())
    guard words.count == 2, let address = SocketAddress(words[1]) else {
        Program.Output.error.write("usage: interop-client CASE ADDRESS\n")
        Program.exit(64)
    }
    SignalSource.block([])
    do throws(SystemError) {
        let loop = try EventLoop()
        loop.execute { loop.startTask { end(await outcome(of: words[0], at: address, on: loop)) } }
        loop.run()
    } catch {
        Program.Output.error.write("interop-client: \(error)\n")
    }
    Program.exit(70)
}

nonisolated func end(_ outcome: Outcome) {
    switch outcome {
    case .passed: Program.exit(0)
    case .failed(let reason):
        Program.Output.error.write("\(reason)\n")
        Program.exit(1)
    case .notApplicable(let reason):
        Program.Output.error.write("\(reason)\n")
        Program.exit(2)
    }
}

enum Outcome {
    case passed
    case failed(String)
    case notApplicable(String)
}

nonisolated func outcome(of name: String, at address: SocketAddress, on loop: EventLoop) async -> Outcome {
    let peer = Peer(address, on: loop)
    defer { peer.channel.shutdown() }
    guard let run = Cases.all[name] else { return .failed("no case is named \(name)") }
    do throws(CaseError) {
        try await run(peer)
        return .passed
    } catch {
        switch error {
        case .failed(let reason): return .failed(reason)
        case .notApplicable(let reason): return .notApplicable(reason)
        }
    }
}

run()
