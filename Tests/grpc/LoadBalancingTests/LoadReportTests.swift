import LoadBalancing
import Testing

@Suite struct LoadReportTests {
    private func read(_ bytes: [UInt8]) -> LoadReport? { LoadReport(bytes.span) }

    @Test func comesBackAsItWent() {
        var report = LoadReport()
        report.cpuUtilization = 0.25
        report.applicationUtilization = 0.5
        report.callsPerSecond = 120.5
        report.errorsPerSecond = 1.5
        #expect(read(report.bytes) == report)
    }

    /// As `protoc --encode=xds.data.orca.v3.OrcaLoadReport` writes it, with the fields that are not used here.
    @Test func readsWhatOthersWrite() {
        let bytes: [UInt8] = [
            0x09, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f,  // cpu_utilization: 0.5
            0x11, 0, 0, 0, 0, 0, 0, 0xd0, 0x3f,  // mem_utilization: 0.25
            0x18, 0x64,  // rps: 100
            0x22, 0x0c, 0x0a, 0x01, 0x61, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f,  // request_cost {"a": 1}
            0x31, 0, 0, 0, 0, 0, 0, 0x59, 0x40,  // rps_fractional: 100
            0x39, 0, 0, 0, 0, 0, 0, 0x00, 0x40,  // eps: 2
            0x49, 0, 0, 0, 0, 0, 0, 0xe8, 0x3f,  // application_utilization: 0.75
        ]
        var report = LoadReport()
        report.cpuUtilization = 0.5
        report.callsPerSecond = 100
        report.errorsPerSecond = 2
        report.applicationUtilization = 0.75
        #expect(read(bytes) == report)
        #expect(read([]) == LoadReport())
        #expect(read(bytes.dropLast()) == nil)
    }
}
