import LoadBalancing
import Testing

@Suite struct AttributesTests {
    private enum Zone: AttributeKey {
        typealias Value = String
    }

    @Test func eachKeyHasItsOwnValue() {
        var attributes = Attributes()
        #expect(attributes[Weight.self] == nil)
        attributes[Weight.self] = 7
        attributes[Zone.self] = "a"
        #expect(attributes[Weight.self] == 7)
        #expect(attributes[Zone.self] == "a")
        attributes[Weight.self] = nil
        #expect(attributes[Weight.self] == nil)
    }

    @Test func equalIsWhatHasEqualValues() {
        var one = Attributes()
        var other = Attributes()
        one[Weight.self] = 7
        #expect(one != other)
        other[Weight.self] = 7
        #expect(one == other)
        #expect(Set([one, other]).count == 1)
        other[Zone.self] = "a"
        #expect(one != other)
    }

    /// A weight that changes makes no new connection.
    @Test func attributesDoNotMakeAnotherServer() {
        var heavy = endpoint(1)
        heavy.attributes[Weight.self] = 9
        #expect(heavy != endpoint(1))
        #expect(heavy.identity == endpoint(1).identity)
    }
}
