import Bytes
import Telemetry
import Testing

@Suite struct TraceSamplerTests {
    private let id: (high: UInt64, low: UInt64) = (1, 2)

    private func parent(_ flags: UInt8) -> TraceContext { TraceContext(traceID: id, parentID: 3, flags: flags) }

    @Test func theParentsWordCountsWhereItIsAskedFor() {
        for share in [TraceSampler.Share.all, .none, .ratio(0.5)] {
            let sampler = TraceSampler(share, followsParent: true)
            #expect(sampler.records(id, parent: parent(1)) && sampler.records(id, parent: parent(3)))
            #expect(!sampler.records(id, parent: parent(0)) && !sampler.records(id, parent: parent(2)))
        }
        #expect(TraceSampler(.all, followsParent: true).records(id, parent: nil))
        #expect(!TraceSampler(.none, followsParent: true).records(id, parent: nil))
        #expect(TraceSampler(.all, followsParent: false).records(id, parent: parent(0)))
        #expect(!TraceSampler(.none, followsParent: false).records(id, parent: parent(1)))
    }

    @Test func aRatioIsAShareOfTheIDs() {
        var generator = SplitMix64(seed: 1)
        for ratio in [0, 0.1, 0.5, 1] {
            let sampler = TraceSampler(.ratio(ratio), followsParent: false)
            let count = (0..<10_000).count { _ in
                sampler.records(TraceContext.start(using: &generator).traceID, parent: nil)
            }
            #expect(abs(Double(count) - ratio * 10_000) <= (ratio == 0 || ratio == 1 ? 0 : 200))
        }
        // As in the SDKs: the lower 64 bits, without the last.
        let half = TraceSampler(.ratio(0.5), followsParent: false)
        #expect(half.records((0, 0x7fff_ffff_ffff_ffff), parent: nil))
        #expect(!half.records((0, 0x8000_0000_0000_0000), parent: nil))
    }

    @Test func aRequestsTraceCarriesTheVerdict() {
        var generator = SplitMix64(seed: 1)
        func flags(_ parents: [String], _ sampler: TraceSampler?) -> UInt8 {
            RequestTrace(parents: parents, states: [], requestID: nil, sampler: sampler, using: &generator).context
                .flags
        }
        let recorded = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(flags([], nil) == 0 && flags([recorded], nil) == 1)
        #expect(flags([], TraceSampler(.all, followsParent: true)) == 1)
        #expect(flags([recorded], TraceSampler(.none, followsParent: true)) == 1)
        #expect(flags([recorded], TraceSampler(.none, followsParent: false)) == 0)
        let trace = RequestTrace(parents: [recorded], states: [], requestID: nil, using: &generator)
        #expect(trace.parentID == 0x00f0_67aa_0ba9_02b7 && trace.context.parentID != trace.parentID)
        #expect(RequestTrace(parents: [], states: [], requestID: nil, using: &generator).parentID == nil)
    }
}
