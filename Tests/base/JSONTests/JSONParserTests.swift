import Bytes
import JSON
import Testing

@Suite struct JSONParserTests {
    static let documents: [(String, JSONValue)] = [
        ("null", JSONValue.null), (" true ", true), ("false", false), ("0", 0), ("-7", -7),
        ("9223372036854775807", .number(.integer(.max))), ("-9223372036854775808", .number(.integer(.min))),
        ("9223372036854775808", .number(.double(9_223_372_036_854_775_808))), ("1.5", 1.5), ("1e3", 1000.0),
        ("-2.5E-1", -0.25), (#""""#, ""), (#""a\n\"\\\/\b\f\r\t""#, "a\n\"\\/\u{8}\u{C}\r\t"), (#""\u00e9é""#, "éé"),
        (#""\ud83d\ude00""#, "😀"), ("[]", []), ("[1 , [2]]", [1, [2]]), ("{}", [:]),
        ("\t{\"b\":1,\r\n\"a\":{\"c\":[null]}}", ["b": 1, "a": ["c": [.null]]]),
    ]

    @Test(arguments: documents)
    func parses(text: String, expected: JSONValue) throws {
        #expect(try JSONParser.parse(text) == expected)
    }

    @Test(arguments: [
        ("", 0), (" ", 1), ("tru", 0), ("nul", 0), ("True", 0), ("01", 1), ("-", 1), ("1.", 2), (".5", 0), ("1e", 2),
        ("+1", 0), ("NaN", 0), ("0x10", 1), ("1 2", 2), ("[1,]", 3), ("[1 2]", 3), ("[", 1), ("{\"a\":1,}", 7),
        ("{a:1}", 1), ("{\"a\" 1}", 5), ("{\"a\":1 \"b\":2}", 7), ("{'a':1}", 1), ("\"abc", 4), ("\"a\nb\"", 2),
        (#""\x""#, 2), (#""\u12g4""#, 5), (#""\ud800""#, 2), (#""\ud800\u0041""#, 2), (#""\udc00""#, 2), ("1e999", 0),
        ("// c", 0), ("{\"a\":1,\"a\":2}", 7), (#"{"a":1,"\u0061":2}"#, 7), ("]", 0),
    ])
    func refusesAndTellsWhere(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.offset == offset)
        #expect(error?.problem.contains("expected") == true)
    }

    @Test func refusesBytesThatAreNotUTF8() {
        for text: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0x5C, 0x6E, 0xC0, 0x80, 0x22], [0xEF, 0xBB, 0xBF, 0x31]] {
            #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        }
    }

    @Test func depthIsLimited() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(try JSONParser.parse(nested(64)).array?.count == 1)
        #expect(throws: JSONError.self) { try JSONParser.parse(nested(65)) }
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: "{\"a\":", count: 65)) }
    }

    @Test func sizeIsLimited() throws {
        let limits = JSONParser.Limits(bytes: 4, depth: 64)
        #expect(try JSONParser.parse("true", limits: limits) == true)
        let error = #expect(throws: JSONError.self) { try JSONParser.parse("false", limits: limits) }
        #expect(error?.problem == "the document has 5 bytes; expected at most 4")
    }

    @Test func valuesAreReadByKind() throws {
        let value = try JSONParser.parse(#"{"s":"x","i":3,"d":3.0,"f":1.5,"b":true,"n":null,"a":[1]}"#)
        #expect(value["s"]?.string == "x")
        #expect(value["i"]?.integer == 3)
        #expect(value["d"]?.integer == 3)
        #expect(value["f"]?.integer == nil)
        #expect(value["i"]?.double == 3)
        #expect(value["b"]?.bool == true)
        #expect(value["n"]?.isNull == true)
        #expect(value["a"]?.array == [1])
        #expect(value["s"]?.integer == nil)
        #expect(value["missing"] == nil)
        #expect(value["a"]?["x"] == nil)
        #expect(value.object?.keys == ["s", "i", "d", "f", "b", "n", "a"])
    }

    /// Any bytes give a value or an error; a value survives being written and read again.
    @Test func mutatedDocumentsNeverCrash() throws {
        let seed = Array(#"{"a":[1,-2.5e3,"x\u00e9\n",true,null,{"b":{}}],"long":"0123456789"}"#.utf8)
        var random = SplitMix64(seed: 1)
        for _ in 0..<20_000 {
            var text = seed
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[index] = UInt8.random(in: 0...255, using: &random)
                case 1: text.remove(at: index)
                default: text.insert(seed.randomElement(using: &random) ?? 0, at: index)
                }
            }
            if let value = try? JSONParser.parse(text) {
                #expect(try JSONParser.parse(value.serialized) == value)
            }
        }
    }
}
