/// Reads server-sent events (WHATWG HTML, section 9.2.6) from bytes as they come. Pure.
package struct EventStreamParser {
    package struct Event: Equatable, Sendable {
        package var id: String
        package var name: String
        package var data: String
    }

    /// What is longer is no event of ours, and left out.
    private static let longestField = 1 << 20

    /// In how many milliseconds the server wants to be asked again, if it has said so.
    package private(set) var retryMilliseconds: Int?
    private var line: [UInt8] = []
    private var lineIsTooLong = false
    private var lastByteWasReturn = false
    private var id = ""
    private var name = ""
    private var data: String?

    package init() {}

    /// The events that these bytes complete.
    package mutating func feed(_ bytes: [UInt8]) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where lastByteWasReturn: break
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if let event = lineEnded() { events.append(event) }
            default:
                if line.count < EventStreamParser.longestField { line.append(byte) } else { lineIsTooLong = true }
            }
            lastByteWasReturn = byte == UInt8(ascii: "\r")
        }
        return events
    }

    private mutating func lineEnded() -> Event? {
        defer {
            line.removeAll(keepingCapacity: true)
            lineIsTooLong = false
        }
        if line.isEmpty { return dispatch() }
        // A colon at the start: a comment, which keeps the connection alive.
        guard !lineIsTooLong, line.first != UInt8(ascii: ":") else { return nil }
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: line[..<(colon ?? line.endIndex)], as: UTF8.self) {
        case "id": if !text.contains("\0") { id = text }
        case "event": name = text
        case "data":
            let joined = data.map { "\($0)\n\(text)" } ?? text
            data = joined.utf8.count <= EventStreamParser.longestField ? joined : nil
        case "retry": if let number = Int(text), number >= 0 { retryMilliseconds = number }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> Event? {
        defer { (name, data) = ("", nil) }
        guard let data else { return nil }
        return Event(id: id, name: name.isEmpty ? "message" : name, data: data)
    }
}
