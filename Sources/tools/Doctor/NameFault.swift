import DNS
import Diagnosis

/// What kind of failure a look-up had: resolvers tell it as text, which ends with DNS' own reason.
enum NameFault {
    static func of(_ message: String) -> ResolutionObservation.Failure {
        if message.hasSuffix(DNSError.Reason.nameNotFound.description) { return .notFound }
        if message.hasSuffix(DNSError.Reason.noAddresses.description) { return .noAddress }
        return .other
    }
}
