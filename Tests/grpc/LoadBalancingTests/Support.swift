import Addresses
import LoadBalancing
import RPCCore
import Testing

/// 10.0.0.`number`:80.
func endpoint(_ number: UInt32) -> Endpoint { Endpoint(.ip(.v4(0x0a00_0000 + number), port: 80)) }

func id(_ number: Int) -> SubchannelID { SubchannelID(number) }

let refused = RPCError(.unavailable, "connection refused")

extension [PolicyCommand] {
    /// The last state and picker in the list.
    var lastUpdate: (state: ConnectivityState, picker: Picker)? {
        for command in reversed() {
            if case .update(let state, let picker) = command { return (state, picker) }
        }
        return nil
    }

    var created: [SubchannelID: Endpoint] {
        var created: [SubchannelID: Endpoint] = [:]
        for command in self {
            if case .create(let id, let endpoint) = command { created[id] = endpoint }
        }
        return created
    }

    var removed: [SubchannelID] {
        compactMap { if case .remove(let id) = $0 { id } else { nil } }
    }

    var connected: [SubchannelID] {
        compactMap { if case .connect(let id) = $0 { id } else { nil } }
    }
}

extension Picker {
    /// What `count` picks in a row choose.
    func picks(_ count: Int) -> [Pick] {
        var picker = self
        return (0..<count).map { _ in picker.pick() }
    }

    var failure: RPCError? {
        if case .fail(let error) = self { error } else { nil }
    }
}
