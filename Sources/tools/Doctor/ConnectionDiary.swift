import Addresses
import Diagnosis
import HTTP2
import RPCClient
import RPCCore
import RPCTransport

/// Notes when servers end a channel's connections. Loop thread only.
final class ConnectionDiary: ClientTracer {
    private(set) var closings: [WatchObservation.Closing] = []
    /// All that a name has had meanwhile.
    private(set) var addresses: Set<SocketAddress> = []

    /// To which a connection was made, or could not be.
    private(set) var tried: Set<SocketAddress> = []

    /// Connections that took no more calls; the reason may become known later.
    private(set) var ends = 0

    func callBegan(_ method: MethodDescriptor, _ metadata: Metadata) -> (any ClientCallTracer)? { nil }

    func disconnected(_ error: DisconnectError) { ends += 1 }

    func channelEvent(_ event: ChannelEvent) {
        switch event.kind {
        case .goAway(let address, let goAway, let age, _):
            closings.append(
                .init(address, reason: goAway.explanation, age: age, isGraceful: goAway.code == .noError))
        case .connectionLost(let address, let reason, let age, _):
            closings.append(.init(address, reason: reason, age: age, isGraceful: false))
        case .addresses(_, let added, _): addresses.formUnion(added)
        case .connected(let address), .connectFailed(let address, _, _): tried.insert(address)
        case .lookupFailed, .connectionClosed, .state: return
        }
    }
}
