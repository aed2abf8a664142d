import Doctor
import Testing

@Suite struct KubectlTests {
    /// A namespace of some thousand objects: more than a JSON document of ours may have.
    @Test func aLongAnswerIsReadWhole() throws {
        let text = #"{"items":["\#(String(repeating: "x", count: 5 << 20))"]}"#
        #expect(throws: Never.self) { try Kubectl.parse(Array(text.utf8)) }
        #expect(throws: Never.self) { try Kubectl.parse(Array("Warning: old\n\(text)\n".utf8)) }
    }

    @Test func whatIsWrongWithAnAnswerIsSaid() {
        #expect { try Kubectl.parse(Array(#"{"items":[1,]}"#.utf8)) } throws: {
            "\($0)".hasPrefix("kubectl's answer is no JSON: bad JSON at byte 12: expected")
        }
        #expect { try Kubectl.parse(Array("no resources\n".utf8)) } throws: {
            "\($0)" == "kubectl's answer is no JSON: no resources"
        }
    }
}
