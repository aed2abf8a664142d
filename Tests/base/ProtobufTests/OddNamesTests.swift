import OddNamesAPI
import Protobuf
import Testing

/// Tests/protos/odd_names.proto, whose names mean something else in Swift. Most of it is that its code compiles.
@Suite struct OddNamesTests {
    @Test func fieldsNamedAsLocalsAreTheFields() throws {
        var message = Locals(
            content: .message(Inner(a: 1)), old: .oldLocals(Locals(tag: "b")), tag: "c", reader: 2, writer: [3],
            value: false)
        #expect(try Locals(decoding: message.encoded) == message)
        // 1 and 4 are merged into what is there.
        var reader = try ProtobufReader([0x0a, 2, 0x10, 9, 0x22, 2, 0x30, 5].span)
        try message.merge(&reader)
        #expect(message.old == .oldLocals(Locals(tag: "b", reader: 5)))
        guard case .message(let inner)? = message.content else {
            Issue.record("no longer the message: \(String(describing: message.content))")
            return
        }
        #expect(inner.a == 1 && inner.unknownFields == [0x10, 9])
    }

    @Test func namesThatSwiftHasNotAreOthers() throws {
        let numbers = Numbers(_1: "a", _2: ._3(Inner(a: 1)))
        #expect(numbers.encoded == [0x0a, 1, 0x61, 0x12, 2, 0x08, 1])
        #expect(try Numbers(decoding: numbers.encoded) == numbers)
        let keywords = Keywords(default: defaultMessage(let: "b"), is: .as, in: ["c": defaultMessage(switch: "")])
        #expect(try Keywords(decoding: keywords.encoded) == keywords)
        #expect(Lines.service == "odd.Lines")
    }
}
