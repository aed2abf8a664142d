import Telemetry
import Testing

@Suite struct TraceStateTests {
    private func member(_ key: String, _ length: Int) -> String {
        key + "=" + String(repeating: "v", count: length - key.utf8.count - 1)
    }

    private func read(_ members: [String]) -> String? { TraceState.read([members.joined(separator: ",")]) }

    @Test func whatFitsStaysAsItIs() {
        let text = ([member("k", 128)] + (0..<3).map { member("k\($0)", 127) }).joined(separator: ",")
        #expect(text.utf8.count == 512)
        #expect(TraceState.read([text]) == text)
        // Every byte that may stand in a key or a value; a blank in front of a value belongs to it.
        let value = String(decoding: (UInt8(0x20)...0x7E).filter { $0 != 0x2C && $0 != 0x3D }, as: UTF8.self)
        let all = "0az_-*/@tenant=\(value)"
        #expect(TraceState.read([all]) == all)
    }

    /// RFC 9110 section 5.3, and W3C Trace Context, section 3.3.1.1.
    @Test func severalAreOneAndBlanksAroundMembersAreNothing() {
        #expect(TraceState.read(["a=1,b=2", "c=3"]) == "a=1,b=2,c=3")
        #expect(TraceState.read(["", "a=1 \t , \t b=2", "\t c=3 \t", " ", ",,d=4,"]) == "a=1,b=2,c=3,d=4")
        #expect(TraceState.read([]) == nil && TraceState.read(["", " ,\t"]) == nil)
    }

    @Test func thereAreThirtyTwoAtMost() {
        let members = (1...33).map { "k\($0)=\($0)" }
        #expect(read(Array(members.prefix(32))) == members.prefix(32).joined(separator: ","))
        #expect(read(members) == nil)
        #expect(
            TraceState.read([members.prefix(20).joined(separator: ","), members.suffix(13).joined(separator: ",")])
                == nil)
        // Empty ones do not count.
        #expect(read(Array(members.prefix(32)) + ["", " "]) == members.prefix(32).joined(separator: ","))
    }

    /// The ones of W3C's test suite (`test_tracestate_…_illegal_…`, `…_length_limit`) among them.
    @Test(arguments: [
        "foo", "=1", "foo =1", "FOO=1", "foo.bar=1", "@foo=1", "foo=bar=baz", "foo=", "foo=b\tr", "foo=é",
        String(repeating: "z", count: 257) + "=1", "a=" + String(repeating: "z", count: 257),
    ])
    func oneThatIsNoneSpoilsTheWhole(bad: String) {
        #expect(read([bad]) == nil && read([bad, "bar=3"]) == nil && read(["bar=3", bad]) == nil)
    }

    @Test func keysMayBeAsLongAsLevelTwoSays() {
        for key in [String(repeating: "z", count: 256), "t@" + String(repeating: "v", count: 15), "foo@bar@baz"] {
            #expect(read(["foo=1", "\(key)=1"]) == "foo=1,\(key)=1")
        }
    }

    @Test func theLastGoFirst() {
        let members = (0..<10).map { member("k\($0)", 100) }
        #expect(read(members) == members[0..<5].joined(separator: ","))
    }

    @Test func longOnesGoBeforeOthers() {
        let long = member("long", 129)
        let short = (0..<4).map { member("k\($0)", 110) }
        #expect(read([long] + short) == short.joined(separator: ","))
    }

    @Test func whatIsMuchTooLongLeavesNothing() {
        #expect(read([member("a", 258), member("b", 257)])?.utf8.count == 258)
        #expect(read([String(repeating: "a", count: 80_000)]) == nil)
        #expect(read([String(repeating: ",", count: 100_000)]) == nil)
    }
}
