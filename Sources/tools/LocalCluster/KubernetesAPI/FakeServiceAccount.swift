import Bytes
import System

/// What Kubernetes mounts into a pod so that it can talk to the API server, made for one run of the system: a token, the
/// authority that has signed the server's certificate, and the namespace. For this user alone.
struct FakeServiceAccount {
    /// For which a real API server's certificate is valid, too.
    static let serverNames = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"]

    let token: String

    /// Writes the files.
    init(in directory: String, authority: [UInt8]) throws(SystemError) {
        token = FakeServiceAccount.makeToken()
        try FileSystem.createDirectory(directory)
        try FileSystem.write(Array(token.utf8), to: "\(directory)/token", mode: 0o600)
        try FileSystem.write(authority, to: "\(directory)/ca.crt", mode: 0o600)
        try FileSystem.write(Array("default".utf8), to: "\(directory)/namespace", mode: 0o600)
    }

    /// 256 bits of the kernel's randomness.
    private static func makeToken() -> String {
        var digits: [UInt8] = []
        for _ in 0..<4 { Hexadecimal.append(UInt64.random(in: 0 ... .max), to: &digits) }
        return "sample-" + String(decoding: digits, as: UTF8.self)
    }
}
