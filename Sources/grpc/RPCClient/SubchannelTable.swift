import LoadBalancing

/// A channel's subchannels by id, in the order in which they were made. A look-up is part of every call: ids only grow,
/// so that a few comparisons find one, where hashing would cost more.
struct SubchannelTable: Sequence {
    private var members: [(id: SubchannelID, subchannel: Subchannel)] = []

    subscript(id: SubchannelID) -> Subchannel? {
        let index = place(of: id)
        return index < members.count && members[index].id == id ? members[index].subchannel : nil
    }

    mutating func insert(_ subchannel: Subchannel) {
        members.insert((subchannel.id, subchannel), at: place(of: subchannel.id))
    }

    mutating func remove(_ id: SubchannelID) -> Subchannel? {
        let index = place(of: id)
        guard index < members.count, members[index].id == id else { return nil }
        return members.remove(at: index).subchannel
    }

    mutating func removeAll() { members = [] }

    func makeIterator() -> some IteratorProtocol<Subchannel> { members.lazy.map(\.subchannel).makeIterator() }

    /// The first one whose id is not less.
    private func place(of id: SubchannelID) -> Int {
        var low = 0
        var high = members.count
        while low < high {
            let middle = (low + high) / 2
            if members[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
