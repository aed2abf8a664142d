import Addresses
import Events
import Glibc
import System
import TestSupport

/// A stand-in for a DNS server that a test can make lose answers, which no real server does at will. It gives every
/// name the address 192.0.2.1 and, when let, 2001:db8::1, with a time to live of 7 s. Loop thread only.
final class FakeDNSServer: ReadinessHandler {
    let address: SocketAddress
    /// Queries for AAAA go unanswered while this is false; `answerHeldQueries` makes up for it.
    var answersV6: Bool
    /// Whether names have an IPv6 address, or the answer for it is empty (NODATA).
    var hasV6 = true
    private let loop: EventLoop
    private let descriptor: Int32
    private var registration: Registration?
    private var held: [(query: [UInt8], from: sockaddr_in)] = []

    init(on loop: EventLoop, answersV6: Bool) throws {
        self.loop = loop
        self.answersV6 = answersV6
        address = freeLoopbackAddress()
        guard let descriptor = openUDP(on: address) else { throw SystemError.last("bind \(address)") }
        self.descriptor = descriptor
        registration = try loop.register(descriptor, for: .readable, handler: self)
    }

    func stop() {
        if let registration { loop.unregister(registration) }
        close(descriptor)
    }

    func answerHeldQueries() {
        for (query, sender) in held { answer(query, to: sender) }
        held = []
    }

    func descriptorReady(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 512)
        var sender = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = unsafe withUnsafeMutablePointer(to: &sender) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count > 16 else { return }
        let query = Array(buffer[..<count])
        if FakeDNSServer.asksForV6(query), !answersV6 {
            held.append((query, sender))
        } else {
            answer(query, to: sender)
        }
    }

    /// The question, with neither EDNS nor anything else behind it, ends with type and class.
    private static func asksForV6(_ query: [UInt8]) -> Bool { query[query.count - 3] == 28 }

    private func answer(_ query: [UInt8], to sender: sockaddr_in) {
        let isV6 = FakeDNSServer.asksForV6(query)
        let data: [UInt8] = isV6 ? [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1] : [192, 0, 2, 1]
        var response = query
        response[2] = 0x81
        response[3] = 0x80
        if !isV6 || hasV6 {
            response[7] = 1
            // The name is a pointer to the question's; class IN; 7 s.
            response += [0xc0, 0x0c, 0, isV6 ? 28 : 1, 0, 1, 0, 0, 0, 7, 0, UInt8(data.count)] + data
        }
        var sender = sender
        _ = unsafe withUnsafePointer(to: &sender) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe sendto(descriptor, response, response.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
