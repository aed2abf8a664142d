import LoadBalancing

/// A channel's subchannels by id, in the order in which they were made. A look-up is part of every call: ids only grow,
/// so that a few comparisons find one, where hashing would cost more.
struct SubchannelTable: Sequence {
    private var ids: [SubchannelID] = []
    /// At the places of their ids.
    private var subchannels: [Subchannel] = []

    subscript(id: SubchannelID) -> Subchannel? {
        let index = place(of: id)
        return index < ids.count && ids[index] == id ? subchannels[index] : nil
    }

    mutating func insert(_ subchannel: Subchannel) {
        let index = place(of: subchannel.id)
        ids.insert(subchannel.id, at: index)
        subchannels.insert(subchannel, at: index)
    }

    mutating func remove(_ id: SubchannelID) -> Subchannel? {
        let index = place(of: id)
        guard index < ids.count, ids[index] == id else { return nil }
        ids.remove(at: index)
        return subchannels.remove(at: index)
    }

    mutating func removeAll() {
        ids = []
        subchannels = []
    }

    func makeIterator() -> IndexingIterator<[Subchannel]> { subchannels.makeIterator() }

    /// The first one whose id is not less.
    private func place(of id: SubchannelID) -> Int {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
