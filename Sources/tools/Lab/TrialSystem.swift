package import Instruments
package import LoadBalancing
package import LocalCluster
package import Timing

/// Makes the systems that the trials are made on, one after the other: on this machine, or a release in a cluster. Loop
/// thread only.
package protocol TrialSystems: AnyObject {
    /// `this machine`, or the cluster's context.
    var place: String { get }

    /// Why there is no system in this mode here, with what to do about it; nil: there is.
    func obstacle(to mode: Mode) -> String?

    /// The same for a policy of the gateway's beside the mode's own.
    func obstacle(to policy: LoadBalancingPolicyName) -> String?

    /// Throws what would keep every system from starting. Called when nothing of an earlier run is left.
    func prepare() throws

    /// Returns when all pods are ready and in DNS, the gateway has its connections, and nothing has used them yet that
    /// the trials would count. What ran before is stopped. Throws why there is none.
    func start(_ setup: TrialSetup) async throws -> any TrialSystem

    /// Leaves nothing running that `start` started; nothing to do is no fault. Also called when Ctrl-C was pressed.
    func stop() async throws
}

extension TrialSystems {
    package func prepare() throws {}

    package func obstacle(to policy: LoadBalancingPolicyName) -> String? { nil }
}

/// How a system is to be. Every prediction follows from it.
package struct TrialSetup: Equatable, Sendable {
    package var mode: Mode
    package var policy: LoadBalancingPolicyName
    package var pods = 5
    /// nil: connections do not end by themselves.
    package var connectionAge: Duration?
    /// The least time between two look-ups of the gateway.
    package var dnsInterval: Duration
    /// Whole seconds.
    package var dnsTTL: Int
    /// For how long a DNS answer may be believed after it has become wrong: caches on the way. None on this machine.
    package var dnsCache: Duration = .zero
    /// How exactly one knows since when a pod is ready.
    package var clock: Duration = .zero
    /// How long grpc pods serve on when they are told to end; nil: as samplectl has it for the mode.
    package var shutdownDelay: Duration?
    /// It was there before: connections are of any age when the load begins, and names have been looked up.
    package var isOlder = false
    /// How often a proxy looks pods up; nil: as samplectl has it for the mode.
    package var lookupInterval: Duration?

    package init(
        mode: Mode, policy: LoadBalancingPolicyName? = nil, connectionAge: Duration?, dnsInterval: Duration,
        dnsTTL: Int
    ) {
        self.mode = mode
        self.policy = policy ?? mode.defaultPolicy
        self.connectionAge = connectionAge
        self.dnsInterval = dnsInterval
        self.dnsTTL = dnsTTL
    }
}

/// What a trial may want of a system, and not every system can do.
package enum TrialDeed: String, CaseIterable, Sendable {
    case scale, restart, kill, delay, countPodConnections, countQueries, countRegistryRequests, readCPUTimes
}

/// A grpc pod.
package struct TrialPod: Equatable, Sendable {
    package let name: String
    /// Of the pod itself, with the port that it serves: as `/go/channel` names it.
    package let address: String
    /// By this machine's clock; nil while it is not ready.
    package let readySince: Instant?
    /// It has been told to end.
    package let isEnding: Bool

    package init(name: String, address: String, readySince: Instant?, isEnding: Bool) {
        self.name = name
        self.address = address
        self.readySince = readySince
        self.isEnding = isEnding
    }
}

/// One system, which runs. Loop thread only.
package protocol TrialSystem: AnyObject {
    /// As it is: in a cluster, times are those that the release has.
    var setup: TrialSetup { get }
    /// The one way in: nginx's.
    var entry: EntryClient { get }

    /// Why it cannot do this, as a sentence; what needs it is left out then. nil: it can.
    func obstacle(to deed: TrialDeed) -> String?

    /// All grpc pods, those that are starting or ending too.
    func pods() async throws -> [TrialPod]

    /// Orders this many grpc pods, and does not wait.
    func scale(to count: Int) async throws

    /// Orders a rolling restart of the grpc pods, and does not wait.
    func restart() async throws

    /// Every pod is a new one, ready, and the old ones have ended.
    func isRestarted() async throws -> Bool

    /// Ends the process with SIGKILL, and returns when it has ended: until then the pod may answer.
    func kill(_ pod: TrialPod) async throws

    /// Has the pod wait before each answer; nil: no longer. Returns when it does.
    func delay(_ pod: TrialPod, by delay: Duration?) async throws

    /// How many SayHello calls the pod has under way, as it counts itself.
    func callsUnderWay(on pod: TrialPod) async throws -> Int

    /// How many connections the grpc pods have at this moment, whoever made them.
    func podConnections() async throws -> Int

    /// How many questions the DNS server has been asked so far, by all.
    func queries() async throws -> Int

    /// How often the proxy has looked its pods up so far, as it counts itself; nil: there is none, or it does not tell.
    func proxyLookups() async throws -> Int?

    /// What the registry has been asked so far, as it counts itself; nil: the mode has none.
    func registryRequests() async throws -> RegistryRequests?

    /// CPU time used so far, by part: `gateway`, `grpc`, `proxy`, `nginx`.
    func cpuTimes() async throws -> [String: Duration]
}
