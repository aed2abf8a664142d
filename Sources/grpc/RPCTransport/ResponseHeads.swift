import HTTP2
import RPCCore

/// What the last head of an answer on one connection said, for those that are the same: all of one server's mostly are.
struct ResponseHeads {
    private var head: ResponseReader.Head?
    private var count = 0

    /// nil: they have to be read. To be asked before the connection is given another block; mutating only so that nothing is
    /// copied to be asked.
    mutating func last(like fields: borrowing FieldBlock) -> ResponseReader.Head? {
        fields.count == count && fields.repeated == count ? head : nil
    }

    /// nil: they cannot be taken over.
    mutating func read(_ fields: borrowing FieldBlock, as head: ResponseReader.Head?) {
        self.head = head
        count = fields.count
    }
}
