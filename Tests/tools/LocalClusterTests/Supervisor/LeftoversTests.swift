import LocalCluster
import System
import Testing

@Suite struct LeftoversTests {
    private func candidate(
        _ pid: Int32, started: UInt64 = 1, in directory: String? = "/", _ executable: String? = "/bin/sh"
    ) -> Leftovers.Candidate {
        Leftovers.Candidate(
            process: ProcessIdentity(pid: pid, startTime: started), workingDirectory: directory, executable: executable)
    }

    private func select(_ candidates: Leftovers.Candidate..., recorded: ProcessIdentity...) -> [Int32] {
        Leftovers.select(candidates, recorded: Set(recorded), podDirectories: "/state/pods").map(\.pid)
    }

    @Test func whatTheStateFileNamesIsOurs() {
        #expect(select(candidate(10), recorded: ProcessIdentity(pid: 10, startTime: 1)) == [10])
    }

    @Test func aLaterProcessWithARecordedNumberIsNot() {
        #expect(select(candidate(10, started: 2), recorded: ProcessIdentity(pid: 10, startTime: 1)) == [])
    }

    @Test func nginxsWorkersAreKnownByTheirDirectory() {
        #expect(select(candidate(11, in: "/state/pods/a", "/usr/sbin/nginx")) == [11])
        #expect(select(candidate(11, in: "/state/pods", "/usr/sbin/nginx")) == [11])
    }

    @Test func othersAreLeftAlone() {
        #expect(
            select(
                candidate(1, in: "/state/pods/a", "/bin/bash"), candidate(2, in: "/other/pods/a", "/usr/sbin/nginx"),
                candidate(3, in: "/state/pods-of-others", "/usr/sbin/nginx"), candidate(4, in: nil, nil)) == [])
    }
}
