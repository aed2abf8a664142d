package import Addresses

/// The EndpointSlices of the fake API server, as Kubernetes' endpointslice controller and etcd would keep them: a Service's
/// pods in slices of at most a hundred, a version that counts every change of any of them, and a memory of the last
/// changes, from which watches go on. A pure value.
package struct EndpointSliceStore: Sendable {
    /// Kubernetes' default, `--max-endpoints-per-slice`.
    package static let endpointsPerSlice = 100
    /// Changes that are remembered; whoever asks for older ones is told that they are gone (410).
    package static let rememberedChanges = 1_000

    package struct Pod: Equatable, Sendable {
        package var name: String
        package var address: IPAddress
        package var isReady: Bool
        package var isTerminating: Bool

        package init(name: String, address: IPAddress, isReady: Bool, isTerminating: Bool) {
            self.name = name
            self.address = address
            self.isReady = isReady
            self.isTerminating = isTerminating
        }
    }

    package struct Slice: Equatable, Sendable {
        package let name: String
        package let service: Service
        package let created: String
        package var version: Int
        /// Counts the changes of this one.
        package var generation: Int
        package var pods: [Pod]
    }

    package struct Change: Equatable, Sendable {
        /// As a watch says it.
        package enum Kind: String, Sendable {
            case added = "ADDED"
            case modified = "MODIFIED"
            case deleted = "DELETED"
        }

        package let kind: Kind
        /// As it is now, or was last.
        package let slice: Slice
        package var version: Int { slice.version }
    }

    /// Sorted by name, as a list is.
    package private(set) var slices: [Slice] = []
    /// etcd's revision: of the last change of anything.
    package private(set) var version: Int
    private var changes: [Change] = []
    /// The last change that is no longer remembered, or the start.
    package private(set) var forgotten: Int

    /// A cluster does not begin at 0, which means something else to whoever asks.
    package init(version: Int = 1) {
        self.version = version
        forgotten = version
    }

    /// Tells who the Service's pods are. `now` as the API writes times; `suffix` makes the end of a new slice's name.
    package mutating func update(_ service: Service, _ pods: [Pod], now: String, suffix: () -> String) {
        var rest = pods
        var kept: [Slice] = []
        for var slice in slices where slice.service == service {
            // Each pod stays in its slice, so that a change of one touches one.
            slice.pods = slice.pods.compactMap { old in
                guard let index = rest.firstIndex(where: { $0.name == old.name }) else { return nil }
                return rest.remove(at: index)
            }
            kept.append(slice)
        }
        for index in kept.indices {
            let room = EndpointSliceStore.endpointsPerSlice - kept[index].pods.count
            kept[index].pods += rest.prefix(room)
            rest.removeFirst(min(room, rest.count))
        }
        while !rest.isEmpty || kept.isEmpty {
            let pods = Array(rest.prefix(EndpointSliceStore.endpointsPerSlice))
            rest.removeFirst(pods.count)
            kept.append(
                Slice(
                    name: "\(service.name)-\(suffix())", service: service, created: now, version: 0, generation: 0,
                    pods: pods))
        }
        // One empty slice stays where a Service has no pods; further ones go.
        let filled = kept.filter { !$0.pods.isEmpty }
        let staying = filled.isEmpty ? Array(kept.prefix(1)) : filled
        for slice in kept where !staying.contains(where: { $0.name == slice.name }) { delete(slice.name) }
        for slice in staying { put(slice) }
    }

    /// The Service is gone.
    package mutating func remove(_ service: Service) {
        for slice in slices where slice.service == service { delete(slice.name) }
    }

    private mutating func put(_ slice: Slice) {
        var slice = slice
        guard let index = slices.firstIndex(where: { $0.name == slice.name }) else {
            version += 1
            slice.version = version
            slice.generation = 1
            slices.append(slice)
            slices.sort { $0.name < $1.name }
            return remember(Change(kind: .added, slice: slice))
        }
        guard slices[index].pods != slice.pods else { return }
        version += 1
        slice.version = version
        slice.generation += 1
        slices[index] = slice
        remember(Change(kind: .modified, slice: slice))
    }

    private mutating func delete(_ name: String) {
        guard let index = slices.firstIndex(where: { $0.name == name }) else { return }
        var slice = slices.remove(at: index)
        version += 1
        slice.version = version
        remember(Change(kind: .deleted, slice: slice))
    }

    private mutating func remember(_ change: Change) {
        changes.append(change)
        if changes.count > EndpointSliceStore.rememberedChanges { forgotten = changes.removeFirst().version }
    }

    /// What has happened since; nil if not all of it is remembered.
    package func changes(since version: Int) -> [Change]? {
        version < forgotten ? nil : changes.filter { $0.version > version }
    }
}
