import Protobuf
import StandardServices
import Testing

/// A field that is there again and again is merged in place. A copy each time is quadratic: one field to the
/// reflection service kept a server's only loop busy for 1.0 s with 1 MiB, and for 21.9 s with 4 MiB.
@Suite struct MergingTests {
    private static let times = 1000
    /// Growing by doubling from one field to a thousand moves the bytes about ten times; a copy each time, a thousand.
    private static let fewMoves = 30

    @Test func aMessageInAOneof() throws {
        var request = ServerReflectionRequest()
        // file_containing_extension with a field 15 that nobody knows.
        let moves = try Self.moves(merging: [0x2a, 2, 0x78, 1], into: &request) { request in
            guard case .fileContainingExtension(let inner)? = request.messageRequest else { return nil }
            return inner.unknownFields
        }
        #expect(moves < Self.fewMoves)
    }

    @Test func aMessageInItsOwnKind() throws {
        var outer = Tree()
        let moves = try Self.moves(merging: [0x0a, 2, 0x78, 1], into: &outer) { $0.child?.unknownFields }
        #expect(moves < Self.fewMoves)
    }

    @Test func aMessageInAMessage() throws {
        var response = ServerReflectionResponse()
        let moves = try Self.moves(merging: [0x12, 2, 0x78, 1], into: &response) { $0.originalRequest?.unknownFields }
        #expect(moves < Self.fewMoves)
    }

    @Test func packedValuesInManyParts() throws {
        var values: [Double] = []
        var moves = 0
        var last: Int?
        let part: [UInt8] = [0x0a, 8] + [UInt8](repeating: 0, count: 8)
        for _ in 1...Self.times {
            var reader = try ProtobufReader(part.span)
            _ = try reader.nextTag()
            try reader.packed(.double, into: &values)
            let place = unsafe values.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
            if place != last { moves += 1 }
            last = place
        }
        #expect(values.count == Self.times)
        #expect(moves < Self.fewMoves)
    }

    /// What is changed in one value is not changed in its copy.
    @Test func copiesAreApart() throws {
        var first = Tree(depth: 1)
        let second = first
        var reader = try ProtobufReader([0x0a, 2, 0x78, 1].span)
        try first.merge(&reader)
        #expect(first.child?.unknownFields == [0x78, 1])
        #expect(second.child == Tree())
        first.child = nil
        #expect(first == Tree() && second == Tree(depth: 1))
    }

    /// How often the bytes that `field` holds are at another place after `bytes` was merged once more.
    private static func moves<Message: ProtobufMessage>(
        merging bytes: [UInt8], into message: inout Message, in field: (Message) -> [UInt8]?
    ) throws -> Int {
        var moves = 0
        var last: Int?
        for time in 1...times {
            var reader = try ProtobufReader(bytes.span)
            try message.merge(&reader)
            let content = try #require(field(message))
            guard content.count == 2 * time else {
                Issue.record("\(content.count) bytes after \(time) times, expected \(2 * time)")
                break
            }
            let place = unsafe content.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
            if place != last { moves += 1 }
            last = place
        }
        return moves
    }
}

/// As `make proto` writes `message Tree { Tree child = 1; }`.
private struct Tree: ProtobufMessage {
    @Indirect var child: Tree? = nil
    var unknownFields: [UInt8] = []

    init() {}

    init(depth: Int) {
        if depth > 0 { child = Tree(depth: depth - 1) }
    }

    mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &child)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    func write(to writer: inout ProtobufWriter) {
        writer.message(child, field: 1)
        writer.unknown(unknownFields)
    }
}
