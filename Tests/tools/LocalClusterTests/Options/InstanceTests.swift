import LocalCluster
import Settings
import Testing

@Suite struct InstanceTests {
    private func instance(_ name: String = "sample-service", state: String? = nil) throws -> Instance {
        try Instance(name: name, state: state, base: "/run/user/7", userID: 7, workingDirectory: "/home/me")
    }

    @Test func theDirectoryIsTheUsersAndTheNames() throws {
        #expect(try instance().directory == "/run/user/7/sample-service-7/sample-service")
        #expect(try instance("two").directory == "/run/user/7/sample-service-7/two")
        #expect(try instance(state: "here/").directory == "/home/me/here")
        #expect(try instance(state: "/var/x//").directory == "/var/x")
    }

    @Test func commandsNameAnUnusualInstance() throws {
        #expect(try instance().commandSuffix == "")
        #expect(try instance("two").commandSuffix == " --name two")
        #expect(try instance(state: "/x").commandSuffix == " --state /x")
    }

    @Test(arguments: ["", "-a", "a-", "A", "a/b", "..", "a b", String(repeating: "a", count: 41)])
    func aNameThatCouldLeaveTheDirectoryIsRefused(name: String) {
        #expect(throws: UsageError.self) { try instance(name) }
    }

    @Test func aPathTooLongForASocketIsRefused() throws {
        let fits = "/" + String(repeating: "d", count: 93)
        #expect(try instance(state: fits).directory == fits)
        #expect(throws: UsageError.self) { try instance(state: fits + "d") }
        #expect(throws: UsageError.self) { try instance(state: "") }
    }
}
