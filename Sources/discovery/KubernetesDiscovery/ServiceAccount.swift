package import RPCCore
import System

/// Who this pod is to the API server: the directory that Kubernetes mounts into it.
package struct ServiceAccount: Hashable, Sendable {
    package static let usualDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"
    /// A projected token has about 1.2 KB.
    private static let mostTokenBytes = 64 << 10

    package let directory: String

    package init(_ directory: String) { self.directory = directory }

    package var certificateAuthority: String { "\(directory)/ca.crt" }

    /// Read anew for each request: kubelet replaces it, some time before it expires.
    package func token() throws(RPCError) -> String {
        let path = "\(directory)/token"
        let text = try read(path)
        // What a header field cannot carry is no token (RFC 6750, section 2.1).
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw RPCError(.unavailable, "\(path) holds no token")
        }
        return text
    }

    /// The pod's own.
    package func namespace() throws(RPCError) -> String {
        let path = "\(directory)/namespace"
        let text = try read(path)
        guard ServiceReference.isLabel(text[...]) else { throw RPCError(.unavailable, "\(path) names no namespace") }
        return text
    }

    /// Without the blanks around it.
    private func read(_ path: String) throws(RPCError) -> String {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try FileSystem.read(path, limit: ServiceAccount.mostTokenBytes)
        } catch {
            throw RPCError(.unavailable, "cannot tell the API server who this is: \(error)")
        }
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }
}
