import Synchronization
import System
package import Timing

/// Where certificates lie. All are PEM.
package struct TLSFiles: Hashable, Sendable {
    package var certificate: String?
    package var key: String?
    package var authorities: String?

    package init(certificate: String? = nil, key: String? = nil, authorities: String? = nil) {
        self.certificate = certificate
        self.key = key
        self.authorities = authorities
    }

    var paths: [String] { [certificate, key, authorities].compactMap(\.self) }
}

/// The context for the next connection: files are read again when they have changed, which is looked at with each
/// connection, at most once a second. What cannot be used is told, and changes nothing: cert-manager and the kubelet
/// replace files one by one.
package final class TLSCredentials: Sendable {
    private struct State {
        var context: TLSContext
        /// The files as they were when they were last read, whether or not they were of use.
        var facts: [OpenFile.Facts?]
        var nextLook: Instant
    }

    private static let interval = Duration.seconds(1)

    private let files: TLSFiles
    private let rules: TLSMaterial
    private let told: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// Reads the files and throws if they are of no use. `rules` says all else. `told` hears of each change, from whatever
    /// loop sees it.
    package init(
        _ rules: TLSMaterial, files: TLSFiles = TLSFiles(), told: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(TLSFault) {
        self.files = files
        self.rules = rules
        self.told = told
        // Looked at before they are read: a change in between is found the next time.
        let facts = TLSCredentials.look(at: files)
        let context = try TLSCredentials.load(rules, files)
        state = Mutex(State(context: context, facts: facts, nextLook: MonotonicClock.now + TLSCredentials.interval))
    }

    package func context(at now: Instant) -> TLSContext {
        if files.paths.isEmpty { return state.withLock(\.context) }
        let (context, news) = state.withLock { state -> (TLSContext, String?) in
            guard now >= state.nextLook else { return (state.context, nil) }
            state.nextLook = now + TLSCredentials.interval
            let facts = TLSCredentials.look(at: files)
            guard facts != state.facts else { return (state.context, nil) }
            state.facts = facts
            do {
                state.context = try TLSCredentials.load(rules, files)
                return (state.context, "TLS: read anew: \(files.paths.joined(separator: ", "))")
            } catch {
                return (state.context, "TLS: the certificates in use stay, because of the new ones: \(error)")
            }
        }
        if let news { told(news) }
        return context
    }

    private static func look(at files: TLSFiles) -> [OpenFile.Facts?] {
        files.paths.map { try? OpenFile.Facts(at: $0) }
    }

    private static func load(_ rules: TLSMaterial, _ files: TLSFiles) throws(TLSFault) -> TLSContext {
        var material = rules
        if let path = files.certificate { material.certificate = try part(path) }
        if let path = files.key { material.key = try part(path) }
        if let path = files.authorities { material.authorities = try part(path) }
        return try TLSContext(material)
    }

    private static func part(_ path: String) throws(TLSFault) -> TLSMaterial.Part {
        do {
            return TLSMaterial.Part(try FileSystem.read(path, limit: 1 << 20), from: path)
        } catch {
            throw TLSFault(.credentials, error.description)
        }
    }
}
