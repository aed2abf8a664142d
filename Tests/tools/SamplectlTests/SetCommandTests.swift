import LoadBalancing
import LocalCluster
import Settings
import Testing
import samplectl

@Suite struct SetCommandTests {
    @Test func modeAndPolicyInAnyOrder() throws {
        let wish = try SetCommand.parse(["policy=pick_first", "mode=clusterip"])
        #expect(wish.mode == .clusterIP && wish.policy == .pickFirst)
        #expect(try SetCommand.parse(["policy=round_robin"]).mode == nil)
    }

    @Test(arguments: [
        ("headless", "'headless' is not mode=M or policy=P"), ("mode=foo", "no mode 'foo'; there are: clusterip, "),
        ("policy=", "no policy ''; there are: "), ("replicas=3", "'replicas' cannot be set; there are: mode, policy"),
    ])
    func whatCannotBeSetIsNamed(_ operand: String, _ message: String) {
        let error = #expect(throws: UsageError.self) { try SetCommand.parse([operand]) }
        #expect(error?.description.contains(message) == true)
    }
}
