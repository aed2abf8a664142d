import LocalCluster
import Testing

@Suite struct TemplateTests {
    @Test func everyOccurrenceIsFilled() {
        #expect(Template.fill("@A@ b @A@@B@", with: ["A": "1", "B": "2"]) == "1 b 12")
    }

    @Test func aPartIsRemovedWithItsMarks() {
        let text = "1 # a: x\n  # a: why\n2\n# :a\n3\n# b: why\n4\n# :b\n"
        #expect(Template.removing(part: "a", from: text) == "1 # a: x\n3\n# b: why\n4\n# :b\n")
        #expect(Template.removing(part: "c", from: text) == text)
    }

    @Test func whatHasNoValueStays() {
        #expect(Template.fill("@A@ @named; me@example", with: ["B": "2"]) == "@A@ @named; me@example")
        #expect(Template.placeholders(in: "@A@ @named; @LONG_NAME@ me@x") == ["A", "LONG_NAME"])
    }
}
