import LocalCluster
import Testing

@Suite struct PodNameTests {
    @Test func aNameLooksLikeOneOfKubernetes() throws {
        var generator = SystemRandomNumberGenerator()
        let name = PodName.make(deployment: "sample-service-grpc", revision: "grpc", using: &generator)
        let rest = try #require(name.wholeMatch(of: /sample-service-grpc-(.+)/)?.1)
        #expect(rest.wholeMatch(of: /[bcdfghjklmnpqrstvwxz2456789]{9}-[bcdfghjklmnpqrstvwxz2456789]{5}/) != nil)
    }

    @Test func podsOfOneRevisionShareTheMiddlePart() {
        #expect(PodName.templateHash("a") == PodName.templateHash("a"))
        #expect(PodName.templateHash("a") != PodName.templateHash("b"))
    }

    @Test func aLabelIsMadeOfSmallLettersDigitsAndDashes() {
        let bytes = (UInt8.min ... .max).filter(\.isLabelByte)
        #expect(String(decoding: bytes, as: UTF8.self) == "-0123456789abcdefghijklmnopqrstuvwxyz")
    }
}
