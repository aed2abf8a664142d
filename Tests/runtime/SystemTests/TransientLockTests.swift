import System
import Testing

@Suite(.timeLimit(.minutes(5))) struct TransientLockTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let path = "/tmp/transient-lock-\(Program.pid)-\(UInt32.random(in: 0 ... .max))"
        try FileSystem.createDirectory(path)
        defer { try? FileSystem.removeTree(path) }
        try body(path)
    }

    @Test func oneHoldsItAndItsFileGoesWithIt() throws {
        try TransientLockTests.withFolder { folder in
            let path = folder + "/lock"
            var first = try TransientLock(path)
            #expect(first != nil)
            #expect(try TransientLock(path) == nil)
            #expect(try FileSystem.names(in: folder) == ["lock"], "who is refused removes nothing")
            first = nil
            #expect(try FileSystem.names(in: folder) == [])
            #expect(try TransientLock(path) != nil)
        }
    }

    @Test func whoseFileSomebodyTookAwayLeavesTheNextHoldersAlone() throws {
        try TransientLockTests.withFolder { folder in
            let path = folder + "/lock"
            var first = try TransientLock(path)
            #expect(first != nil)
            try FileSystem.removeFile(path)
            let second = try TransientLock(path)
            #expect(second != nil)
            first = nil
            #expect(try FileSystem.names(in: folder) == ["lock"])
            #expect(try TransientLock(path) == nil, "the second one holds it")
            withExtendedLifetime(second) {}
        }
    }

    /// As a holder that was killed leaves it.
    @Test func aFileThatNobodyHoldsIsNoLock() throws {
        try TransientLockTests.withFolder { folder in
            let path = folder + "/lock"
            try FileSystem.write([], to: path)
            #expect(try TransientLock(path) != nil)
            #expect(try FileSystem.names(in: folder) == [])
        }
    }

    /// Its lock is on a file that nobody else will find, so that another one could hold "the lock", too.
    @Test func whoOpenedTheFileBeforeItsHolderRemovedItBeginsAnew() throws {
        try TransientLockTests.withFolder { folder in
            let path = folder + "/lock"
            var first = try TransientLock(path)
            #expect(first != nil)
            let second = try TransientLock(path) { first = nil }
            #expect(second != nil)
            #expect(try FileSystem.names(in: folder) == ["lock"])
            #expect(try TransientLock(path) == nil, "two would have it")
            withExtendedLifetime(second) {}
        }
    }

    @Test func whoOpenedTheFileBeforeItsHolderRemovedItAndAnotherTookTheLockIsRefused() throws {
        try TransientLockTests.withFolder { folder in
            let path = folder + "/lock"
            var holder = try TransientLock(path)
            var isFirst = true
            let late = try TransientLock(path) {
                guard isFirst else { return }
                isFirst = false
                holder = nil
                holder = try? TransientLock(path)
            }
            #expect(holder != nil && late == nil)
            holder = nil
            #expect(try FileSystem.names(in: folder) == [])
        }
    }
}
