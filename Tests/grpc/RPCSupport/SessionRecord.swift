import Bytes
package import HTTP2

/// Notes what happens on one stream.
package final class StreamRecord: HTTP2StreamHandler {
    package private(set) var stream: HTTP2Stream?
    /// Blocks of fields, each field as `name: value`.
    package private(set) var blocks: [[String]] = []
    /// How many fields of each block were told to be those of the block before.
    package private(set) var repeats: [Int] = []
    package private(set) var data: [UInt8] = []
    package private(set) var inputEnded = false
    /// One entry, if the session keeps its word.
    package private(set) var closings: [HTTP2ErrorCode] = []
    package private(set) var drainNotices = 0
    package private(set) var notSent: [String] = []
    /// Called with the data that has come in all.
    package var dataReceived: ((Int) -> Void)?
    private var fields: [String] = []
    private unowned let session: SessionRecord

    init(_ session: SessionRecord, stream: HTTP2Stream?) {
        self.session = session
        self.stream = stream
    }

    func begin(_ stream: HTTP2Stream) { self.stream = stream }

    package var isClosed: Bool { !closings.isEmpty }

    package func value(of name: String, block: Int = 0) -> String? {
        guard blocks.indices.contains(block) else { return nil }
        return blocks[block].first { $0.hasPrefix("\(name): ") }.map { String($0.dropFirst(name.count + 2)) }
    }

    package func streamReceived(_ fields: borrowing FieldBlock, endStream: Bool) {
        var block: [String] = []
        fields.forEach { name, value in
            block.append("\(String(validating: name) ?? "?"): \(String(validating: value) ?? "?")")
        }
        blocks.append(block)
        repeats.append(fields.repeated)
        if endStream { streamDataEnded() } else { session.changed() }
    }

    package func streamReceived(data: Span<UInt8>) {
        self.data.append(contentsOf: data)
        dataReceived?(self.data.count)
        session.changed()
    }

    package func streamDataEnded() {
        inputEnded = true
        session.requestEnded?(self)
        session.changed()
    }

    package func streamDrained() { drainNotices += 1 }
    package func streamNotSent(_ reason: String) { notSent.append(reason) }

    package func streamClosed(_ code: HTTP2ErrorCode) {
        closings.append(code)
        session.changed()
    }
}

/// An HTTP/2 peer that knows nothing of gRPC: notes what its session tells, and says what the test says.
package final class SessionRecord: HTTP2SessionHandler {
    package struct GoAway: Hashable {
        package var lastStreamID: Int32
        package var code: HTTP2ErrorCode
        package var debugData: String

        package init(_ lastStreamID: Int32, _ code: HTTP2ErrorCode, _ debugData: String = "") {
            self.lastStreamID = lastStreamID
            self.code = code
            self.debugData = debugData
        }
    }

    package let session: HTTP2Session
    package private(set) var streams: [StreamRecord] = []
    package private(set) var settings = 0
    package private(set) var goAways: [GoAway] = []
    package private(set) var pingAcks: [UInt64] = []
    package private(set) var pings = 0
    package private(set) var resets = 0
    /// A server's: whether it takes new streams.
    package var takesStreams = true
    /// A server's: called when a request is complete, to answer it.
    package var requestEnded: ((StreamRecord) -> Void)?
    /// Called after every event.
    package var changed: () -> Void = {}

    package init(
        _ role: HTTP2Session.Role, _ configuration: HTTP2Configuration = .defaults, memory: HTTP2Memory = HTTP2Memory()
    ) throws {
        session = try HTTP2Session(role: role, configuration: configuration, memory: memory)
        session.handler = self
    }

    /// Opens a stream. Without a `body` it stays open.
    package func request(_ fields: [(name: String, value: String)], body: [UInt8]?) throws -> StreamRecord {
        let record = StreamRecord(self, stream: nil)
        record.begin(try session.request(HeaderBlock(fields), body: body, handler: record))
        streams.append(record)
        return record
    }

    package func sessionOpened() -> HTTP2Stream? {
        guard takesStreams else { return nil }
        let stream = HTTP2Stream()
        let record = StreamRecord(self, stream: stream)
        stream.handler = record
        streams.append(record)
        return stream
    }

    package func sessionReceivedSettings() {
        settings += 1
        changed()
    }

    package func sessionReceivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: Span<UInt8>) {
        goAways.append(GoAway(lastStreamID, code, String(validating: debugData) ?? "?"))
        changed()
    }

    package func sessionReceivedPingAck(_ payload: UInt64) {
        pingAcks.append(payload)
        changed()
    }

    package func sessionReceivedPing() { pings += 1 }
    package func sessionReceivedReset() { resets += 1 }
}

/// The head of a gRPC request.
package func requestHead(_ path: String, _ more: [(name: String, value: String)] = []) -> [(
    name: String, value: String
)] {
    [
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "test"), ("te", "trailers"),
        ("content-type", "application/grpc"),
    ] + more
}

/// A message with its prefix.
package func frame(_ payload: [UInt8]) -> [UInt8] {
    let length = UInt32(payload.count)
    return [0] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + payload
}
