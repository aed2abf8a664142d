import COpenSSL

/// OpenSSL's queue of errors, one for each thread. It is emptied before each call whose result counts, because a result is
/// explained by whatever lies there.
enum ErrorQueue {
    struct Entry {
        let library: Int32
        let reason: Int32
        let text: String
    }

    static func clear() { ERR_clear_error() }

    /// Takes all there is, the oldest first.
    static func drain() -> [Entry] {
        var entries: [Entry] = []
        while case let code = ERR_get_error(), code != 0 {
            let text = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) }
            entries.append(
                Entry(library: ERR_GET_LIB(code), reason: ERR_GET_REASON(code), text: text ?? "error \(code)"))
        }
        return entries
    }

    /// In OpenSSL's words; empty if it has none.
    static func takeText() -> String { drain().map(\.text).joined(separator: "; ") }
}
