import System
package import Terminal

/// Finds the files of the programs to start.
package struct ProgramFinder: Sendable {
    /// Where the program itself lies, and in a build its siblings with it. `make install` puts them apart: they are
    /// nobody's commands.
    package let ownDirectory: String
    package let searchPath: [String]

    /// Debian's users have no sbin directory in their PATH, and that is where the daemons are.
    private static let systemDirectories = [
        "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin",
    ]

    package init(ownDirectory: String, path: String) {
        self.ownDirectory = ownDirectory
        let named = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
        searchPath = named + ProgramFinder.systemDirectories
    }

    package static var current: ProgramFinder {
        let executable = Program.executable ?? "/"
        return ProgramFinder(
            ownDirectory: parent(of: executable), path: Program.environment("PATH") ?? "")
    }

    package func path(of file: Launch.File) throws(Failure) -> String {
        switch file {
        case .sibling(let name):
            let path = "\(ownDirectory)/\(name)"
            for path in [path, "\(installed)/libexec/sample-service/\(name)"] where FileSystem.isExecutable(path) {
                return path
            }
            throw Failure("\(path) is missing: swift build (or make build) makes it")
        case .system(let name, let package):
            guard let directory = searchPath.first(where: { FileSystem.isExecutable("\($0)/\(name)") }) else {
                throw Failure("\(name) is not installed: apt-get install \(package) (or make deps)")
            }
            return "\(directory)/\(name)"
        case .part(let name, let remedy):
            if let directory = searchPath.first(where: { FileSystem.isExecutable("\($0)/\(name)") }) {
                return "\(directory)/\(name)"
            }
            let places = [".build/parts/\(name)", ".venv/bin/\(name)"]
            for place in places {
                if let path = nearest(
                    place, from: Program.workingDirectory ?? "/", { FileSystem.isExecutable($0) ? $0 : nil })
                {
                    return path
                }
            }
            throw Failure("\(name) is not installed: \(remedy)")
        }
    }

    /// The PREFIX of `make install`, if that is where the program comes from.
    private var installed: String { ProgramFinder.parent(of: ownDirectory) }

    /// The nginx configuration: in the source tree that the program was built in, or the one that the user stands in.
    package func nginxTemplate(from workingDirectory: String) throws(Failure) -> String {
        try template("nginx.conf", from: workingDirectory)
    }

    /// Envoy's, found like it.
    package func envoyTemplate(from workingDirectory: String) throws(Failure) -> String {
        try template("envoy.yaml", from: workingDirectory)
    }

    private func template(_ name: String, from workingDirectory: String) throws(Failure) -> String {
        try find(name, or: "helm/sample-service/files/\(name)", from: workingDirectory) { path in
            (try? FileSystem.read(path)).flatMap { String(validating: $0, as: UTF8.self) }
        }
    }

    /// The directory that the js component serves: `chosen`, or the one of the source tree, found like the nginx
    /// configuration.
    package func webDirectory(_ chosen: String?, from workingDirectory: String) throws(Failure) -> String {
        guard let chosen else {
            return try find("web", or: "web", from: workingDirectory) { path in
                (try? FileSystem.entry(at: "\(path)/index.html")) == nil ? nil : path
            }
        }
        let path = chosen.hasPrefix("/") ? chosen : "\(workingDirectory)/\(chosen)"
        do throws(SystemError) {
            return try FileTree(path).root
        } catch {
            throw Failure("--web: \(error)")
        }
    }

    /// What `look` makes of the file as it is installed; else of the path in the nearest directory above the program, or
    /// above the user, that has it: the source tree.
    private func find<Found>(
        _ file: String, or relative: String, from workingDirectory: String, _ look: (String) -> Found?
    ) throws(Failure) -> Found {
        if let found = look("\(installed)/share/sample-service/\(file)") { return found }
        if let found = nearest(relative, from: workingDirectory, look) { return found }
        throw Failure(
            "\(relative) is not found above \(ownDirectory) or \(workingDirectory): "
                + "run \(Program.name) from its source tree, or install it (make install)")
    }

    private func nearest<Found>(
        _ relative: String, from workingDirectory: String, _ find: (String) -> Found?
    ) -> Found? {
        for start in [ownDirectory, workingDirectory] {
            var directory = start
            while true {
                if let found = find(directory == "/" ? "/\(relative)" : "\(directory)/\(relative)") { return found }
                if directory == "/" { break }
                directory = ProgramFinder.parent(of: directory)
            }
        }
        return nil
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
