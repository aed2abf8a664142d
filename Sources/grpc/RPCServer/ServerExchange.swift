import Events
import RPCCore

/// What a call needs beyond a request and a reply: a stream's messages and those who wait for them, and metadata that its
/// handler sets. Most calls are unary and have none. Loop thread only.
final class ServerExchange {
    var requests = MessageQueue()
    /// Bytes of the message that the handler took last; it counts as the server's until the next one is asked for.
    var taken = 0
    /// Bytes that messages have been expanded to since the handler last let others have the loop.
    var expanded = 0
    /// The handler waits here for the next request.
    var reader: Notice?
    /// The handler waits here for the client to read; several, if it sends from several tasks.
    var writers: [Notice] = []
    var initialMetadata = Metadata()
    var trailingMetadata = Metadata()
    var draining: (() -> Void)?

    func wakeReader() {
        let waiting = reader
        reader = nil
        waiting?.give()
    }

    func wakeWriters() {
        if writers.isEmpty { return }
        let waiting = writers
        writers = []
        for writer in waiting { writer.give() }
    }

    /// The call is over: nobody waits any more, and nothing that has arrived is of use.
    func end() {
        requests.removeAll()
        draining = nil
        wakeReader()
        wakeWriters()
    }
}
