import Bytes
import Protobuf

/// A server's load as it tells it in the trailers of its answers: what this product uses of xds.data.orca.v3's
/// OrcaLoadReport (gRFC A51).
package struct LoadReport: Hashable, Sendable {
    package static let key = "endpoint-load-metrics-bin"

    /// Of the processors that the server may use: 0…1, more where it may use more for a while.
    package var cpuUtilization = 0.0
    /// Of whatever the application knows to be its limit; it counts before the processors, if it is there.
    package var applicationUtilization = 0.0
    package var callsPerSecond = 0.0
    package var errorsPerSecond = 0.0

    package init() {}

    /// nil for bytes that are no message.
    package init?(_ bytes: Span<UInt8>) {
        do throws(ProtobufError) {
            var reader = try ProtobufReader(bytes)
            while let tag = try reader.nextTag() {
                switch tag {
                case 1 << 3 | 1: cpuUtilization = try reader.double()
                case 6 << 3 | 1: callsPerSecond = try reader.double()
                case 7 << 3 | 1: errorsPerSecond = try reader.double()
                case 9 << 3 | 1: applicationUtilization = try reader.double()
                // Fields of the report that no policy here goes by.
                default: try reader.skip()
                }
            }
        } catch {
            return nil
        }
    }

    package var bytes: [UInt8] {
        var writer = ProtobufWriter()
        writer.double(cpuUtilization, field: 1)
        writer.double(callsPerSecond, field: 6)
        writer.double(errorsPerSecond, field: 7)
        writer.double(applicationUtilization, field: 9)
        return writer.finish()
    }
}
