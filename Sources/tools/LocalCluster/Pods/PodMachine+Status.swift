extension PodMachine {
    package static let terminatingStatus = "Terminating"

    /// The STATUS column, in kubectl's words.
    package var status: String {
        switch phase {
        case .starting, .ready, .notReady: "Running"
        case .crashed: "CrashLoopBackOff"
        case .terminating: PodMachine.terminatingStatus
        case .gone: "Gone"
        }
    }
}
