import LoadBalancing

/// A channel's subchannels by id, in the order in which they were made. A look-up is part of every call: ids only grow,
/// so that a few comparisons find one, where hashing would cost more; and a class, so that a look-up counts no
/// references to the arrays.
final class SubchannelTable: Sequence {
    private var ids: [Int] = []
    /// At the places of their ids.
    private var subchannels: [Subchannel] = []

    subscript(id: SubchannelID) -> Subchannel? {
        let index = place(of: id.rawValue)
        return index < ids.count && ids[index] == id.rawValue ? subchannels[index] : nil
    }

    func insert(_ subchannel: Subchannel) {
        let index = place(of: subchannel.id.rawValue)
        ids.insert(subchannel.id.rawValue, at: index)
        subchannels.insert(subchannel, at: index)
    }

    func remove(_ id: SubchannelID) -> Subchannel? {
        let index = place(of: id.rawValue)
        guard index < ids.count, ids[index] == id.rawValue else { return nil }
        ids.remove(at: index)
        return subchannels.remove(at: index)
    }

    func removeAll() {
        ids = []
        subchannels = []
    }

    func makeIterator() -> IndexingIterator<[Subchannel]> { subchannels.makeIterator() }

    /// The first one whose id is not less.
    private func place(of id: Int) -> Int {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
