import LocalCluster

/// Whose log a file is, by the file's name.
package struct LogName: Hashable, Sendable {
    /// The file's, without `.log`: `sample-service-gateway-7d9f8c6b5-x2x4z-envoy`.
    package let text: String
    /// `gateway`; nil for what is no pod: dnsmasq, the supervisor.
    package let component: String?
    /// `sample-service-gateway-7d9f8c6b5-x2x4z`.
    package let pod: String
    /// Of several that a pod has: `envoy`; nil for the pod's own.
    package let container: String?

    package init(_ text: String) {
        self.text = text
        guard let component = Component.all.first(where: { text.hasPrefix($0.deployment + "-") }) else {
            self.component = nil
            pod = text
            container = nil
            return
        }
        self.component = component.name
        // After the Deployment's name: the template's hash, five letters of the pod's own, and a sidecar's name.
        let parts = text.dropFirst(component.deployment.count + 1).split(separator: "-", maxSplits: 2)
        container = parts.count == 3 ? String(parts[2]) : nil
        pod = container.map { String(text.dropLast($0.count + 1)) } ?? text
    }
}

/// Which logs are wanted: those of all pods, or of whom the operands name.
package struct LogSelection: Equatable, Sendable {
    private let words: [String]

    package init(_ words: [String]) {
        self.words = words
    }

    /// Those of `names` that are wanted. A word is a component, the name of a pod or of another log, or a part of a name
    /// that only one pod has.
    package func chosen(from names: [LogName]) throws(UnknownLog) -> Set<LogName> {
        if words.isEmpty { return Set(names.filter { $0.component != nil }) }
        var chosen: Set<LogName> = []
        for word in words {
            let found = try LogSelection.find(word, in: names)
            chosen.formUnion(found)
        }
        return chosen
    }

    private static func find(_ word: String, in names: [LogName]) throws(UnknownLog) -> [LogName] {
        let exact = names.filter { $0.component == word || $0.pod == word || $0.text == word }
        if !exact.isEmpty { return exact }
        let similar = word.isEmpty ? [] : names.filter { $0.text.contains(word) && $0.component != nil }
        let pods = Set(similar.map(\.pod)).sorted()
        guard pods.count == 1, Component.named(word) == nil else { throw UnknownLog(word: word, candidates: pods) }
        return similar
    }
}

/// A word that names no log, or several pods.
package struct UnknownLog: Error, Equatable {
    package var word: String
    package var candidates: [String]

    package init(word: String, candidates: [String]) {
        self.word = word
        self.candidates = candidates
    }

    /// A component that there can be, and that has no pod now.
    package var isComponent: Bool { Component.named(word) != nil }
}

extension UnknownLog: CustomStringConvertible {
    package var description: String {
        candidates.count > 1 && !isComponent
            ? "'\(word)' is a part of \(candidates.count) pods' names: \(candidates.joined(separator: ", "))"
            : "there is no component or pod '\(word)' with a log; samplectl status lists the pods"
    }
}
