import Events
package import RPCTransport

/// What a server can be asked about itself (gRFC A14), from a task on any loop.
extension RPCServer {
    /// On all its loops together.
    package func calls() async -> CallFigures {
        await ask(CallFigures()) {
            $0.calls
        } combine: {
            $0.add($1)
        }
    }

    /// Connections with this number and greater ones: the first so many of them, ascending.
    package func sockets(from number: Int, most: Int) async -> [SocketName] {
        let all: [SocketName] = await ask([]) {
            $0.sockets(from: number, most: most)
        } combine: {
            $0 += $1
        }
        return Array(all.sorted { $0.number < $1.number }.prefix(most))
    }

    /// nil if there is no such connection, or no more.
    package func socket(_ number: Int) async -> SocketReport? {
        await ask(nil) {
            $0.socket(number)
        } combine: {
            $0 = $0 ?? $1
        }
    }

    private func ask<Answer: Sendable>(
        _ first: Answer, _ question: @escaping @Sendable (LoopServer) -> Answer,
        combine: (inout Answer, Answer) -> Void
    ) async -> Answer {
        var answer = first
        for member in members {
            let part = await member.loop.run { member.value.map(question) }
            if let part { combine(&answer, part) }
        }
        return answer
    }
}
