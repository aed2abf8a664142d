import HTTP
import HTTPTransport
import StaticFiles
import System

let second: Int64 = 1_000_000_000

func facts(size: Int = 3, modified: Int64 = 0, changed: Int64 = 0, inode: UInt64 = 7) -> OpenFile.Facts {
    OpenFile.Facts(kind: .file, size: size, modified: modified, changed: changed, inode: inode)
}

/// Of a file in memory, with a compressed form or without.
func version(_ text: String, gzip: String? = nil) -> FileVersion {
    FileVersion(
        type: "text/plain; charset=utf-8", modified: 784_111_777,
        plain: Representation(.identity, bytes: Array(text.utf8)),
        gzip: gzip.map { Representation(.gzip, bytes: Array($0.utf8)) })
}

extension HTTPResponse {
    var status: UInt16 { head.status.code }
    var text: String? { body.bytes.map { String(decoding: $0, as: UTF8.self) } }

    subscript(_ field: String) -> String? { head.fields[field] }
}
