import System

/// What the kernel says of this process (proc(5)); nil where there is no /proc.
enum ProcessFacts {
    /// Bytes; `field` is of /proc/self/status, whose lines are like `VmRSS:   1234 kB`.
    static func memory(_ field: String) -> Double? {
        value(of: field, in: "/proc/self/status").map { $0 * 1024 }
    }

    /// Linux 6.2 and later give their number as the directory's size; counting the names of many takes milliseconds.
    static var openDescriptors: Double? {
        let directory = "/proc/self/fd"
        if let count = (try? FileSystem.entry(at: directory))??.size, count > 0 { return Double(count) }
        // One of them is the listing's own.
        return (try? FileSystem.names(in: directory)).map { Double($0.count - 1) }
    }

    /// The soft limit, beyond which nothing can be accepted or opened.
    static var maxDescriptors: Double? {
        value(of: "Max open files", in: "/proc/self/limits")
    }

    /// The number that follows `field` at the beginning of a line.
    private static func value(of field: String, in path: String) -> Double? {
        guard let bytes = try? FileSystem.read(path, limit: 16 << 10) else { return nil }
        guard let line = bytes.split(separator: UInt8(ascii: "\n")).first(where: { $0.starts(with: field.utf8) }) else {
            return nil
        }
        let words = line.dropFirst(field.utf8.count).split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return words.first.flatMap { Double(String(decoding: $0, as: UTF8.self)) }
    }
}
