import Glibc

/// A system call that failed, and what it was about.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The call and its object: `bind 127.0.0.1:8080`.
    package let operation: String
    package let code: Int32
    /// What is known beyond the code: of what a filter over the system's calls does.
    package let explanation: String?

    package init(_ operation: String, code: Int32, explanation: String? = nil) {
        self.operation = operation
        self.code = code
        self.explanation = explanation
    }

    /// From `errno`, right after the call.
    package static func last(_ operation: String) -> SystemError {
        SystemError(operation, code: errno)
    }

    /// `Connection refused`, without the operation.
    package var reason: String {
        if let explanation { return explanation }
        // strerror's buffer is per thread in glibc 2.32 and later.
        return unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }

    package var description: String { "\(operation): \(reason)" }

    package var isAddressInUse: Bool { code == EADDRINUSE }
    /// Of a bind: the address is not one of this machine's, as it is given.
    package var isAddressNotAvailable: Bool { [EADDRNOTAVAIL, EINVAL, EAFNOSUPPORT].contains(code) }
    package var isNotFound: Bool { code == ENOENT }
    package var isPermissionDenied: Bool { code == EACCES }
    package var isConnectionReset: Bool { code == ECONNRESET }
    package var isConnectionAborted: Bool { code == ECONNABORTED }
    package var isTimedOut: Bool { code == ETIMEDOUT }
    /// Nothing listens there.
    package var isConnectionRefused: Bool { code == ECONNREFUSED }
    /// No route leads there, or a router on the way says so.
    package var isUnreachable: Bool { [ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN].contains(code) }
    package static let protocolFailure: Int32 = EPROTO
    package static let timedOut: Int32 = ETIMEDOUT
    package static let reset: Int32 = ECONNRESET
    /// Where files are kept, and not a peer, is at fault.
    package var isStorageFailure: Bool { code == EIO }
    package static let connectionReset = SystemError("read", code: ECONNRESET)
    package static let truncatedFile = SystemError("send a file that has become shorter", code: EIO)
}

/// Repeats a call that a signal interrupted; the result is what the call returned (negative: see `errno`). Inlined, also
/// into other rooms: it wraps every read and write of a connection.
@inlinable
@inline(__always)
package func retryingInterrupted<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || !wasInterrupted { return result }
    }
}

@usableFromInline package var wasInterrupted: Bool { errno == EINTR }
