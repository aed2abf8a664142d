import Addresses
import Bytes
import Diagnosis
import Events
import System
import TLS
import Timing

/// One connection, gRPC's first words on it, and what the peer says to them. It asks for nothing and leaves. Loop thread
/// only.
final class AddressProbe: ByteStreamDelegate {
    /// HTTP/2's preface, and SETTINGS without any (RFC 9113 sections 3.4 and 6.5).
    private static let greeting = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + [0, 0, 0, 4, 0, 0, 0, 0, 0]
    private static let mostBytes = 512

    let address: SocketAddress
    private let loop: EventLoop
    private let limit: Duration
    private let notes: TLSNotes
    private let isEncrypted: Bool
    private let done = Completion<ConnectionOutcome>()
    private var stream: (any ByteStream)?
    private var timer: Timer?
    private let started = MonotonicClock.now
    private var hasEnded = false
    private(set) var took = Duration.zero
    private var isConnected = false
    private var bytes: [UInt8] = []

    /// Begins at once. `notes` hears of the dialer's TLS; `isEncrypted`: the dialer makes some.
    init(
        _ address: SocketAddress, by dialer: any Dialer, notes: TLSNotes, isEncrypted: Bool, within limit: Duration,
        on loop: EventLoop
    ) {
        self.address = address
        self.loop = loop
        self.limit = limit
        self.notes = notes
        self.isEncrypted = isEncrypted
        notes.forget(address)
        do throws(SystemError) {
            stream = try dialer.dial(address, on: loop, delegate: self)
        } catch {
            end(outcome(of: error))
            return
        }
        let timer = Timer(on: loop) { [self] in end(isConnected ? .silent(limit) : .noAnswer(limit)) }
        timer.schedule(after: limit)
        self.timer = timer
    }

    func outcome() async -> ConnectionOutcome { await done.wait() }

    private func end(_ outcome: ConnectionOutcome) {
        if hasEnded { return }
        hasEnded = true
        took = MonotonicClock.now - started
        timer?.cancel()
        timer = nil
        done.complete(outcome)
        let stream = stream
        self.stream = nil
        stream?.close()
    }

    private func outcome(of error: SystemError?) -> ConnectionOutcome {
        if isEncrypted, let report = notes.last(address) {
            // gRPC C++ closes without an alert, and without an end of TLS.
            if isConnected, report.asksForCertificate, report.fault == nil || report.fault?.kind == .truncated {
                return .tls(
                    .clientCertificate,
                    "the server asks for a client certificate, and closes once it has none that it takes")
            }
            if let fault = report.fault, let outcome = outcome(of: fault) { return outcome }
        }
        guard let error else { return .closed("the peer closes the connection") }
        if error.isConnectionRefused || error.isNotFound { return .refused }
        if error.isUnreachable { return .unreachable(error.description) }
        if error.isTimedOut { return isConnected ? .silent(limit) : .noAnswer(limit) }
        return isConnected || error.isConnectionReset ? .closed(error.reason) : .unreachable(error.description)
    }

    /// nil for a fault that is none of TLS's own.
    private func outcome(of fault: TLSFault) -> ConnectionOutcome? {
        let trouble: TLSTrouble
        switch fault.kind {
        case .wrongName: trouble = .wrongName
        case .unknownIssuer: trouble = .unknownAuthority
        case .expired, .notYetValid: trouble = .wrongTime
        case .clientCertificateMissing: trouble = .clientCertificate
        case .noCommonProtocol: trouble = .noCommonProtocol
        case .plaintext: trouble = .plaintext
        case .truncated: return .closed(fault.description)
        case .timedOut: return .silent(limit)
        case .badCertificate, .refused, .noCommonVersion, .certificate, .key, .authorities, .other: trouble = .other
        }
        return .tls(trouble, fault.description)
    }

    private func judge(isAll: Bool) {
        guard let words = FirstWords(bytes, isAll: isAll) else { return }
        end(words == .http2 ? .ready : .spoke(words))
    }

    // MARK: ByteStreamDelegate

    func streamConnected() {
        guard let stream else { return }
        isConnected = true
        if isEncrypted, stream.agreement.applicationProtocol != "h2" {
            let spoken = stream.agreement.applicationProtocol.map { "\"\($0)\"" } ?? "nothing"
            return end(
                .tls(.noCommonProtocol, "TLS is established; of the protocol h2, the server agreed to \(spoken)"))
        }
        stream.write(AddressProbe.greeting.span)
    }

    func streamReceived(_ bytes: Span<UInt8>) {
        self.bytes += Array(copying: bytes)
        judge(isAll: self.bytes.count >= AddressProbe.mostBytes)
    }

    func streamReachedEnd() {
        judge(isAll: true)
        end(outcome(of: nil))
    }

    func streamClosed(_ error: SystemError?) {
        judge(isAll: true)
        end(outcome(of: error))
    }
}
