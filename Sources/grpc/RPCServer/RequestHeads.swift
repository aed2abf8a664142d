import HTTP2
import RPCCore

/// Reads the heads of one connection's requests, each from where it begins to differ from those before: path, content
/// type, user agent and more are the same in most, and looking at them again was 1500 instructions a call.
struct RequestHeads {
    private let fresh: RequestHeadReader
    /// Has read `count` fields, with which every head since then has begun.
    private var common: RequestHeadReader
    private var count = 0

    init(maxHeaderListBytes: Int) {
        fresh = RequestHeadReader(maxHeaderListBytes: maxHeaderListBytes)
        common = fresh
    }

    /// A reader that has read the fields, which are those that the connection was given last.
    mutating func read(_ fields: borrowing FieldBlock) -> RequestHeadReader {
        let repeated = fields.repeated
        if repeated != count {
            if repeated < count {
                common = fresh
                count = 0
            }
            fields.forEach(count..<repeated) { common.receive(field: $0, value: $1) }
            count = repeated
        }
        var reader = common
        fields.forEach(count..<Int.max) { reader.receive(field: $0, value: $1) }
        return reader
    }
}
