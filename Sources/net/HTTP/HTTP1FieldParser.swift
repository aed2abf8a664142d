/// Reads field lines up to the empty line, for a header or for trailers.
struct HTTP1FieldParser {
    enum Section: String {
        case header
        /// Its fields are dropped: none is used here, and some servers merged them into the header, framing fields
        /// included.
        case trailer
    }

    private(set) var fields = HTTPFields()
    private let section: Section
    private var bytes = 0
    private var count = 0

    init(_ section: Section) {
        self.section = section
    }

    /// Whether the empty line was read; false when more input is needed.
    mutating func read(_ input: inout HTTP1Input, within limits: HTTP1Limits) throws(HTTP1Error) -> Bool {
        let byteLimit = section == .header ? limits.fieldBytes : limits.trailerBytes
        while true {
            // The CRLF of a field line counts too; the empty line that ends the section does not.
            switch input.nextLine(limit: max(byteLimit - bytes - 2, 0)) {
            case .incomplete: return false
            case .tooLong:
                throw HTTP1Error(
                    .headerFieldsTooLarge, "the \(section.rawValue) is too large; expected at most \(byteLimit) bytes")
            case .bareLineFeed: throw HTTP1Syntax.bareLineFeed
            case .complete(let length):
                if length == 0 {
                    input.consume(2)
                    return true
                }
                count += 1
                guard count <= limits.fieldCount else {
                    throw HTTP1Error(
                        .headerFieldsTooLarge,
                        "the \(section.rawValue) has too many fields; expected at most \(limits.fieldCount)")
                }
                let field = try HTTP1Syntax.field(input.bytes.extracting(0..<length))
                if section == .header { fields.append(field.name, field.value) }
                bytes += length + 2
                input.consume(length + 2)
            }
        }
    }
}
