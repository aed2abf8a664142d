/// How a child ended.
package enum ExitStatus: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// From what waitpid(2) reports of a process that is no more.
    package init(waitStatus: Int32) {
        let number = waitStatus & 0x7f
        self = number == 0 ? .exited(waitStatus >> 8 & 0xff) : .signalled(number)
    }

    package var description: String {
        switch self {
        case .exited(let code): "exit status \(code)"
        case .signalled(let number): "signal \(number)"
        }
    }
}
