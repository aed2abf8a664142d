import Bytes
import System

/// Where the files of a log begin in all that was ever written to it: a line for each, its inode and the number of bytes
/// before it. Inodes, because names are given to other files while somebody reads.
package struct LogPlaces: Equatable, Sendable {
    package struct Place: Equatable, Sendable {
        package let inode: UInt64
        package let start: Int

        package init(inode: UInt64, start: Int) {
            self.inode = inode
            self.start = start
        }

        init?(of path: String, start: Int) {
            guard let entry = (try? FileSystem.entry(at: path)) ?? nil else { return nil }
            self.init(inode: entry.inode, start: start)
        }
    }

    package let places: [Place]

    package init(_ places: [Place]) {
        self.places = places
    }

    /// Those beside a log; nil if its file was never begun anew.
    package init?(beside log: String) {
        guard let bytes = try? FileSystem.read(LogPlaces.path(log)) else { return nil }
        places = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let numbers = line.split(separator: UInt8(ascii: " ")).map { Decimal.number(Array($0).span) }
            guard numbers.count == 2, let inode = numbers[0].flatMap({ UInt64(exactly: $0) }), let start = numbers[1]
            else { return nil }
            return Place(inode: inode, start: start)
        }
    }

    /// nil if it is not known.
    package func start(ofFile inode: UInt64) -> Int? { places.first { $0.inode == inode }?.start }

    static func path(_ log: String) -> String { log + ".places" }

    func write(for log: String) {
        let text = places.map { "\($0.inode) \($0.start)\n" }.joined()
        try? FileSystem.write(Array(text.utf8), to: LogPlaces.path(log))
    }
}
