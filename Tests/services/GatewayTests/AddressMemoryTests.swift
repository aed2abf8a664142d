import Addresses
import Testing
import Timing
import gateway

@Suite struct AddressMemoryTests {
    private let start = Instant(nanoseconds: 7_000_000_000)
    private let addresses: [IPAddress] = [.v4(0x7F00_0001)]

    /// How long an answer is believed, in milliseconds.
    private func time(_ timeToLive: Duration?, doubtedAfter doubt: Duration? = nil) -> Int {
        var memory = AddressMemory()
        memory.learn(addresses, timeToLive: timeToLive, at: start)
        if let doubt, memory.addresses(at: start + doubt) != nil { memory.doubt() }
        return (0..<40_000).first { memory.addresses(at: start + .milliseconds($0)) != addresses } ?? .max
    }

    @Test func knowsNothingAtFirst() {
        var memory = AddressMemory()
        memory.doubt()
        #expect(memory.addresses(at: start) == nil)
    }

    @Test(arguments: [(nil, 1_000), (0, 1_000), (1, 1_000), (5, 5_000), (30, 30_000), (86_400, 30_000)])
    func believesWhatItLearnedForItsTime(seconds: Int?, milliseconds: Int) {
        #expect(time(seconds.map { .seconds($0) }) == milliseconds)
    }

    /// Whether the doubt comes early or late, and however often.
    @Test(arguments: [0, 999, 1_000, 4_999])
    func doubtShortensTheTimeToASecond(milliseconds: Int) {
        #expect(time(.seconds(5), doubtedAfter: .milliseconds(milliseconds)) == 1_000)
        #expect(time(.zero, doubtedAfter: .milliseconds(milliseconds)) == 1_000)
    }
}
