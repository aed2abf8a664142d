import LocalCluster
import System
import Terminal
import Testing

@Suite struct ProgramFinderTests {
    private let finder = ProgramFinder(ownDirectory: "/", path: "")

    @Test func theSourceTreesWebDirectoryIsFoundFromAnywhereInIt() throws {
        let directory = try finder.webDirectory(nil, from: #filePath)
        #expect(directory.hasSuffix("/web") && #filePath.hasPrefix(directory.dropLast(3)))
    }

    @Test func outsideOfASourceTreeItSaysWhatToDo() {
        let error = #expect(throws: Failure.self) { try finder.webDirectory(nil, from: "/proc/self") }
        #expect(error?.message.contains("run \(Program.name) from its source tree") == true)
    }

    @Test func whatIsInstalledGoesBeforeASourceTree() throws {
        let prefix = "/tmp/program-finder-\(Program.pid)"
        defer { try? FileSystem.removeTree(prefix) }
        for directory in ["", "/bin", "/libexec", "/libexec/sample-service", "/share", "/share/sample-service"] {
            try FileSystem.createDirectory(prefix + directory)
        }
        try FileSystem.createDirectory("\(prefix)/share/sample-service/web")
        try FileSystem.write(Array("here".utf8), to: "\(prefix)/share/sample-service/web/index.html")
        try FileSystem.write(Array("entry".utf8), to: "\(prefix)/share/sample-service/nginx.conf")
        try FileSystem.write([], to: "\(prefix)/libexec/sample-service/gateway")
        try FileSystem.setMode(0o700, of: "\(prefix)/libexec/sample-service/gateway")
        let finder = ProgramFinder(ownDirectory: "\(prefix)/bin", path: "")
        #expect(try finder.nginxTemplate(from: #filePath) == "entry")
        #expect(try finder.webDirectory(nil, from: #filePath) == "\(prefix)/share/sample-service/web")
        #expect(try finder.path(of: .sibling("gateway")) == "\(prefix)/libexec/sample-service/gateway")
        #expect(throws: Failure.self) { try finder.path(of: .sibling("js-server")) }
    }

    @Test func aChosenDirectoryMayBeRelative() throws {
        #expect(try finder.webDirectory("/proc/self", from: "/") == "/proc/self")
        #expect(try finder.webDirectory("self", from: "/proc") == "/proc/self")
    }

    @Test(arguments: ["/no/such/directory", "/proc/version"])
    func aChosenDirectoryMustBeOne(path: String) {
        let error = #expect(throws: Failure.self) { try finder.webDirectory(path, from: "/") }
        #expect(error?.message.contains(path) == true && error?.message.hasPrefix("--web: ") == true)
    }
}
