import LocalCluster
import System
import Timing

/// A line of a pod's log, and when it was written.
package struct LogRecord: Equatable, Sendable {
    package var source: LogName
    /// Nanoseconds since 1970: the line's own, or that of the line before it.
    package var time: Int64
    /// By which lines are merged: never less than that of a line before it in the same log.
    package var order: Int64
    /// Without the line feed.
    package var line: [UInt8]
}

/// Reads one log line by line, what was written before its file was begun anew (`….log.1`) first. It holds some kilobytes
/// of it at a time, however long it is.
package final class LogSource {
    private static let blockSize = 64 * 1024
    /// What is longer is cut.
    package static let longestLine = 1 << 20

    package let name: LogName
    private let path: String
    /// Those that are to be read, the oldest first. The last one is the one that grows.
    private var files: [LogFile]
    private var block: [UInt8] = []
    private var position = 0
    private var lastTime: Int64?
    private var lastOrder = Int64.min
    private let clock: () -> Int64
    /// Hears how many bytes were gone before they could be read.
    private let missed: (Int) -> Void

    /// With `tail`, only that many lines of what there is now.
    package init(
        _ name: LogName, path: String, tail: Int? = nil, clock: @escaping () -> Int64 = { WallClock.nanoseconds },
        missed: @escaping (Int) -> Void = { _ in }
    ) {
        self.name = name
        self.path = path
        self.clock = clock
        self.missed = missed
        files = LogFile.both(path)
        if let tail { files = LogTail.cut(files, to: tail) }
    }

    /// The next line; nil if there is none yet. With `atEnd`, also one that has no line feed yet.
    package func next(atEnd: Bool) -> LogRecord? {
        while true {
            let rest = block[position...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { position = end + 1 }
                return record(Array(rest[..<end]))
            }
            if rest.count >= LogSource.longestLine { return flush() }
            guard fill() else { break }
        }
        return atEnd && position < block.count ? flush() : nil
    }

    private func flush() -> LogRecord {
        defer { (block, position) = ([], 0) }
        return record(Array(block[position...]))
    }

    /// Reads on; false if there is nothing.
    private func fill() -> Bool {
        while true {
            guard let file = files.first else {
                files = LogFile.current(path).map { [$0] } ?? []
                if files.isEmpty { return false }
                continue
            }
            if append(file.read(LogSource.blockSize)) { return true }
            if files.count == 1 {
                let next = file.successors(at: path)
                if next.isEmpty { return false }
                files += next
                // What was written after the last look and before it was renamed.
                if append(file.read(LogSource.blockSize)) { return true }
            }
            files.removeFirst()
            if let next = files.first, let gap = file.gap(before: next) {
                missed(gap)
                // The next file may begin within a line, and that line is not the one that this one ended in.
                if position < block.count { return append([UInt8(ascii: "\n")]) }
            }
        }
    }

    private func append(_ bytes: [UInt8]) -> Bool {
        if bytes.isEmpty { return false }
        block.removeFirst(position)
        position = 0
        block += bytes
        return true
    }

    /// The file is gone, and all of it has been read.
    package var isGone: Bool { position == block.count && ((try? FileSystem.entry(at: path)) ?? nil) == nil }

    private func record(_ line: [UInt8]) -> LogRecord {
        let now = clock()
        let own = LogLineTime.read(line, now: now)
        let time = own ?? lastTime ?? timeOfNextLine(now) ?? files.first?.modified ?? now
        lastTime = time
        lastOrder = max(lastOrder, time)
        return LogRecord(source: name, time: time, order: lastOrder, line: line)
    }

    /// For lines at the beginning of a log.
    private func timeOfNextLine(_ now: Int64) -> Int64? {
        for line in block[position...].split(separator: UInt8(ascii: "\n")) {
            if let time = LogLineTime.read(Array(line), now: now) { return time }
        }
        return nil
    }
}

/// A file that somebody else appends to.
final class LogFile {
    private let file: OpenFile
    /// How much was written before it; nil if that is not known.
    private let start: Int?
    var offset = 0

    /// `log` is the path of the file that grows.
    private init(_ path: String, of log: String) throws(SystemError) {
        file = try OpenFile(at: path)
        // Read after it was opened: the other way round it could be of another file.
        if let places = LogPlaces(beside: log) {
            start = places.start(ofFile: file.facts.inode)
        } else {
            // They are written a moment after the first file was renamed.
            let renamed = (try? FileSystem.entry(at: log + ".1")) ?? nil
            start = renamed == nil ? 0 : nil
        }
    }

    /// How much was written between what was read of this one and the other's beginning; nil if nothing, or not known.
    func gap(before other: LogFile) -> Int? {
        guard let start, let end = other.start, end > start + offset else { return nil }
        return end - start - offset
    }

    /// When it was written to last before it was opened.
    var modified: Int64 { file.facts.modified }
    var size: Int { file.facts.size }

    static func current(_ path: String) -> LogFile? { try? LogFile(path, of: path) }

    /// The one that was renamed, if there is one, and the one that grows.
    static func both(_ path: String) -> [LogFile] {
        // In this order: if one is renamed in between, it is there twice and not missing.
        let now = current(path)
        let before = try? LogFile(path + ".1", of: path)
        return [before?.file.facts.inode == now?.file.facts.inode ? nil : before, now].compactMap(\.self)
    }

    func read(_ limit: Int) -> [UInt8] {
        let bytes = read(at: offset, limit)
        offset += bytes.count
        return bytes
    }

    func read(at offset: Int, _ limit: Int) -> [UInt8] { (try? file.read(at: offset, limit: limit)) ?? [] }

    /// What now has its name, if that is another file; and before it the one that was begun and renamed meanwhile, while
    /// the reader was held up. One that has become shorter is read from its start.
    func successors(at path: String) -> [LogFile] {
        guard let entry = (try? FileSystem.entry(at: path)) ?? nil else { return [] }
        if entry.inode != file.facts.inode {
            return LogFile.both(path).filter { $0.file.facts.inode != file.facts.inode }
        }
        if entry.size < offset { offset = 0 }
        return []
    }
}

/// Where the last lines of a log begin.
enum LogTail {
    private static let blockSize = 64 * 1024

    /// The files that have the last `count` lines, the first of them at the line to begin with.
    static func cut(_ files: [LogFile], to count: Int) -> [LogFile] {
        if count == 0, let last = files.last {
            last.offset = last.size
            return [last]
        }
        var missing = count
        var isAtEnd = true
        for (index, file) in files.enumerated().reversed() {
            var end = file.size
            while end > 0 {
                let start = max(0, end - blockSize)
                let block = file.read(at: start, end - start)
                for place in block.indices.reversed() {
                    // The last line's own line feed is no boundary.
                    let wasAtEnd = isAtEnd
                    isAtEnd = false
                    guard block[place] == UInt8(ascii: "\n"), !wasAtEnd else { continue }
                    missing -= 1
                    if missing == 0 {
                        file.offset = start + place + 1
                        return Array(files[index...])
                    }
                }
                end = start
            }
        }
        return files
    }
}
