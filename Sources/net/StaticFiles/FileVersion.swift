package import HTTP
package import HTTPTransport

/// One state of a file: the forms in which it can be sent, and what a request gets of them. Pure.
package struct FileVersion {
    package enum Answer {
        /// This part of this representation is the body; all of it for 200, less for 206.
        case content(Representation, Range<Int>, HTTPResponseHead)
        /// Nothing of the file: 304, 406, 412 or 416.
        case other(HTTPResponse)
    }

    package let plain: Representation
    package let gzip: Representation?
    /// In seconds since 1970.
    private let modified: Int64
    private let plainFields: HTTPFields
    private let gzipFields: HTTPFields

    /// `modified` is in seconds since 1970, and must not lie in the future (RFC 9110 section 8.8.2.1).
    package init(type: String, modified: Int64, plain: Representation, gzip: Representation?) {
        self.plain = plain
        self.gzip = gzip
        self.modified = max(modified, 0)
        let date = HTTPDate.format(unixSeconds: modified)
        plainFields = FileVersion.fields(type, date, plain, isNegotiated: gzip != nil)
        gzipFields = gzip.map { FileVersion.fields(type, date, $0, isNegotiated: true) } ?? [:]
    }

    /// To GET and HEAD, which select one of the two forms. `now` is in seconds since 1970 (see `HTTPDate.parse`).
    package func answer(_ request: HTTPRequestHead, now: Int64) -> Answer {
        guard let coding = AcceptEncoding(request.fields).choose(gzipIsThere: gzip != nil) else {
            let why = "this file is there in no coding that the client accepts"
            return .other(Page.error(.notAcceptable, why, ["Vary": "Accept-Encoding"]))
        }
        let isCompressed = coding == .gzip
        let selected = isCompressed ? gzip ?? plain : plain
        let validators = Preconditions.Validators(tag: selected.tag, lastModified: modified)
        switch Preconditions.evaluate(request.fields, method: request.method, for: validators, now: now) {
        case .proceed: break
        case .notModified: return .other(notModified(selected))
        case .failed:
            return .other(Page.error(.preconditionFailed, "this file is not in the state that the client expects"))
        }
        var head = HTTPResponseHead(status: .ok, fields: isCompressed ? gzipFields : plainFields)
        // For GET only (section 14.2).
        guard request.method == .get, request.fields.contains("Range"),
            Preconditions.allowRange(request.fields, for: validators, now: now)
        else { return .content(selected, 0..<selected.size, head) }
        switch ByteRange(request.fields, size: selected.size) {
        case .whole: return .content(selected, 0..<selected.size, head)
        case .part(let part):
            head.status = .partialContent
            head.fields.append(
                "Content-Range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(selected.size)")
            return .content(selected, part, head)
        case .unsatisfiable:
            let why = "this file has \(selected.size) bytes, and not those"
            return .other(Page.error(.rangeNotSatisfiable, why, ["Content-Range": "bytes */\(selected.size)"]))
        }
    }

    private static func fields(
        _ type: String, _ date: String, _ representation: Representation, isNegotiated: Bool
    ) -> HTTPFields {
        var fields = Page.fields(contentType: type)
        switch representation.coding {
        case .identity: break
        case .gzip: fields.append("Content-Encoding", "gzip")
        }
        fields.append("ETag", representation.tag.description)
        fields.append("Last-Modified", date)
        fields.append("Accept-Ranges", "bytes")
        if isNegotiated { fields.append("Vary", "Accept-Encoding") }
        fields.prepare()
        return fields
    }

    /// With what a cache needs to go on with what it has, and nothing of what describes the content (section 15.4.5).
    private func notModified(_ selected: Representation) -> HTTPResponse {
        var fields: HTTPFields = ["ETag": selected.tag.description, "Cache-Control": Page.cacheControl]
        if gzip != nil { fields.append("Vary", "Accept-Encoding") }
        return HTTPResponse(status: .notModified, fields: fields)
    }
}
