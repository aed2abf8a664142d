import Addresses
import Channelz
import Testing
import Timing

@Suite struct ChannelzMessagesTests {
    @Test(
        arguments: [
            (0, 0, 0), (1_500_000_000, 1, 500_000_000), (-1, -1, 999_999_999), (-2_000_000_000, -2, 0),
            (.max, 9_223_372_036, 854_775_807), (.min, -9_223_372_037, 145_224_192),
        ] as [(Int64, Int64, Int32)])
    func timestampsCountForward(nanoseconds: Int64, seconds: Int64, nanos: Int32) {
        #expect(ProtoTimestamp(unixNanoseconds: nanoseconds) == ProtoTimestamp(seconds: seconds, nanos: nanos))
    }

    @Test func aLoopsTimeBecomesTheWalls() {
        let clock = ChannelzClock(wall: 1_000_000_000_000, monotonic: Instant(nanoseconds: 7_000_000_000))
        #expect(
            clock.timestamp(Instant(nanoseconds: 4_500_000_000)) == ProtoTimestamp(seconds: 997, nanos: 500_000_000))
        #expect(clock.timestamp(.distantFuture) == ProtoTimestamp())
    }

    /// Each reading of two clocks is some nanoseconds off, and a wall's clock may be set.
    @Test func theSameMomentHasTheSameNumbers() {
        let moment = Instant(nanoseconds: 500)
        let clock = ChannelzClock(wall: 1_000, monotonic: Instant(nanoseconds: 0))
        let later = clock.checked(wall: 3_000_000_900, monotonic: Instant(nanoseconds: 3_000_000_000))
        #expect(later.timestamp(moment) == clock.timestamp(moment))
        let set = clock.checked(wall: 5_000_001_000, monotonic: Instant(nanoseconds: 3_000_000_000))
        #expect(set.timestamp(moment) == ProtoTimestamp(seconds: 2, nanos: 1_500))
    }

    @Test(
        arguments: [
            ("127.0.0.1:8080", .tcpipAddress(.init(ipAddress: [127, 0, 0, 1], port: 8080))),
            ("[::1]:65535", .tcpipAddress(.init(ipAddress: Array(repeating: 0, count: 15) + [1], port: 65535))),
            ("unix:/run/it", .udsAddress(.init(filename: "/run/it"))),
        ] as [(String, Address.AddressCase)])
    func addressesAreTheWires(text: String, expected: Address.AddressCase) throws {
        let address = try #require(SocketAddress(text))
        #expect(Address(address) == Address(address: expected))
    }
}
