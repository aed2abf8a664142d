import Diagnosis
import Timing

/// What an examiner is about to do, or how far it is.
package enum ExaminationStep: Hashable, Sendable {
    case lookingUp(String)
    case connecting(Int)
    case calling
    case watching(Duration, of: Duration, calls: Int)

    /// For a person who waits.
    package var text: String {
        switch self {
        case .lookingUp(let target): "looking up \(target)"
        case .connecting(let count): "connecting to \(count == 1 ? "1 address" : "\(count) addresses")"
        case .calling: "calling, to see who answers"
        case .watching(let time, let limit, let calls):
            "watching whether servers close connections: \(time.components.seconds) s of "
                + "\(DurationText.format(limit)), \(TargetDiagnosis.count(calls, "call"))"
        }
    }
}
