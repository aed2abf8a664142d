import Synchronization
package import System
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
/// replace files one by one. It is tried again with each look, since files may be as they were and a descriptor free again.
package final class TLSCredentials: Sendable {
    private struct State {
        var context: TLSContext
        /// The files as they were when they were last read, whether or not they were of use.
        var facts: [OpenFile.Facts?]
        /// Why they were of no use; told once.
        var fault: TLSFault?
        var nextLook: Instant
    }

    package typealias Read = @Sendable (_ path: String, _ limit: Int) -> Result<[UInt8], SystemError>

    private static let interval = Duration.seconds(1)
    /// Of one file; the authorities of Debian take 220 KB.
    private static let mostBytes = 1 << 20

    private let files: TLSFiles
    private let rules: TLSMaterial
    private let read: Read
    private let told: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// Reads the files and throws if they are of no use. `rules` says all else. `told` hears of each change, from whatever
    /// loop sees it.
    package init(
        _ rules: TLSMaterial, files: TLSFiles = TLSFiles(), told: @escaping @Sendable (String) -> Void = { _ in },
        read: @escaping Read = TLSCredentials.readFile
    ) throws(TLSFault) {
        self.files = files
        self.rules = rules
        self.read = read
        self.told = told
        // Looked at before they are read: a change in between is found the next time.
        let facts = TLSCredentials.look(at: files)
        let context = try TLSCredentials.load(rules, files, read)
        state = Mutex(State(context: context, facts: facts, nextLook: MonotonicClock.now + TLSCredentials.interval))
    }

    package func context(at now: Instant) -> TLSContext {
        if files.paths.isEmpty { return state.withLock(\.context) }
        let (context, news) = state.withLock { state -> (TLSContext, String?) in
            guard now >= state.nextLook else { return (state.context, nil) }
            state.nextLook = now + TLSCredentials.interval
            let facts = TLSCredentials.look(at: files)
            guard facts != state.facts || state.fault != nil else { return (state.context, nil) }
            state.facts = facts
            do throws(TLSFault) {
                state.context = try TLSCredentials.load(rules, files, read)
                state.fault = nil
                return (state.context, "TLS: read anew: \(files.paths.joined(separator: ", "))")
            } catch {
                if state.fault == error { return (state.context, nil) }
                state.fault = error
                return (state.context, "TLS: the certificates in use stay, because of the new ones: \(error)")
            }
        }
        if let news { told(news) }
        return context
    }

    private static func look(at files: TLSFiles) -> [OpenFile.Facts?] {
        files.paths.map { try? OpenFile.Facts(at: $0) }
    }

    private static func load(
        _ rules: TLSMaterial, _ files: TLSFiles, _ read: Read
    ) throws(TLSFault) -> TLSContext {
        var material = rules
        if let path = files.certificate { material.certificate = try part(path, .certificate, read) }
        if let path = files.key { material.key = try part(path, .key, read) }
        if let path = files.authorities { material.authorities = try part(path, .authorities, read) }
        return try TLSContext(material)
    }

    private static func part(
        _ path: String, _ kind: TLSFault.Kind, _ read: Read
    ) throws(TLSFault) -> TLSMaterial.Part {
        let bytes: [UInt8]
        do {
            bytes = try read(path, mostBytes + 1).get()
        } catch {
            throw TLSFault(kind, error.description)
        }
        // A part of a file may be as good as a whole one, with fewer authorities.
        guard bytes.count <= mostBytes else { throw TLSFault(kind, "\(path) is larger than 1 MiB") }
        return TLSMaterial.Part(bytes, from: path)
    }

    package static let readFile: Read = { path, limit in
        Result { () throws(SystemError) in try FileSystem.read(path, limit: limit) }
    }
}
