import System
import Timing

/// Puts the time before each line, for programs that say none: in the form that the services' lines have.
package struct LineStamper {
    private var isAtStart = true

    package init() {}

    /// Bytes of lines as they come; where they are cut means nothing.
    package mutating func stamp(_ bytes: [UInt8], now: String = LineStamper.now) -> [UInt8] {
        var stamped: [UInt8] = []
        stamped.reserveCapacity(bytes.count + 64)
        for byte in bytes {
            if isAtStart { stamped += "\(now) ".utf8 }
            stamped.append(byte)
            isAtStart = byte == UInt8(ascii: "\n")
        }
        return stamped
    }

    /// `2023/11/24 07:30:45`
    package static var now: String {
        let time = CivilTime(clamping: WallClock.now.seconds)
        return "\(time.date(separator: "/")) \(time.clock)"
    }
}
