import RPCCore

extension RequestHeadReader {
    /// A whole head, written as `name: value`.
    mutating func receive(_ fields: [(String, String)]) -> Outcome {
        for (name, value) in fields { receive(field: Array(name.utf8).span, value: Array(value.utf8).span) }
        return ended()
    }
}

extension ResponseReader {
    /// One block of fields. Answers whether the rest is wanted.
    mutating func receive(_ fields: [(String, String)], endStream: Bool) -> Bool {
        for (name, value) in fields { receive(field: Array(name.utf8).span, value: Array(value.utf8).span) }
        return headersEnded(endStream: endStream)
    }
}

extension Metadata {
    /// Every entry as `key: value`.
    var lines: [String] {
        var lines: [String] = []
        forEach { key, value in
            lines.append(
                String(decoding: key.indices.map { key[$0] }, as: UTF8.self) + ": "
                    + String(decoding: value.indices.map { value[$0] }, as: UTF8.self))
        }
        return lines
    }
}

/// A message with its prefix.
func frame(_ payload: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    let length = UInt32(payload.count)
    return [flag] + (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) } + payload
}
