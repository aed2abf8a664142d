/// What a file is, by the end of its name. Text is UTF-8, whatever the reader's own default may be.
package enum MediaType {
    /// For names that tell nothing; browsers offer such a file for saving.
    package static let unknown = "application/octet-stream"

    private static let types = [
        "avif": "image/avif",
        "css": "text/css; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "gif": "image/gif",
        "gz": "application/gzip",
        "htm": "text/html; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "ico": "image/vnd.microsoft.icon",
        "jpeg": "image/jpeg",
        "jpg": "image/jpeg",
        "js": "text/javascript; charset=utf-8",
        "json": "application/json",
        "map": "application/json",
        "md": "text/markdown; charset=utf-8",
        "mjs": "text/javascript; charset=utf-8",
        "otf": "font/otf",
        "pdf": "application/pdf",
        "png": "image/png",
        "svg": "image/svg+xml; charset=utf-8",
        "ttf": "font/ttf",
        "txt": "text/plain; charset=utf-8",
        "wasm": "application/wasm",
        "webmanifest": "application/manifest+json",
        "webp": "image/webp",
        "woff": "font/woff",
        "woff2": "font/woff2",
        "xml": "text/xml; charset=utf-8",
    ]

    package static func of(_ name: Substring) -> String {
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return unknown }
        return types[name[name.utf8.index(after: dot)...].lowercased()] ?? unknown
    }

    /// Whether files of this type become smaller by compression, because it is not part of their format.
    package static func isCompressible(_ type: String) -> Bool {
        type.utf8.starts(with: "text/".utf8) || compressible.contains(type)
    }

    private static let compressible: Set = [
        "application/json", "application/manifest+json", "application/wasm", "font/otf", "font/ttf",
        "image/svg+xml; charset=utf-8", "image/vnd.microsoft.icon",
    ]
}
