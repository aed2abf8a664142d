/// What a run of the lab found: every figure with what theory predicts for it. It is written as JSON, Markdown and plots,
/// and decides the exit status.
package struct LabReport: Equatable, Sendable {
    /// What was measured on: without it no latency and no CPU time means anything.
    package struct Machine: Equatable, Sendable {
        /// As the kernel names it.
        package var processor: String
        package var processors: Int
        package var memoryMiB: Int
        package var system: String

        package init(processor: String, processors: Int, memoryMiB: Int, system: String) {
            self.processor = processor
            self.processors = processors
            self.memoryMiB = memoryMiB
            self.system = system
        }
    }

    /// A setting that the predictions follow from, as its option spells it: `--max-connection-age`, `10s`.
    package struct Setting: Equatable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// RFC 3339, UTC.
    package var began: String
    package var tookSeconds: Double
    package var version: String
    package var isQuick: Bool
    /// Of what the trials ran on: `this machine`, or the cluster's context.
    package var place: String
    package var machine: Machine
    package var settings: [Setting]
    package var modes: [ModeReport] = []
    /// One pod of five is slow: each policy of the gateway's, in mode headless.
    package var policies: [PolicyReport] = []

    package init(
        began: String, tookSeconds: Double = 0, version: String, isQuick: Bool, place: String, machine: Machine,
        settings: [Setting]
    ) {
        self.began = began
        self.tookSeconds = tookSeconds
        self.version = version
        self.isQuick = isQuick
        self.place = place
        self.machine = machine
        self.settings = settings
    }

    package var figures: [Figure] { modes.flatMap(\.figures) + policies.flatMap(\.figures) }

    /// Gated figures that are not where theory puts them: with one, the lab's exit status is 1.
    package var misses: [Figure] { figures.filter { $0.isGated && !$0.holds } }
}

/// A mode, in all trials.
package struct ModeReport: Equatable, Sendable {
    package let mode: String
    package let policy: String
    /// What the mode does, in a few words: `DNS names every pod, the client chooses per call`.
    package var summary = ""
    /// Why it was not tried, with what to do about it; nil: it was.
    package var skipped: String?
    /// Trials that this system cannot make.
    package var leftOut: [LeftOut] = []
    /// In the order of the trials.
    package var figures: [Figure] = []
    package var timeline = Timeline()
    /// Of the undisturbed calls, and with one slow pod of five.
    package var latencies: [LatencyCurve] = []
    /// Seconds from each new pod's readiness to its first call, 5 → 10; nil where one had none.
    package var noticeSeconds: [Double?] = []

    package init(mode: String, policy: String) {
        self.mode = mode
        self.policy = policy
    }
}

/// A trial that was not made, and why.
package struct LeftOut: Equatable, Sendable {
    package let trial: String
    package let reason: String

    package init(_ trial: String, because reason: String) {
        self.trial = trial
        self.reason = reason
    }
}

/// A policy of the gateway's beside one slow pod of five.
package struct PolicyReport: Equatable, Sendable {
    package let policy: String
    package var figures: [Figure] = []
    package var latencies: [LatencyCurve] = []

    package init(policy: String) { self.policy = policy }
}

/// One figure, and what theory says.
package struct Figure: Equatable, Sendable {
    /// `spread`, `scale-out`, …: the section that it stands in.
    package let trial: String
    /// What was measured, as a table's column has it: `busiest pod's share`.
    package let name: String
    /// The mode or policy: a miss is told by itself.
    package let subject: String
    /// nil: it could not be measured, which is a miss if it is gated.
    package let value: Double?
    package let unit: Unit
    package let prediction: Prediction

    package enum Unit: String, Equatable, Sendable {
        case count, percent, seconds, milliseconds, microseconds, ratio
    }

    package init(
        trial: String, name: String, of subject: String, value: Double?, _ unit: Unit, _ prediction: Prediction
    ) {
        self.trial = trial
        self.name = name
        self.subject = subject
        self.value = value
        self.unit = unit
        self.prediction = prediction
    }

    package var isGated: Bool { prediction.isGated }

    package var holds: Bool { value.map(prediction.bounds.contains) ?? false }
}

/// Where theory puts a figure, and why there.
package struct Prediction: Equatable, Sendable {
    /// The one value that theory names, if it names one: `off by` is counted from it, otherwise from the nearer bound.
    package let expected: Double?
    /// An upper bound of infinity: theory says nothing that way.
    package let bounds: ClosedRange<Double>
    /// Latency and CPU time say as much about the machine: they are shown, and never decide.
    package let isGated: Bool
    /// `1.1 × connection age + time between look-ups`.
    package let because: String

    package init(expected: Double? = nil, within bounds: ClosedRange<Double>, because: String, isGated: Bool = true) {
        self.expected = expected
        self.bounds = bounds
        self.because = because
        self.isGated = isGated
    }
}

/// Calls answered by each pod, by time since the load began.
package struct Timeline: Equatable, Sendable {
    package struct Mark: Equatable, Sendable {
        package let second: Double
        /// `5 → 10`, `kill -9`.
        package let text: String

        package init(_ text: String, at second: Double) {
            self.text = text
            self.second = second
        }
    }

    package struct Series: Equatable, Sendable {
        package let pod: String
        /// In each step of time.
        package var counts: [Int]

        package init(pod: String, counts: [Int]) {
            self.pod = pod
            self.counts = counts
        }
    }

    package var stepSeconds = 0.5
    /// In the order of their first answers.
    package var pods: [Series] = []
    /// Calls that failed, in each step.
    package var failed: [Int] = []
    package var marks: [Mark] = []

    package init() {}
}

/// How long calls took, from the moment at which each was due: one that had to wait its turn is not spared (what is called
/// coordinated omission).
package struct LatencyCurve: Equatable, Sendable {
    /// `undisturbed`, `one slow pod`.
    package let name: String
    package let calls: Int
    /// Parts of the calls, 0 to 1, ascending, and what they did not exceed, in milliseconds.
    package let points: [Point]

    package struct Point: Equatable, Sendable {
        package let part: Double
        package let milliseconds: Double

        package init(_ part: Double, _ milliseconds: Double) {
            self.part = part
            self.milliseconds = milliseconds
        }
    }

    package init(name: String, calls: Int, points: [Point]) {
        self.name = name
        self.calls = calls
        self.points = points
    }
}
