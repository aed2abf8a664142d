import Addresses
import ConsulDiscovery
import Testing
import Timing

@Suite struct ConsulAgentAddressTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
    private let a = IPAddress.v4(0x0A00_0001)
    private let b = IPAddress.v4(0x0A00_0002)

    @Test func aNameIsLookedUpAgainWhenItsTimeIsOver() {
        var address = ConsulAgentAddress(isKept: false)
        #expect(address.address(at: at(0)) == nil)
        #expect(address.found([a, b], timeToLive: .seconds(600), at: at(0)) == a)
        #expect(address.address(at: at(29)) == a)
        #expect(address.address(at: at(30)) == nil)
        #expect(address.found([b, a], timeToLive: nil, at: at(30)) == b)
        #expect(address.address(at: at(31)) == nil)
        #expect(address.found([], timeToLive: nil, at: at(31)) == nil)
    }

    /// A name server that turns its answers round would otherwise send the end of an entry to an agent without it.
    @Test func anEntryStaysWithTheAgentThatTookIt() {
        var address = ConsulAgentAddress(isKept: true)
        #expect(address.found([a, b], timeToLive: .seconds(5), at: at(0)) == a)
        #expect(address.address(at: at(86_400)) == a)
        address.failed()
        #expect(address.address(at: at(86_400)) == nil)
        #expect(address.found([a, b], timeToLive: .seconds(5), at: at(86_400)) == b, "the other one")
        #expect(address.address(at: at(200_000)) == b)
    }

    @Test func whileNamesAreNotResolvedTheLastOneIsAsked() {
        for isKept in [false, true] {
            var address = ConsulAgentAddress(isKept: isKept)
            #expect(address.lookUpFailed(at: at(0)) == nil && address.address(at: at(0)) == nil)
            _ = address.found([a], timeToLive: .seconds(10), at: at(0))
            address.failed()
            #expect(address.lookUpFailed(at: at(20)) == a)
            #expect(address.address(at: at(24)) == a)
            #expect(address.address(at: at(25)) == nil)
        }
    }
}
