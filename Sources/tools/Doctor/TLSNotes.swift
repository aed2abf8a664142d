package import Addresses
import Diagnosis
import Synchronization
package import TLS

/// What became of TLS on each connection, by address: a `TLSDialer` tells it here.
package final class TLSNotes: Sendable {
    private let reports = Mutex<[SocketAddress: [TLSReport]]>([:])

    package init() {}

    package func note(_ address: SocketAddress, _ report: TLSReport) {
        reports.withLock { $0[address, default: []].append(report) }
    }

    func forget(_ address: SocketAddress) { reports.withLock { $0[address] = nil } }

    func last(_ address: SocketAddress) -> TLSReport? { reports.withLock { $0[address]?.last } }

    /// A server may sit behind each of them.
    var certificates: [CertificateFacts] {
        let all = reports.withLock { $0.values.flatMap { $0.compactMap(\.certificate) } }
        var seen: Set<String> = []
        return all.filter { seen.insert($0.fingerprint).inserted }.sorted { $0.fingerprint < $1.fingerprint }
    }
}

extension TLSObservation {
    init(_ report: TLSReport) {
        self.init(
            version: report.version, applicationProtocol: report.applicationProtocol,
            names: report.certificate?.names, issuer: report.certificate?.issuer,
            notAfter: report.certificate?.notAfter, fingerprint: report.certificate?.fingerprint)
    }
}

extension TLSReport {
    /// Whether the peer speaks TLS at all, whatever came of it.
    var isOfTLS: Bool {
        guard let fault, certificate == nil else { return true }
        switch fault.kind {
        case .refused, .noCommonVersion, .noCommonProtocol, .clientCertificateMissing: return true
        case .expired, .notYetValid, .wrongName, .unknownIssuer, .badCertificate, .plaintext, .truncated, .timedOut,
            .certificate, .key, .authorities, .other:
            return false
        }
    }
}
