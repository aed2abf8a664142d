import JSON
import Timing

/// When a line of a log was written, by what it says itself. Pure.
///
/// These forms occur:
///
///     2023/11/24 07:30:45 …                 our services, nginx, Envoy; dnsmasq and the supervisor as samplectl stamps them
///     [GATEWAY] 2023/11/24 - 07:30:45 | …   our services' requests
///     2023-11-24T07:30:45.678Z [WARN] …     Consul
///     [2023-11-24 07:30:45.678][7][warn] …  Envoy, as it is by itself
///     Nov 24 07:30:45 …                     syslog, so dnsmasq, as it is by itself: UTC, and the year is a guess
///     {"time":"2023-11-24T07:30:45.678Z"…}  our services, nginx; etcd says `ts`, Consul `@timestamp`
package enum LogLineTime {
    /// Further on than this, it is no time at which a line was written.
    private static let mostAhead: Int64 = 86_400_000_000_000

    /// Nanoseconds since 1970; nil if the line has no time, as the lines after the first one of a message have none.
    package static func read(_ line: [UInt8], now: Int64) -> Int64? {
        guard let time = anyTime(line, now), time <= now + mostAhead else { return nil }
        return time
    }

    private static func anyTime(_ line: [UInt8], _ now: Int64) -> Int64? {
        guard let first = line.first else { return nil }
        // Consul indents its lines, JSON too.
        if first == UInt8(ascii: " ") { return anyTime(Array(line.drop { $0 == first }), now) }
        var text = TimeText(line.span)
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return numeric(&text)
        case UInt8(ascii: "{"): return json(line)
        case UInt8(ascii: "["):
            _ = text.skip(first)
            return numeric(&text) ?? request(line)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return syslog(line, now)
        default: return nil
        }
    }

    /// What has no offset is in UTC, as all is that samplectl starts.
    private static func numeric(_ text: inout TimeText) -> Int64? {
        var other = text
        if let day = text.date(separator: UInt8(ascii: "/")) {
            guard text.skip(UInt8(ascii: " ")), let clock = text.clock() else { return nil }
            return TimeText.join(day + clock, text.decimals())
        }
        guard let day = other.date(separator: UInt8(ascii: "-")),
            other.skip(UInt8(ascii: "T")) || other.skip(UInt8(ascii: " ")), let clock = other.clock()
        else { return nil }
        let decimals = other.decimals()
        return TimeText.join(day + clock - (other.offset() ?? 0), decimals)
    }

    private static func request(_ line: [UInt8]) -> Int64? {
        guard let end = line.prefix(40).firstIndex(of: UInt8(ascii: "]")) else { return nil }
        var text = TimeText(line.span, at: end + 1)
        guard text.skip(UInt8(ascii: " ")), let day = text.date(separator: UInt8(ascii: "/")),
            text.skip(UInt8(ascii: " ")), text.skip(UInt8(ascii: "-")), text.skip(UInt8(ascii: " ")),
            let clock = text.clock()
        else { return nil }
        return TimeText.join(day + clock, text.decimals())
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func syslog(_ line: [UInt8], _ now: Int64) -> Int64? {
        let name = String(decoding: line.prefix(3), as: UTF8.self)
        guard let month = months.firstIndex(of: name).map({ $0 + 1 }) else { return nil }
        var text = TimeText(line.span, at: 3)
        guard text.skip(UInt8(ascii: " ")) else { return nil }
        let isPadded = text.skip(UInt8(ascii: " "))
        guard let day = text.number(digits: isPadded ? 1 : 2), text.skip(UInt8(ascii: " ")), let clock = text.clock()
        else { return nil }
        let year = CivilTime(unixSeconds: now / 1_000_000_000).year
        // In January, December's lines are last year's.
        for year in [year, year - 1] {
            guard let date = CivilTime(year: year, month: month, day: day)?.unixSeconds,
                let time = TimeText.join(date + clock, 0), time <= now + mostAhead
            else { continue }
            return time
        }
        return nil
    }

    /// Where our services have it: first.
    private static let beginning = Array(#"{"time":""#.utf8)

    private static func json(_ line: [UInt8]) -> Int64? {
        if line.starts(with: beginning) {
            var text = TimeText(line.span, at: beginning.count)
            if let time = text.rfc3339() { return time }
        }
        return (try? JSONParser.parse(line)).flatMap(time)
    }

    /// Of a line that is one JSON object.
    private static func time(of json: JSONValue) -> Int64? {
        for key in timeKeys {
            if let text = json[key]?.string { return RFC3339.parse(text) }
            if let seconds = json[key]?.double, (0..<9e9).contains(seconds) { return Int64(seconds * 1e9) }
        }
        return nil
    }

    /// Under which programs write the time.
    package static let timeKeys = ["time", "ts", "@timestamp", "timestamp"]
}
