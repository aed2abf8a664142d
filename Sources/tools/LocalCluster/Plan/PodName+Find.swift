import System
package import Terminal

extension PodName {
    /// The one of `names` that is meant by `word`: its whole name, its end, or a part of it that no other name has.
    package static func find(_ word: String, in names: [String]) throws(Failure) -> String {
        if names.contains(word) { return word }
        let similar = word.isEmpty ? [] : names.filter { $0.contains(word) }.sorted()
        let ending = similar.filter { $0.hasSuffix(word) }
        if let only = similar.count == 1 ? similar.first : ending.count == 1 ? ending.first : nil { return only }
        if names.isEmpty { throw Failure("there is no pod '\(word)'; there are none at all") }
        throw Failure(
            similar.isEmpty
                ? "there is no pod '\(word)'; there are: \(names.joined(separator: ", "))"
                : "'\(word)' is a part of \(similar.count) pods' names: \(similar.joined(separator: ", "))")
    }

    /// Whether Kubernetes, or the supervisor, would call a component's pod so.
    package static func isPod(_ name: String) -> Bool {
        Component.all.contains { component in
            guard name.hasPrefix(component.deployment + "-") else { return false }
            // The template's hash, and the pod's own suffix. A sidecar's name would follow.
            return name.dropFirst(component.deployment.count + 1).split(separator: "-").count == 2
        }
    }
}

extension ControlClient {
    /// The name of the pod that runs and is meant by `word`, which need only be a part of it.
    package func podName(_ word: String) async throws(Failure) -> String {
        try PodName.find(word, in: try await status().pods.map(\.name))
    }
}
