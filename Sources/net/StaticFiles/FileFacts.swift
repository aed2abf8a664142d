import HTTP
package import System

/// What a version of a file was made from. A new one has to be made when any of it changes.
package struct FileFacts: Equatable, Sendable {
    package var file: OpenFile.Facts
    /// Of the file that holds the same, compressed.
    package var sibling: OpenFile.Facts?

    package init(file: OpenFile.Facts, sibling: OpenFile.Facts? = nil) {
        self.file = file
        self.sibling = sibling
    }

    /// A file system counts time in ticks (4 ms where the kernel has 250 a second): two changes within one look alike.
    /// What was just changed is therefore not trusted to stay what its facts say, until its last change is this long
    /// ago, in nanoseconds.
    private static let settlingTime: Int64 = 1_000_000_000

    /// Whether a further change would show. `time` is the wall clock in nanoseconds since 1970.
    package func areSettled(at time: Int64) -> Bool {
        FileFacts.isSettled(file, at: time) && sibling.map { FileFacts.isSettled($0, at: time) } ?? true
    }

    /// A date ahead is one of a clock that was set back, and says nothing.
    private static func isSettled(_ facts: OpenFile.Facts, at time: Int64) -> Bool {
        let (age, overflow) = time.subtractingReportingOverflow(facts.changed)
        return !overflow && age > settlingTime && facts.modified <= time
    }

    /// A version that nobody has read: its tags are made of these facts. A sibling is believed to be what it seems,
    /// unless it is no smaller.
    package func versionOnDisk(type: String, time: Int64) -> FileVersion {
        FileVersion(
            type: type, modified: min(file.modified, time) / 1_000_000_000,
            plain: FileFacts.representation(.identity, file, at: time),
            gzip: sibling.flatMap { $0.size < file.size ? FileFacts.representation(.gzip, $0, at: time) : nil })
    }

    private static func representation(
        _ coding: ContentCoding, _ facts: OpenFile.Facts, at time: Int64
    ) -> Representation {
        let tag = Representation.tag(
            coding, size: facts.size, modified: facts.modified, isSettled: isSettled(facts, at: time))
        return Representation(coding, tag: tag, size: facts.size)
    }
}
