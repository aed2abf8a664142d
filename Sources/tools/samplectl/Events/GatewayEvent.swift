import Bytes
package import JSON
package import Terminal
import Timing

/// One event of a gateway's channel, as `GET /go/channel` and `GET /go/events` tell it.
package struct GatewayEvent: Equatable, Sendable {
    /// With the pod's name, the process and the number: where a stream goes on.
    package var id: String
    /// The pod's name.
    package var gateway: String
    /// From 1 in each process, without gaps.
    package var number: Int
    /// Nanoseconds since 1970.
    package var time: Int64
    package var message: String
    /// As the gateway said it.
    package var json: JSONValue

    package init(id: String, gateway: String, number: Int, time: Int64, message: String, json: JSONValue) {
        self.id = id
        self.gateway = gateway
        self.number = number
        self.time = time
        self.message = message
        self.json = json
    }

    /// nil if the value is not an event.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let gateway = json["gateway"]?.string,
            let number = id.split(separator: ":").last.flatMap({ Int($0) }), number > 0,
            let time = json["time"]?.string.flatMap(RFC3339.parse), let message = json["message"]?.string
        else { return nil }
        self.init(id: id, gateway: gateway, number: number, time: time, message: message, json: json)
    }

    /// Events of several gateways as one story. Those of one gateway stay in their order.
    package static func merged(_ events: [GatewayEvent]) -> [GatewayEvent] {
        var latest: [String: Int64] = [:]
        let ordered = events.enumerated().map { place, event in
            // The clock may have been set back.
            let order = max(latest[event.gateway] ?? .min, event.time)
            latest[event.gateway] = order
            return (order: order, place: place, event: event)
        }
        return ordered.sorted { ($0.order, $0.place) < ($1.order, $1.place) }.map(\.event)
    }
}

/// Which events of a gateway have been told.
package struct EventCursor: Equatable, Sendable {
    /// The number of the last one; 0 before the first.
    package private(set) var last = 0

    package init(last: Int = 0) {
        self.last = last
    }

    package enum Verdict: Equatable, Sendable {
        /// Before it are so many that nobody has told.
        case new(missed: Int)
        case known
    }

    package mutating func accept(_ number: Int) -> Verdict {
        guard number > last else { return .known }
        // Nothing is missed by whoever begins in the middle.
        let missed = last == 0 ? 0 : number - last - 1
        last = number
        return .new(missed: missed)
    }
}

/// How `events` shows an event.
package struct EventFormatter {
    package var isJSON: Bool
    package var paint: Paint
    /// Of the terminal; nil: lines are as long as they are.
    package var columns: Int?

    package init(isJSON: Bool, paint: Paint, columns: Int?) {
        self.isJSON = isJSON
        self.paint = paint
        self.columns = columns
    }

    /// Ends with a line feed.
    package func format(_ event: GatewayEvent) -> String {
        if isJSON { return event.json.text + "\n" }
        let time = CivilTime(clamping: event.time / 1_000_000_000)
        let stamp = "\(time.date(separator: "/")) \(time.clock)"
        let name = EventFormatter.shortened(event.gateway)
        var message: [UInt8] = []
        PrintableText.append(event.message, to: &message)
        let indent = stamp.count + name.count + 4
        // In less than twenty columns nothing can be read.
        let width = columns.flatMap { $0 - indent >= 20 ? $0 - indent : nil } ?? .max
        let lines = Paragraphs.fit(String(decoding: message, as: UTF8.self), width: width).split(separator: "\n")
        return "\(stamp)  \(paint(PodColour.of(event.gateway), name))  "
            + lines.joined(separator: "\n" + String(repeating: " ", count: indent)) + "\n"
    }

    /// `gateway-x2x4z` for `sample-service-gateway-7d9f8c6b5-x2x4z`.
    package static func shortened(_ pod: String) -> String {
        let name = LogName(pod)
        guard let component = name.component, let end = name.pod.split(separator: "-").last else { return pod }
        return "\(component)-\(end)"
    }
}
