/// The comments of a file, by where they are.
struct Comments {
    /// From a file to a part of it: numbers of fields of the descriptors, and places in them.
    struct Path {
        private(set) var steps: [Int32] = []

        func message(_ index: Int) -> Path { adding(4, index) }
        func enumeration(_ index: Int) -> Path { adding(5, index) }
        func service(_ index: Int) -> Path { adding(6, index) }
        // Of a message:
        func field(_ index: Int) -> Path { adding(2, index) }
        func nestedMessage(_ index: Int) -> Path { adding(3, index) }
        func nestedEnumeration(_ index: Int) -> Path { adding(4, index) }
        func oneof(_ index: Int) -> Path { adding(8, index) }
        // Of an enum, and of a service:
        func value(_ index: Int) -> Path { adding(2, index) }
        func method(_ index: Int) -> Path { adding(2, index) }

        private func adding(_ field: Int32, _ index: Int) -> Path {
            var path = self
            path.steps += [field, Int32(truncatingIfNeeded: index)]
            return path
        }
    }

    private var locations: [[Int32]: SourceCodeInfo.Location] = [:]

    init(_ file: FileDescriptorProto) {
        for location in file.sourceCodeInfo?.location ?? [] {
            locations[location.path] = location
        }
    }

    /// The lines above a part, and those behind it.
    func lines(_ path: Path) -> [String] {
        guard let location = locations[path.steps] else { return [] }
        return Comments.lines(location.leadingComments) + Comments.lines(location.trailingComments)
    }

    /// protoc leaves the blank after `//` in, and ends with a line's end.
    private static func lines(_ comment: String) -> [String] {
        // Swift ends a comment at a lone CR, too; and CR LF is one character, which is no LF.
        var lines = comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            let end = line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex
            let text = line[..<end]
            return String(text.hasPrefix(" ") ? text.dropFirst() : text)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
