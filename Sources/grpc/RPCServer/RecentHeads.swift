import HTTP2
import RPCCore

/// Reads the heads of one connection's requests, each from where it begins to differ from those before: path, content
/// type, user agent and more are the same in most, and looking at them again was 1500 instructions a call.
struct RecentHeads {
    private let fresh: RequestHeadReader
    /// Has read `count` fields, with which every head since then has begun.
    private var common: RequestHeadReader
    private var count = 0
    /// What came of the last head.
    private(set) var outcome = RequestHeadReader.Outcome.accepted
    private(set) var head = RequestHead()
    private(set) var listBytes = 0
    private var lastCount = -1

    init(maxHeaderListBytes: Int) {
        fresh = RequestHeadReader(maxHeaderListBytes: maxHeaderListBytes)
        common = fresh
    }

    /// Reads the fields, which are those that the connection was given last; `outcome`, `head` and `listBytes` tell.
    mutating func read(_ fields: borrowing FieldBlock) {
        let repeated = fields.repeated
        // One like the other: a client that sends no metadata, or always the same.
        if repeated == lastCount, fields.count == lastCount { return }
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
        outcome = reader.ended()
        listBytes = reader.headerListBytes
        head = reader.takeHead()
        lastCount = fields.count
    }
}
