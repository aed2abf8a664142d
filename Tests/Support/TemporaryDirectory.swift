import Glibc

/// A directory under /tmp that `remove` takes away with the files in it.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() {
        var template = Array("/tmp/sample-service-test.XXXXXX".utf8CString)
        let created = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) } != nil
        }
        precondition(created, "cannot make a directory under /tmp")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // Programs that give up root must still get at the files.
        unsafe _ = chmod(path, 0o755)
    }

    package func write(_ text: String, to name: String) {
        let descriptor = unsafe open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        precondition(descriptor >= 0, "cannot write \(path)/\(name)")
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            precondition(count > 0, "cannot write \(path)/\(name)")
            bytes.removeFirst(count)
        }
        close(descriptor)
    }

    /// Only flat directories: a test has no need for more.
    package func remove() {
        if let directory = unsafe opendir(path) {
            while let entry = unsafe readdir(directory) {
                let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                    unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                }
                unsafe _ = unlink("\(path)/\(name)")
            }
            unsafe closedir(directory)
        }
        unsafe _ = rmdir(path)
    }
}
