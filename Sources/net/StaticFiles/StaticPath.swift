import Bytes

/// A request's path as names below the root, decoded once.
///
/// The path is split before it is decoded, so an encoded slash cannot make two names of one. Names that begin with a
/// dot do not exist here: that refuses `.` and `..` however they are spelled, and keeps `.git` and the like private.
package struct StaticPath: Equatable {
    /// Empty for the root itself.
    package let names: [String]
    /// Whether the path ends in a slash, which asks for the directory's index.
    package let isDirectory: Bool

    /// `path` is as it was sent, `prefix` where the root is mounted: `/js`. nil if no file can be meant.
    package init?(_ path: Substring, below prefix: String) {
        var names: [String] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            guard let name = PercentCoding.decode(part) as String? else { return nil }
            names.append(name)
        }
        let mount = prefix.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.starts(with: mount) else { return nil }
        names.removeFirst(mount.count)
        isDirectory = names.last == ""
        if isDirectory { names.removeLast() }
        guard names.allSatisfy(StaticPath.isServed) else { return nil }
        self.names = names
    }

    private static func isServed(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: ".") else { return false }
        return name.utf8.allSatisfy { $0 != 0 && $0 != UInt8(ascii: "/") }
    }
}
