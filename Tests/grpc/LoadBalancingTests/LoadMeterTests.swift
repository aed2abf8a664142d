import LoadBalancing
import Testing
import Timing

@Suite struct LoadMeterTests {
    private func sample(_ second: Int64, cpu: Duration, calls: Int, errors: Int = 0) -> LoadMeter.Sample {
        LoadMeter.Sample(
            time: Instant(nanoseconds: second * 1_000_000_000), cpuTime: cpu, calls: calls, errors: errors)
    }

    @Test func ratesAreOverTheLastTenSeconds() throws {
        var meter = LoadMeter(processors: 2)
        #expect(meter.add(sample(100, cpu: .seconds(5), calls: 1000)) == nil)
        var last = meter.add(sample(101, cpu: .seconds(6), calls: 1050, errors: 5))
        let first = try #require(last)
        #expect(first.cpuUtilization == 0.5)
        #expect(first.callsPerSecond == 50)
        #expect(first.errorsPerSecond == 5)
        for second in 102...111 as ClosedRange<Int64> {
            last = meter.add(sample(second, cpu: .seconds(6), calls: 1050, errors: 5))
        }
        // The busy second is the eleventh before.
        #expect(last == LoadReport())
    }

    @Test func aClockThatStandsStillMeasuresNothing() {
        var meter = LoadMeter(processors: 1)
        #expect(meter.add(sample(1, cpu: .zero, calls: 0)) == nil)
        #expect(meter.add(sample(1, cpu: .seconds(1), calls: 10)) == nil)
    }
}
