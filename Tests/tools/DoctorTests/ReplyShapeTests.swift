import Doctor
import HelloWorldAPI
import Protobuf
import Testing

@Suite struct ReplyShapeTests {
    private let files = [ProtoFile.sampleServiceHelloWorld.descriptor]

    private func shape(_ method: String = "SayHello", _ field: String = "hostname") throws -> ReplyShape {
        try ReplyShape(of: method, in: "sample.service.HelloWorld", field: field, files: files)
    }

    @Test func aFieldIsFoundByItsName() throws {
        var reply = HelloReply()
        reply.message = "Hello"
        reply.hostname = "pod-1"
        #expect(try shape().value(in: reply.encoded) == "pod-1")
        #expect(try shape("SayHello", "message").value(in: reply.encoded) == "Hello")
    }

    @Test func aFieldThatIsNotThereHasNoValue() throws {
        #expect(try shape().value(in: []) == nil)
        #expect(try shape().value(in: [0xff]) == nil)
    }

    @Test(arguments: [
        ("SayGoodbye", "hostname", "has no method SayGoodbye; it has"), ("SayHello", "pod", "has no field pod; it has"),
        ("StreamHello", "hostname", "is not unary"), ("SayHello", "hostname.x", "does not describe a scalar"),
    ]) func whatCannotBeIsSaid(_ method: String, _ field: String, _ words: String) {
        #expect { try shape(method, field) } throws: { "\($0)".contains(words) }
    }

    @Test func anUnknownServiceIsSaid() {
        #expect { try ReplyShape(of: "Get", in: "x.Y", field: "z", files: files) } throws: {
            "\($0)" == "reflection does not know the service x.Y"
        }
    }

    /// A message within, by a descriptor written by hand: message M { N inner = 2; } message N { string name = 1; }.
    @Test func aFieldOfAMessageWithinIsFoundByItsPath() throws {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
        func text(_ number: UInt8, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }
        let inner = field(2, text(1, "inner") + [0x18, 2] + text(6, ".p.N"))
        let name = field(2, text(1, "name") + [0x18, 1])
        let method = field(2, text(1, "Get") + text(3, ".p.M"))
        let file =
            text(2, "p") + field(4, text(1, "M") + inner) + field(4, text(1, "N") + name)
            + field(6, text(1, "S") + method)
        let shape = try ReplyShape(of: "Get", in: "p.S", field: "inner.name", files: [file])
        #expect(shape.numbers == [2, 1])
        #expect(shape.value(in: field(2, text(1, "pod-7"))) == "pod-7")
    }
}

/// A server that means ill decides neither how deep nor how much is read.
@Suite struct HostileReflectionTests {
    /// Field `number`, whatever its length.
    private func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var length = bytes.count
        var result = [number << 3 | 2]
        while length > 0x7f {
            result.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        return result + [UInt8(length)] + bytes
    }

    private func nested(_ depth: Int) -> [[UInt8]] {
        var type = field(1, Array("M".utf8))
        for _ in 1..<depth { type = field(1, Array("M".utf8)) + field(3, type) }
        return [field(4, type)]
    }

    @Test(arguments: [33, 2000]) func typesWithinTypesHaveALimit(_ depth: Int) {
        #expect { try ReplyShape(of: "Get", in: "x.Y", field: "z", files: nested(depth)) } throws: {
            "\($0)".contains("more than 32 types within one another")
        }
    }

    @Test func thirtyTwoAreRead() {
        #expect { try ReplyShape(of: "Get", in: "x.Y", field: "z", files: nested(32)) } throws: {
            "\($0)" == "reflection does not know the service x.Y"
        }
    }

    @Test func filesAndTheirBytesHaveALimit() throws {
        var files = ReflectedFiles()
        _ = try files.add(Array(repeating: [], count: ReflectedFiles.mostFiles))
        #expect { try files.add([[]]) } throws: { "\($0)".contains("more than 1000 files") }
        var bytes = ReflectedFiles()
        let part = [UInt8](repeating: 0, count: ReflectedFiles.mostBytes / 2)
        _ = try bytes.add([part])
        _ = try bytes.add([part])
        #expect { try bytes.add([[0]]) } throws: { "\($0)".contains("more than 16 MiB") }
    }

    @Test func anImportIsAskedForOnce() throws {
        func file(_ name: String, _ imports: [String]) -> [UInt8] {
            field(1, Array(name.utf8)) + imports.flatMap { field(3, Array($0.utf8)) }
        }
        var files = ReflectedFiles()
        #expect(try files.add([file("a", ["b", "c"]), file("b", ["d"])]) == ["c", "d"])
        #expect(try files.add([file("c", ["a", "d", "e"])]) == ["e"])
    }
}

@Suite struct NamedCallTests {
    @Test(arguments: ["shop.Orders/Version", "/shop.Orders/Version", "shop.Orders.Version"])
    func aMethodIsWrittenInAnyOfItsForms(_ text: String) {
        let call = NamedCall(method: text, field: "host")
        #expect(call?.service == "shop.Orders")
        #expect(call?.method == "Version")
    }

    @Test(arguments: ["", "Version", "/", "shop/", "a/b/c"]) func whatIsNoneIsRefused(_ text: String) {
        #expect(NamedCall(method: text, field: "host") == nil)
    }
}
