import LocalCluster
import System
import Terminal
import Testing

@Suite struct StateDirectoryTests {
    private func withParent(_ body: (String) throws -> Void) throws {
        let path = "/tmp/samplectl-test-\(Program.pid)-\(UInt32.random(in: 0 ... .max))"
        try FileSystem.createDirectory(path)
        defer { try? FileSystem.removeTree(path) }
        try body(path)
    }

    @Test func itIsForThisUserAloneAndLeavesNothing() throws {
        try withParent { parent in
            let directory = StateDirectory(parent + "/state")
            try directory.prepare()
            #expect(try FileSystem.entry(at: directory.path)?.mode == 0o700)
            _ = try FileLock(directory.lock)
            try directory.clear()
            try OutputFile(appendingTo: directory.log(of: "a")).append([1])
            try directory.remove()
            #expect(try FileSystem.names(in: parent) == [])
        }
    }

    @Test func aDirectoryWithOtherThingsIsRefused() throws {
        try withParent { parent in
            try FileSystem.write([1], to: parent + "/thesis")
            #expect(throws: Failure.self) { try StateDirectory(parent).prepare() }
            #expect(try FileSystem.names(in: parent) == ["thesis"])
        }
    }

    @Test func aDirectoryThatOthersMayWriteToIsRefused() throws {
        try withParent { parent in
            try FileSystem.setMode(0o777, of: parent)
            #expect(throws: Failure.self) { try StateDirectory(parent).prepare() }
        }
    }

    @Test func aLockIsHeldUntilItsHolderLetsGo() throws {
        try withParent { parent in
            let path = parent + "/lock"
            var first = try FileLock(path)
            #expect(first != nil)
            #expect(try FileLock(path) == nil)
            first = nil
            #expect(try FileLock(path) != nil)
        }
    }
}
