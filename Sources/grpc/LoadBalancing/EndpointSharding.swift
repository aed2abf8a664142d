import Addresses
package import RPCCore

/// What policies that spread calls over endpoints have in common: a `PickFirst` for each endpoint, which finds out at
/// which of its addresses the server is reached. (gRFC A61 calls such policies petiole policies; the name of this part
/// is grpc-go's.)
///
/// Every child is connected or connecting at all times: one whose connection is lost connects again at once. A child
/// that has failed counts as failed until it is READY again, so that the channel does not flap between failing and
/// queueing while it retries; that is `PickFirst`'s own way.
package struct EndpointSharding {
    private struct Child {
        let number: Number
        var endpoint: Endpoint
        var policy = ChildPolicy(PickFirst(watchesHealth: true))
    }

    /// Says which endpoint it is, for as long as it stays in the set, whatever becomes of its connections.
    ///
    /// `slot` is its place in an array that a parent may keep beside this part: small, and used again by another
    /// endpoint when this one has left. `serial` is never used again, but for every four billionth.
    package struct Number: Hashable, Sendable {
        package let slot: Int
        package let serial: UInt32

        /// What goes round with a call, for a parent that wants to hear of the end of it.
        package var tracked: TrackedCall { TrackedCall(slot << 32 | Int(serial)) }

        package init(slot: Int, serial: UInt32) {
            self.slot = slot
            self.serial = serial
        }

        package init(_ tracked: TrackedCall) {
            slot = tracked.rawValue >> 32
            serial = UInt32(truncatingIfNeeded: tracked.rawValue)
        }
    }

    /// What the children's states come to.
    package enum Condition: Hashable, Sendable {
        /// These endpoints can be called, there; in the order of the set, and never none.
        case ready([Member])
        case connecting
        case failing(RPCError)
    }

    package struct Member: Hashable, Sendable {
        package let number: Number
        package let endpoint: Endpoint
        package let subchannel: SubchannelID
    }

    private var children: [Child] = []
    /// Slots that have been in use, and are no more.
    private var freeSlots: [Int] = []
    private var slots = 0
    private var lastSerial: UInt32 = 0

    package init() {}

    package mutating func resolved(_ update: Resolution, _ channel: inout ChannelControlHelper) -> Acceptance {
        let wanted = Set(update.endpoints.map(\.identity))
        var kept: [Set<SocketAddress>: Child] = [:]
        for var child in children {
            let identity = child.endpoint.identity
            if wanted.contains(identity) {
                kept[identity] = child
            } else {
                child.policy.feed(&channel) { $0.shutdown(&$1) }
                freeSlots.append(child.number.slot)
            }
        }
        children = []
        var seen: Set<Set<SocketAddress>> = []
        // A second mention of the same endpoint is dropped.
        for endpoint in update.endpoints where seen.insert(endpoint.identity).inserted {
            var child = kept[endpoint.identity] ?? Child(number: nextNumber(), endpoint: endpoint)
            child.endpoint = endpoint
            var own = update
            own.endpoints = [endpoint]
            _ = child.policy.feed(&channel) { $0.resolved(own, &$1) }
            children.append(child)
        }
        return children.isEmpty ? .refused : .accepted
    }

    private mutating func nextNumber() -> Number {
        lastSerial &+= 1
        if let slot = freeSlots.popLast() { return Number(slot: slot, serial: lastSerial) }
        slots += 1
        return Number(slot: slots - 1, serial: lastSerial)
    }

    /// False if nothing has changed for the parent.
    package mutating func subchannel(
        _ id: SubchannelID, changedTo state: SubchannelState, _ channel: inout ChannelControlHelper
    ) -> Bool {
        changeOne(&channel) { $0.subchannel(id, changedTo: state, &$1) }
    }

    /// False if nothing has changed for the parent.
    package mutating func subchannel(
        _ id: SubchannelID, healthChangedTo health: SubchannelHealth, _ channel: inout ChannelControlHelper
    ) -> Bool {
        changeOne(&channel) { $0.subchannel(id, healthChangedTo: health, &$1) }
    }

    /// False if nothing has changed for the parent.
    package mutating func timerFired(_ timer: TimerID, _ channel: inout ChannelControlHelper) -> Bool {
        changeOne(&channel) { $0.timerFired(timer, &$1) }
    }

    package mutating func shutdown(_ channel: inout ChannelControlHelper) {
        for index in children.indices { children[index].policy.feed(&channel) { $0.shutdown(&$1) } }
        children = []
    }

    /// Offers an input to the children until one takes it.
    private mutating func changeOne(
        _ channel: inout ChannelControlHelper,
        _ input: (inout ChildPolicy<PickFirst>, inout ChannelControlHelper) -> Bool
    ) -> Bool {
        for index in children.indices {
            let updates = children[index].policy.updates
            guard input(&children[index].policy, &channel) else { continue }
            if children[index].policy.state == .idle { children[index].policy.feed(&channel) { $0.exitIdle(&$1) } }
            return children[index].policy.updates != updates
        }
        return false
    }

    package var isEmpty: Bool { children.isEmpty }

    /// How long an array with a place for each slot has to be.
    package var slotCount: Int { slots }

    package var condition: Condition {
        let ready = children.compactMap { child -> Member? in
            guard case .only(let subchannel) = child.policy.picker else { return nil }
            return Member(number: child.number, endpoint: child.endpoint, subchannel: subchannel)
        }
        if !ready.isEmpty { return .ready(ready) }
        if children.contains(where: { $0.policy.state != .transientFailure }) { return .connecting }
        guard let last = children.last else { return .failing(.noAddress) }
        return .failing(last.policy.policy.lastError.ofAll(children.flatMap(\.endpoint.addresses)))
    }
}

extension RPCError {
    /// What calls fail with after an empty set.
    static let noAddress = RPCError(.unavailable, "the name resolves to no address: there is no ready server")

    /// The error of the last attempt, when no attempt had success; of a single server's it is told as it is.
    func ofAll(_ addresses: [SocketAddress]) -> RPCError {
        if addresses.count == 1 { return self }
        let list = addresses.map(\.description).joined(separator: ", ")
        return RPCError(code, "no connection to any of \(list); last error: \(message)", metadata: metadata)
    }
}
