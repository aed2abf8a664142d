import HTTP
import Testing

@Suite struct EntityTagTests {
    /// The table of RFC 9110 section 8.8.3.2.
    @Test(arguments: [
        ("W/\"1\"", "W/\"1\"", false, true), ("W/\"1\"", "W/\"2\"", false, false), ("W/\"1\"", "\"1\"", false, true),
        ("\"1\"", "\"1\"", true, true),
    ])
    func twoComparisons(left: String, right: String, strong: Bool, weak: Bool) throws {
        let left = try #require(EntityTag(parsing: left))
        let right = try #require(EntityTag(parsing: right))
        #expect(left.equalsStrongly(right) == strong && right.equalsStrongly(left) == strong)
        #expect(left.equalsWeakly(right) == weak && right.equalsWeakly(left) == weak)
    }

    @Test(arguments: ["\"xyzzy\"", "W/\"xyzzy\"", "\"\"", "\"a,b\"", "\"back\\slash\"", "\"W/\"", "\"ü\""])
    func isWrittenAsItWasRead(text: String) {
        #expect(EntityTag(parsing: text)?.description == text)
    }

    @Test(arguments: [
        "", "xyzzy", "\"", "\"xyzzy", "xyzzy\"", "w/\"x\"", "W/x", "W/ \"x\"", "\"a b\"", "\"a\"b\"", "\"a\" ",
        " \"a\"",
        "*", "\"a\",\"b\"", "\"\u{7F}\"",
    ])
    func whatIsNoTagIsNone(text: String) {
        #expect(EntityTag(parsing: text) == nil)
    }

    /// The Kelvin sign is equal to K for Swift.
    @Test func bytesAreCompared() {
        #expect("\u{212A}" == "K")
        #expect(!EntityTag("\u{212A}").equalsWeakly(EntityTag("K")))
        #expect(!EntityTag("k").equalsWeakly(EntityTag("K")))
    }
}

@Suite struct EntityTagListTests {
    private func contains(_ fields: HTTPFields, _ tag: String, strongly: Bool = true) -> Bool? {
        EntityTagList(fields, "if-match")?.contains(EntityTag(tag), strongly: strongly)
    }

    @Test func withoutTheFieldThereIsNoList() {
        #expect(contains(["If-None-Match": "*"], "a") == nil)
    }

    @Test(arguments: [
        "\"a\"", "\"b\", \"a\"", "\"b\",\"a\"", ", ,\"b\" ,\t\"a\" ,", "\"x,y\", \"a\"", "W/\"a\", \"a\"",
    ])
    func findsAMember(list: String) {
        #expect(contains(["If-Match": list], "a") == true)
        #expect(contains(["If-Match": list], "c") == false)
    }

    @Test func maySpreadOverFields() {
        #expect(contains(["If-Match": "\"b\"", "if-match": "\"a\""], "a") == true)
    }

    @Test func weakMembersAreForCachesOnly() {
        #expect(contains(["If-Match": "W/\"a\""], "a") == false)
        #expect(contains(["If-Match": "W/\"a\""], "a", strongly: false) == true)
    }

    @Test func theAsteriskStandsForEveryTag() {
        #expect(contains(["If-Match": "*"], "anything") == true)
    }

    @Test(arguments: ["a", "\"a", "\"a\" \"b\"", "\"a\", b", "\"a\", *", "*, \"a\"", "\"a\";x", ""])
    func whatCannotBeReadNamesNothing(list: String) {
        #expect(contains(["If-Match": list], "a") == false)
    }

    @Test func theAsteriskStandsAlone() {
        #expect(contains(["If-Match": "*", "if-match": "\"a\""], "a") == false)
    }
}
