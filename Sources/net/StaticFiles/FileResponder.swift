import Compression
package import HTTP
package import HTTPTransport
package import System
package import Timing

/// Answers GET requests with the files below a root. Belongs to one loop.
///
/// Small files are read on the loop itself, each once: after that a request costs nothing but its answer, and now and
/// then the opening of the file and a look at its facts, a few microseconds, which handing the work to another thread
/// would cost as well. What may take long is the first reading from a slow disk, once a file.
package final class FileResponder {
    private let root: FileTree
    /// The prefix with a slash.
    private let mount: String
    private let prefix: String
    private let configuration: StaticFilesConfiguration
    private let clock: () -> Instant
    private let time: () -> Int64
    private let report: (String) -> Void
    private var cache: FileCache

    /// `prefix` is where the root is mounted, without a slash at its end. `clock` is the loop's, `time` the wall clock
    /// in nanoseconds since 1970. `report` hears of files that are there and cannot be served, one line each.
    package init(
        root: FileTree, prefix: String, configuration: StaticFilesConfiguration = .defaults,
        clock: @escaping () -> Instant, time: @escaping () -> Int64 = { WallClock.nanoseconds },
        report: @escaping (String) -> Void = { _ in }
    ) {
        self.root = root
        self.prefix = prefix
        mount = prefix + "/"
        self.configuration = configuration
        self.clock = clock
        self.time = time
        self.report = report
        cache = FileCache(limit: configuration.cacheSize)
    }

    /// 200 or 206 with the file, 304, 301 from a directory to the same with a slash; 403, 404, 406, 412, 416 or 500
    /// with a page.
    package func respond(_ request: HTTPRequestHead) -> HTTPResponse {
        if let version = versionInMemory(request.path) { return response(to: request, version) }
        guard let path = StaticPath(request.path, below: prefix) else { return FileResponder.notFound }
        let names = path.isDirectory ? path.names + [configuration.indexName] : path.names
        do throws(SystemError) {
            guard let file = try root.open(names) else { return FileResponder.notFound }
            switch file.facts.kind {
            case .file: return try response(to: request, file, names)
            case .directory: return path.isDirectory ? FileResponder.notFound : redirect(request)
            case .other: return FileResponder.notFound
            }
        } catch {
            report("\(error)")
            if error.isPermissionDenied { return Page.error(.forbidden, "this file may not be read") }
            return Page.error(.internalServerError, "this file cannot be read; the log says why")
        }
    }

    private static var notFound: HTTPResponse { Page.error(.notFound, "there is nothing at this path") }

    /// For a path that is spelled as it is kept: one without escapes, below the prefix. All others are looked up with
    /// care first.
    private func versionInMemory(_ path: Substring) -> FileVersion? {
        let bytes = path.utf8
        guard bytes.starts(with: mount.utf8), !bytes.contains(UInt8(ascii: "%")) else { return nil }
        let name = path[bytes.index(bytes.startIndex, offsetBy: mount.utf8.count)...]
        let isDirectory = bytes.last == UInt8(ascii: "/")
        return cache.version(
            at: isDirectory ? name + configuration.indexName : name,
            checkedSince: Instant(nanoseconds: clock().nanoseconds - configuration.recheckTime.nanoseconds))
    }

    // MARK: Files

    private func response(
        to request: HTTPRequestHead, _ file: consuming OpenFile, _ names: [String]
    ) throws(SystemError) -> HTTPResponse {
        let sibling = compressedSibling(of: file.facts, names)
        let facts = FileFacts(file: file.facts, sibling: FileResponder.facts(of: sibling))
        let path = names.joined(separator: "/")[...]
        let time = time()
        guard facts.file.size <= configuration.largestInMemory else {
            return response(to: request, facts.versionOnDisk(type: MediaType.of(path), time: time), file, sibling)
        }
        let now = clock()
        if let version = cache.version(at: path, of: facts, now: now) { return response(to: request, version) }
        let version = try read(file, sibling, at: path, time: time)
        // A file that is being written has not got its size yet, or has it no more.
        if version.plain.size == facts.file.size { cache.keep(version, at: path, of: facts, time: time, now: now) }
        return response(to: request, version)
    }

    /// `NAME.gz` beside a file, if it is a file and not older. It is looked up as every file is, so a link that leads
    /// out of the root is nothing; nor is one that may not be read.
    private func compressedSibling(of facts: OpenFile.Facts, _ names: [String]) -> OpenFile? {
        guard let name = names.last, !name.hasSuffix(".gz"),
            let sibling = try? root.open(names.dropLast() + [name + ".gz"]),
            sibling.facts.kind == .file, sibling.facts.modified >= facts.modified
        else { return nil }
        return sibling
    }

    private static func facts(of file: borrowing OpenFile?) -> OpenFile.Facts? {
        switch file {
        case .some(let file): file.facts
        case .none: nil
        }
    }

    private func read(
        _ file: borrowing OpenFile, _ sibling: borrowing OpenFile?, at path: Substring, time: Int64
    ) throws(SystemError) -> FileVersion {
        let bytes = try file.read(limit: file.facts.size)
        let type = MediaType.of(path)
        var compressed = content(of: sibling).flatMap { Gzip.isCompressed($0, of: bytes) ? $0 : nil }
        if compressed == nil, MediaType.isCompressible(type) {
            let last = cache.lastVersion(at: path)
            compressed = last?.plain.bytes == bytes ? last?.gzip?.bytes : CompressedForm.make(of: bytes)
        }
        return FileVersion(
            type: type, modified: min(file.facts.modified, time) / 1_000_000_000,
            plain: Representation(.identity, bytes: bytes),
            gzip: compressed.map { Representation(.gzip, bytes: $0) })
    }

    /// nil if it cannot be read, or is no small file, as the compressed form of one is.
    private func content(of sibling: borrowing OpenFile?) -> [UInt8]? {
        switch sibling {
        case .some(let file):
            file.facts.size <= configuration.largestInMemory ? try? file.read(limit: file.facts.size) : nil
        case .none: nil
        }
    }

    // MARK: Responses

    /// From memory.
    private func response(to request: HTTPRequestHead, _ version: FileVersion) -> HTTPResponse {
        switch version.answer(request, now: time() / 1_000_000_000) {
        case .content(let representation, let part, let head):
            let bytes = representation.bytes ?? []
            let body = part.count == bytes.count ? bytes : Array(bytes[part])
            return HTTPResponse(status: head.status, fields: head.fields, body: body)
        case .other(let response): return response
        }
    }

    /// From the disk.
    private func response(
        to request: HTTPRequestHead, _ version: FileVersion, _ file: consuming OpenFile, _ sibling: consuming OpenFile?
    ) -> HTTPResponse {
        switch version.answer(request, now: time() / 1_000_000_000) {
        case .content(let representation, let part, let head):
            let isCompressed = representation.coding == .gzip
            let source: OpenFile
            if isCompressed, let sibling = consume sibling { source = sibling } else { source = file }
            let slice = FileSlice(source, offset: part.lowerBound, count: part.count)
            return HTTPResponse(status: head.status, fields: head.fields, file: slice)
        case .other(let response): return response
        }
    }

    /// Relative links of a page count from the last slash, so a directory must end in one. The location has no host:
    /// whatever name and port the client used, it goes on with them. It begins with the prefix, hence never with `//`.
    private func redirect(_ request: HTTPRequestHead) -> HTTPResponse {
        let location = "\(request.path)/" + (request.query.isEmpty ? "" : "?\(request.query)")
        return Page.error(.movedPermanently, "this directory is at \(location)", ["Location": location])
    }
}
