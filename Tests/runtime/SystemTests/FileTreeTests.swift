import Glibc
import System
import TestSupport
import Testing

/// Both ways of following a path must let out nothing.
@Suite final class FileTreeTests {
    /// Holds `inside/` with files and links in it, and `secret` beside it.
    private let directory = TemporaryDirectory()
    private let tree: FileTree

    init() throws {
        let inside = "\(directory.path)/inside"
        try FileSystem.createDirectory(inside)
        tree = try FileTree(inside)
        try FileSystem.createDirectory("\(inside)/folder")
        directory.write("secret", to: "secret")
        directory.write("plain", to: "inside/plain")
        directory.write("deep", to: "inside/folder/deep")
        let links = [
            ("absolute", "\(directory.path)/secret"), ("upwards", "../secret"), ("around", "folder/../../secret"),
            ("out", ".."), ("root", "/"), ("self", "self"), ("process", "/proc/self/cwd"), ("within", "folder/deep"),
        ]
        for (name, target) in links {
            let made = unsafe symlink(target, "\(inside)/\(name)")
            try #require(made == 0)
        }
        let made = unsafe mkfifo("\(inside)/pipe", 0o600)
        try #require(made == 0)
    }

    deinit { try? FileSystem.removeTree(directory.path) }

    private func text(_ names: String..., by way: FileTree.Way) throws -> String? {
        guard let file = try tree.open(names, by: way) else { return nil }
        return String(decoding: try file.read(limit: 100), as: UTF8.self)
    }

    private func facts(_ names: [String], by way: FileTree.Way) throws -> OpenFile.Facts? {
        guard let file = try tree.open(names, by: way) else { return nil }
        return file.facts
    }

    @Test(arguments: FileTree.Way.allCases)
    func whatIsInsideIsFound(way: FileTree.Way) throws {
        #expect(try text("plain", by: way) == "plain")
        #expect(try text("folder", "deep", by: way) == "deep")
        #expect(try facts([], by: way)?.kind == .directory)
        #expect(try facts(["folder"], by: way)?.kind == .directory)
        #expect(try facts(["plain"], by: way)?.size == 5)
        // A pipe without a writer must not keep the caller waiting.
        #expect(try facts(["pipe"], by: way)?.kind == .other)
    }

    @Test(arguments: FileTree.Way.allCases)
    func nothingLeadsOut(way: FileTree.Way) throws {
        for names in [
            ["absolute"], ["upwards"], ["around"], ["out"], ["out", "secret"], ["root"], ["root", "etc", "passwd"],
            ["self"], ["process"], ["process", "secret"],
            [".."], ["..", "secret"], ["folder", "..", "..", "secret"], ["../secret"], ["/etc/passwd"], [""],
            ["folder", "", "deep"], ["."], ["plain\0.txt"], ["plain", "x"], ["nothing"],
            [String(repeating: "a", count: 300)],
        ] {
            #expect(try facts(names, by: way) == nil, "\(names)")
        }
    }

    @Test func aLinkThatStaysInsideIsFollowed() throws {
        #expect(try text("within", by: .kernel) == "deep")
        #expect(try text("within", by: .stepwise) == nil, "the older way follows none")
    }

    @Test func aReplacedRootIsSeen() throws {
        try FileSystem.rename(tree.root, to: tree.root + ".old")
        defer { try? FileSystem.removeTree(tree.root + ".old") }
        #expect(throws: SystemError.self) { try text("plain", by: .kernel) }
        try FileSystem.createDirectory(tree.root)
        try FileSystem.write(Array("new".utf8), to: tree.root + "/plain")
        #expect(try text("plain", by: .kernel) == "new")
    }

    @Test func readingEndsAtTheLimit() throws {
        #expect(try tree.open(["plain"])?.read(limit: 3) == Array("pla".utf8))
    }
}
