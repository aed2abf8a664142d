import Addresses
import Events
import Terminal

/// A port of 127.0.0.1 that nobody has.
enum FreePort {
    /// From 32768 on the kernel gives ports to outgoing connections.
    private static let end: UInt16 = 32768

    static func first(from usual: UInt16, on loop: EventLoop) throws(Failure) -> UInt16 {
        for candidate in usual..<end where isFree(candidate, on: loop) { return candidate }
        throw Failure("no port from \(usual) to \(end - 1) is free: choose one with --port")
    }

    private static func isFree(_ port: UInt16, on loop: EventLoop) -> Bool {
        (try? Listener(on: .ip(.v4(0x7f00_0001), port: port), loop: loop) { $0.discard() })?.close() != nil
    }
}
