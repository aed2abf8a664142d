import JSON
import Testing

@Suite struct JSONWriterTests {
    private func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func commasAndColonsArePutWhereTheyBelong() {
        let written = text { writer in
            writer.beginObject()
            writer.member("s", "x")
            writer.member("i", Int64.min)
            writer.member("u", UInt64.max)
            writer.member("d", 1.5)
            writer.member("b", false)
            writer.key("a")
            writer.beginArray()
            writer.beginObject()
            writer.endObject()
            writer.null()
            writer.beginArray()
            writer.endArray()
            writer.endArray()
            writer.endObject()
        }
        #expect(
            written
                == #"{"s":"x","i":-9223372036854775808,"u":18446744073709551615,"d":1.5,"b":false,"a":[{},null,[]]}"#)
    }

    @Test(arguments: [
        ("plain é😀", #""plain é😀""#), ("\"\\/", #""\"\\/""#), ("a\nb\r\t\u{8}\u{C}", #""a\nb\r\t\b\f""#),
        ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#), ("\u{85}\u{9B}\u{A0}", "\"\\u0085\\u009b\u{A0}\""),
        ("x\u{2028}\u{2029}\u{202A}", "\"x\\u2028\\u2029\u{202A}\""),
    ])
    func escapes(value: String, expected: String) throws {
        let written = text { $0.string(value) }
        #expect(written == expected)
        #expect(try JSONParser.parse(written).string == value)
    }

    @Test func numbersReadBackExactly() throws {
        for value in [0.1, -0.0, 1e300, .leastNonzeroMagnitude, 123_456_789.125, 1e16] {
            let read = try JSONParser.parse(text { $0.double(value) }).double
            #expect(read?.bitPattern == value.bitPattern)
        }
        #expect(text { $0.double(.infinity) } == "null")
        #expect(text { $0.double(.nan) } == "null")
    }

    @Test func linesAreSeparateTexts() {
        let written = text { writer in
            for number in 1...2 {
                writer.beginObject()
                writer.member("n", number)
                writer.endObject()
                writer.endLine()
            }
        }
        #expect(written == "{\"n\":1}\n{\"n\":2}\n")
    }

    @Test func valuesAreWrittenInOrder() {
        let value: JSONValue = ["z": 1, "a": [true, .null, "x", 2.5], "o": [:]]
        #expect(value.text == #"{"z":1,"a":[true,null,"x",2.5],"o":{}}"#)
    }

    @Test func membersAreReplacedAddedAndRemoved() {
        var object = JSONObject()
        object["a"] = 1
        object["b"] = 2
        object["a"] = 3
        #expect(JSONValue.object(object).text == #"{"a":3,"b":2}"#)
        object["a"] = nil
        #expect(object.keys == ["b"])
    }
}
