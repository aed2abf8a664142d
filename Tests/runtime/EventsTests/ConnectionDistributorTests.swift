import Addresses
import Events
import System
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionDistributorTests {
    private struct Arrival {
        let connection: AcceptedConnection
        let place: Int
    }

    /// A distributor, what it hands out, and what it warns of.
    private func distributor(
        on loop: EventLoop, places: Int, limit: Int
    ) throws -> (ConnectionDistributor, Journal<Arrival>, Journal<String>) {
        let arrivals = Journal<Arrival>()
        let warnings = Journal<String>()
        let distributor = try ConnectionDistributor(
            on: freeLoopbackAddress(), loop: loop, places: places, limit: limit, warned: { warnings.note($0) }
        ) {
            arrivals.note(Arrival(connection: $0, place: $1))
        }
        return (distributor, arrivals, warnings)
    }

    @Test func eachGoesWhereTheFewestAre() async throws {
        try await withLoop { loop in
            let (distributor, arrivals, _) = try self.distributor(on: loop, places: 3, limit: 100)
            var clients: [SocketStream] = []
            var places: [Int] = []
            for number in 0..<7 {
                // The second place has lost all it had.
                if number == 6 { for _ in 0..<2 { distributor.connectionEnded(at: 1) } }
                clients.append(
                    try SocketStream(connectingTo: distributor.address, on: loop, delegate: StreamJournal()))
                let arrival = await arrivals.next()
                places.append(arrival.place)
                arrival.connection.discard()
            }
            #expect(places == [0, 1, 2, 0, 1, 2, 1])
            #expect(distributor.connectionCount == 5)
            for client in clients { client.close() }
            distributor.close()
        }
    }

    @Test func atTheLimitConnectionsWaitAndSomebodyIsWarned() async throws {
        try await withLoop { loop in
            let (distributor, arrivals, warnings) = try self.distributor(on: loop, places: 1, limit: 2)
            let clients = try (0..<3).map { _ in
                try SocketStream(connectingTo: distributor.address, on: loop, delegate: StreamJournal())
            }
            for _ in 0..<2 { await arrivals.next().connection.discard() }
            #expect(await warnings.next() == "all 2 connections are in use; new ones wait to be accepted")
            #expect(arrivals.isEmpty)
            distributor.connectionEnded(at: 0)
            await arrivals.next().connection.discard()
            // Once a second is enough.
            #expect(warnings.isEmpty)
            for client in clients { client.close() }
            distributor.close()
        }
    }
}
