extension PodMachine {
    /// The STATUS column, in kubectl's words.
    package var status: String {
        switch phase {
        case .starting, .ready, .notReady: "Running"
        case .crashed: "CrashLoopBackOff"
        case .terminating: "Terminating"
        case .gone: "Gone"
        }
    }
}
