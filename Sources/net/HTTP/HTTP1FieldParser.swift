/// Reads field lines up to the empty line, for a header or for trailers.
struct HTTP1FieldParser {
    /// "header" or "trailer": what a message about an excess calls the section.
    let section: String
    let byteLimit: Int
    let countLimit: Int
    private(set) var fields = HTTPFields()
    private var bytes = 0
    private var count = 0
    private let keepsFields: Bool

    init(headerWithin limits: HTTP1Limits) {
        section = "header"
        byteLimit = limits.fieldBytes
        countLimit = limits.fieldCount
        keepsFields = true
    }

    /// Trailers are dropped: none is used here, and some servers merged them into the header, framing fields included.
    init(trailersWithin limits: HTTP1Limits) {
        section = "trailer"
        byteLimit = limits.trailerBytes
        countLimit = limits.fieldCount
        keepsFields = false
    }

    /// Whether the empty line was read; false when more input is needed.
    mutating func read(_ input: inout HTTP1Input) throws(HTTP1Error) -> Bool {
        while true {
            // The CRLF of a field line counts too; the empty line that ends the section does not.
            switch input.nextLine(limit: max(byteLimit - bytes - 2, 0)) {
            case .incomplete: return false
            case .tooLong:
                throw HTTP1Error(
                    .headerFieldsTooLarge, "the \(section) is too large; expected at most \(byteLimit) bytes")
            case .bareLineFeed: throw HTTP1Syntax.bareLineFeed
            case .complete(let length):
                if length == 0 {
                    input.consume(2)
                    return true
                }
                count += 1
                guard count <= countLimit else {
                    throw HTTP1Error(
                        .headerFieldsTooLarge, "the \(section) has too many fields; expected at most \(countLimit)")
                }
                let field = try HTTP1Syntax.field(input.bytes.extracting(0..<length))
                if keepsFields { fields.append(field.name, field.value) }
                bytes += length + 2
                input.consume(length + 2)
            }
        }
    }
}
