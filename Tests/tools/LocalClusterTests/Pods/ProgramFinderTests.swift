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
