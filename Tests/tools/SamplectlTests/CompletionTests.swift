import LocalCluster
import Settings
import Terminal
import Testing
import samplectl

@Suite struct CompletionTests {
    private static let pods = ["sample-service-grpc-7d9f8c6b5-x2x4z", "sample-service-js-7d9f8c6b5-bcdfg"]

    private func complete(_ words: String...) -> [String] {
        let answer = Completion.find(words) { instance in
            instance.name == "test" ? ["sample-service-js-22222222-22222"] : CompletionTests.pods
        }
        guard case .candidates(let candidates) = answer else { return [":directories"] }
        return candidates.map(\.text)
    }

    @Test func everyVerbThatIsListedIsOffered() {
        #expect(complete("") == Verb.listed.map(\.rawValue) + ["--help", "--version"])
        #expect(complete("re") == ["restart", "readiness"])
        #expect(complete("supervise") == [] && complete("fly", "") == [])
    }

    @Test(arguments: Verb.listed) func everyFlagOfAVerbIsOffered(verb: Verb) {
        let flags = complete(verb.rawValue, "--")
        #expect(Set(flags) == Set(verb.syntax.options.map(\.flag) + ["--help"]))
    }

    @Test func valuesOfAFlagFollowItEitherWay() {
        #expect(complete("up", "--policy", "pick") == ["pick_first"])
        #expect(complete("up", "--policy=pick") == ["--policy=pick_first"])
        #expect(complete("up", "--log-format", "") == ["text", "json"])
        #expect(complete("up", "--web", "") == [":directories"])
        #expect(complete("up", "--max-connection-age", "") == ["off"])
        #expect(complete("up", "--replicas", "") == [])
        #expect(complete("up", "--nonsense=x") == [])
    }

    @Test func anOperandHasItsPlace() {
        #expect(complete("readiness", "") == CompletionTests.pods)
        #expect(complete("readiness", "x2x4z", "o") == ["on", "off"])
        #expect(complete("readiness", "--name", "test", "x", "on", "") == [])
        #expect(complete("logs", "-f", "g").sorted() == ["gateway", "grpc"])
        #expect(complete("kill", "--", "sample-service-j") == ["sample-service-js-7d9f8c6b5-bcdfg"])
        #expect(complete("completion", "") == ["bash", "zsh"])
        #expect(complete("help", "stat") == ["status"])
        #expect(complete("up", "") == [] && complete("down", "x") == [])
    }

    @Test func whatFollowsAnEqualsSignIsOfferedWhenThatIsThere() {
        #expect(complete("scale", "gr") == ["grpc="])
        #expect(complete("scale", "grpc=") == [])
        #expect(complete("set", "") == ["mode=", "policy="])
        #expect(complete("set", "mode=envoy") == ["mode=envoy", "mode=envoy-sidecar"])
        #expect(complete("set", "mode=etcd", "") == ["policy="])
    }

    @Test func podsAreThoseOfTheSystemThatIsNamed() {
        #expect(complete("kill", "--name", "test", "") == ["sample-service-js-22222222-22222"])
        #expect(complete("kill", "--name", "Not One", "") == [])
    }

    @Test func aPartThatOnePodHasIsCompleted() {
        #expect(complete("kill", "x2x") == [CompletionTests.pods[0]])
        #expect(complete("kill", "7d9f8") == [], "two have it")
        #expect(complete("kill", "nobody") == [])
    }
}
