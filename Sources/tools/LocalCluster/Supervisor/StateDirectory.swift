package import System
package import Terminal

/// The directory with everything that belongs to one system, and to this user alone.
package struct StateDirectory: Equatable, Sendable {
    package let path: String

    package init(_ path: String) {
        self.path = path
    }

    package var lock: String { "\(path)/lock" }
    package var state: String { "\(path)/state.json" }
    package var control: String { "\(path)/control.sock" }
    package var journal: String { "\(path)/supervisor.log" }
    package var hosts: String { "\(path)/hosts" }
    package var serviceAccount: String { "\(path)/serviceaccount" }
    package var logs: String { "\(path)/logs" }
    /// Working directories of the processes, one each: whoever works in here was started by the supervisor.
    package var pods: String { "\(path)/pods" }

    package func log(of pod: String) -> String { "\(logs)/\(pod).log" }
    package func directory(of pod: String) -> String { "\(pods)/\(pod)" }

    /// All that this room puts into the directory. Nothing else is ever removed from it.
    private var contents: [String] {
        [state, control, journal, hosts, hosts + ".new", state + ".new", serviceAccount, logs, pods, lock]
    }

    package var exists: Bool {
        ((try? FileSystem.entry(at: path)) ?? nil) != nil
    }

    /// Makes the directory, and its parent, for this user alone. Refuses a directory of another user (in /tmp anybody
    /// may have made it), a link, and one that holds other things.
    package func prepare() throws(Failure) {
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        do {
            if !parent.isEmpty, try FileSystem.entry(at: parent) == nil { try FileSystem.createDirectory(parent) }
            try FileSystem.createDirectory(path)
            try checkOwner(of: path)
            // The usual parent is made here; one that the user chose is the user's business.
            if parent.hasSuffix("/sample-service-\(Program.userID)") { try checkOwner(of: parent) }
            let names = try FileSystem.names(in: path)
            if !names.isEmpty, !names.contains("lock") {
                throw Failure(
                    "\(path) holds other things (\(names[0])): choose an empty or a new directory with --state")
            }
            try FileSystem.setMode(0o700, of: path)
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure("\(error): choose another directory with --state")
        }
    }

    private func checkOwner(of path: String) throws {
        guard let entry = try FileSystem.entry(at: path), entry.kind == .directory, entry.owner == Program.userID,
            entry.mode & 0o022 == 0
        else {
            throw Failure(
                "\(path) is not a directory that belongs to you alone: remove it, or choose another with --state")
        }
    }

    /// Empties the directory of what an earlier run left; the lock and the journal stay.
    package func clear() throws(SystemError) {
        for path in contents where path != lock && path != journal { try FileSystem.removeTree(path) }
        try FileSystem.createDirectory(logs)
        try FileSystem.createDirectory(pods)
    }

    /// Removes all that was made in it, then the directory, and its parent if that is empty and was made here.
    package func remove() throws(SystemError) {
        guard exists else { return }
        for path in contents { try FileSystem.removeTree(path) }
        try FileSystem.removeEmptyDirectory(path)
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        if parent.hasSuffix("/sample-service-\(Program.userID)") { try? FileSystem.removeEmptyDirectory(parent) }
    }
}
