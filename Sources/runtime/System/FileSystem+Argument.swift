extension FileSystem {
    /// What `argument` stands for: itself, or after an @ the content of the file that it names. nil if that is not
    /// UTF-8, or longer than `limit` bytes.
    package static func text(of argument: String, limit: Int = 1 << 20) throws(SystemError) -> String? {
        guard argument.hasPrefix("@") else { return argument }
        let bytes = try read(String(argument.dropFirst()), limit: limit + 1)
        return bytes.count > limit ? nil : String(validating: bytes, as: UTF8.self)
    }
}
