package import Events
package import HTTP
package import Web

/// Answers GET requests with the files below a root. Belongs to one loop.
///
/// Files are read on the loop itself. They are small, and each is read once: after that a request costs the opening of
/// the file and a look at its facts, a few microseconds, which handing the work to another thread would cost as well.
/// What may take long is the first reading from a slow disk, once a file.
package final class FileResponder {
    private let root: FileTree
    private let prefix: String
    private let configuration: StaticFilesConfiguration
    private let report: (String) -> Void
    private var cache: FileCache

    /// `prefix` is where the root is mounted, without a slash at its end. `report` hears of files that are there and
    /// cannot be served, one line each.
    package init(
        root: FileTree, prefix: String, configuration: StaticFilesConfiguration = .defaults,
        report: @escaping (String) -> Void = { _ in }
    ) {
        self.root = root
        self.prefix = prefix
        self.configuration = configuration
        self.report = report
        cache = FileCache(limit: configuration.cacheSize)
    }

    /// 200 with the file, 301 from a directory to the same with a slash, 403, 404 or 500 with a page.
    package func respond(_ request: HTTPRequestHead) -> HTTPResponse {
        guard let path = StaticPath(request.path, below: prefix) else { return FileResponder.notFound }
        let names = path.isDirectory ? path.names + [configuration.indexName] : path.names
        do throws(SystemError) {
            guard let file = try root.open(names) else { return FileResponder.notFound }
            switch file.facts.kind {
            case .file: return try content(of: file, names)
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

    private func content(of file: borrowing OpenFile, _ names: [String]) throws(SystemError) -> HTTPResponse {
        let path = names.joined(separator: "/")
        if let response = cache.response(for: path, file.facts) { return response }
        guard file.facts.size <= configuration.largestFile else {
            report("\(path) has \(file.facts.size) bytes, more than the \(configuration.largestFile) that are served")
            return Page.error(.internalServerError, "this file is too large to be served")
        }
        var fields = Page.fields(contentType: MediaType.of(path))
        fields.append("Last-Modified", HTTPDate.format(unixSeconds: file.facts.modified / 1_000_000_000))
        let response = HTTPResponse(
            status: .ok, fields: fields, body: try file.read(limit: configuration.largestFile))
        // A file that is being written has not got its size yet, or has it no more.
        if response.body.bytes?.count == file.facts.size {
            let now = WallClock.now
            cache.keep(response, for: path, file.facts, now: now.seconds * 1_000_000_000 + now.nanoseconds)
        }
        return response
    }

    /// Relative links of a page count from the last slash, so a directory must end in one. The location has no host:
    /// whatever name and port the client used, it goes on with them. It begins with the prefix, hence never with `//`.
    private func redirect(_ request: HTTPRequestHead) -> HTTPResponse {
        let location = "\(request.path)/" + (request.query.isEmpty ? "" : "?\(request.query)")
        var response = Page.error(.movedPermanently, "this directory is at \(location)")
        response.head.fields.append("Location", location)
        return response
    }
}
