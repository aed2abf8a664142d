import Addresses
package import JSON
package import Terminal
package import Timing

/// What the supervisor tells about its system, as it goes over the control socket.
package struct StatusReport: Equatable, Sendable {
    package struct Pod: Equatable, Sendable {
        package var component: String
        package var name: String
        package var isReady: Bool
        /// kubectl's word: Running, CrashLoopBackOff, Terminating.
        package var status: String
        package var restarts: Int
        /// Seconds.
        package var age: Int
        package var address: String
        /// nil while no process runs.
        package var pid: Int?
        /// How the last process ended.
        package var lastEnd: String?
        package var isEnding: Bool { status == PodMachine.terminatingStatus }
        /// A rolling restart is going to replace it.
        package var isOutdated: Bool
        package var dns: DNSPresence
        /// Seconds from being told to end to being killed.
        package var gracePeriod: Int

        /// Since when it is ready; nil while it is not.
        package var readySince: Instant?
        /// Which of its sidecars are ready.
        package var sidecars: [Bool]

        package var isAvailable: Bool { isReady && dns.isListed }

        /// As kubectl has it: `1/2`.
        fileprivate var readyContainers: String {
            let containers = [isReady] + sidecars
            return "\(containers.count { $0 })/\(containers.count)"
        }

        package init(
            component: String, name: String, isReady: Bool, status: String, restarts: Int, age: Int, address: String,
            pid: Int?, lastEnd: String?, isOutdated: Bool = false, dns: DNSPresence = .never, gracePeriod: Int = 75,
            readySince: Instant? = nil, sidecars: [Bool] = []
        ) {
            self.component = component
            self.name = name
            self.isReady = isReady
            self.status = status
            self.restarts = restarts
            self.age = age
            self.address = address
            self.pid = pid
            self.lastEnd = lastEnd
            self.isOutdated = isOutdated
            self.dns = dns
            self.gracePeriod = gracePeriod
            self.readySince = readySince
            self.sidecars = sidecars
        }
    }

    package var name: String
    package var mode: String
    package var policy: String
    package var target: String
    package var port: Int
    /// Where nginx has that port; `0.0.0.0` and `::` stand for every address.
    package var listen: String
    /// Of the server that knows every change at once.
    package var dns: String
    /// Of the cache before it; nil if there is none.
    package var dnsCache: String?
    /// Every pod that is wanted is ready and in DNS.
    package var isReady: Bool
    package var isStopping: Bool
    /// What is being waited for on the way to another mode; nil if there is none.
    package var change: String?
    package var pods: [Pod]

    package init(
        name: String, mode: String, policy: String, target: String, port: Int,
        listen: String = "\(IPAddress.loopback)", dns: String, dnsCache: String? = nil, isReady: Bool, isStopping: Bool,
        change: String? = nil, pods: [Pod]
    ) {
        self.name = name
        self.mode = mode
        self.policy = policy
        self.target = target
        self.port = port
        self.listen = listen
        self.dns = dns
        self.dnsCache = dnsCache
        self.isReady = isReady
        self.isStopping = isStopping
        self.change = change
        self.pods = pods
    }

    /// Whom clients ask.
    package var resolver: String { dnsCache ?? dns }

    /// For who is on this machine.
    package var entry: String {
        UpOptions.url(of: .ip(IPAddress(listen) ?? .loopback, port: UInt16(exactly: port) ?? 0))
    }

    /// Whether others may be, too.
    package var isOpen: Bool { IPAddress(listen).map { !$0.isLoopback } ?? false }

    /// Where a grpc pod serves, ready ones first; nil without a pod.
    package var grpcAddress: String? {
        let pods = pods.filter { $0.component == Component.grpc.name }
        let pod = pods.first(where: \.isReady) ?? pods.first
        return pod.map { "\($0.address):\(Component.servicePort)" }
    }

    /// As a table.
    package var table: Table {
        var table = Table(["NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "PID"])
        table.rows = pods.map { pod in
            [
                pod.name, pod.readyContainers, pod.status, "\(pod.restarts)", AgeText.format(seconds: pod.age),
                pod.address, pod.pid.map(String.init) ?? "<none>",
            ]
        }
        return table
    }
}

extension StatusReport {
    package var json: JSONValue {
        [
            "name": .string(name), "mode": .string(mode), "policy": .string(policy), "target": .string(target),
            "port": .number(.integer(Int64(port))), "listen": .string(listen), "dns": .string(dns),
            "dnsCache": dnsCache.map(JSONValue.string) ?? .null, "ready": .bool(isReady),
            "stopping": .bool(isStopping), "change": change.map(JSONValue.string) ?? .null,
            "pods": .array(pods.map(\.json)),
        ]
    }

    /// nil if the value is not one that `json` made.
    package init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let mode = json["mode"]?.string, let policy = json["policy"]?.string,
            let target = json["target"]?.string, let port = json["port"]?.integer,
            let listen = json["listen"]?.string, let dns = json["dns"]?.string,
            let isReady = json["ready"]?.bool, let isStopping = json["stopping"]?.bool, let list = json["pods"]?.array
        else { return nil }
        let pods = list.compactMap(Pod.init)
        guard pods.count == list.count else { return nil }
        self.init(
            name: name, mode: mode, policy: policy, target: target, port: Int(port), listen: listen,
            dns: dns, dnsCache: json["dnsCache"]?.string, isReady: isReady, isStopping: isStopping,
            change: json["change"]?.string, pods: pods)
    }
}

extension StatusReport.Pod {
    fileprivate var json: JSONValue {
        [
            "component": .string(component), "name": .string(name), "ready": .bool(isReady), "status": .string(status),
            "restarts": .number(.integer(Int64(restarts))), "age": .number(.integer(Int64(age))),
            "ip": .string(address), "pid": pid.map { .number(.integer(Int64($0))) } ?? .null,
            "lastEnd": lastEnd.map(JSONValue.string) ?? .null, "outdated": .bool(isOutdated), "dns": dns.json,
            "gracePeriod": .number(.integer(Int64(gracePeriod))),
            "readySince": readySince.map { .number(.integer($0.nanoseconds)) } ?? .null,
            "sidecars": .array(sidecars.map(JSONValue.bool)),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let component = json["component"]?.string, let name = json["name"]?.string,
            let isReady = json["ready"]?.bool, let status = json["status"]?.string,
            let restarts = json["restarts"]?.integer, let age = json["age"]?.integer,
            let address = json["ip"]?.string, let isOutdated = json["outdated"]?.bool,
            let dns = json["dns"].flatMap(DNSPresence.init), let gracePeriod = json["gracePeriod"]?.integer
        else { return nil }
        self.init(
            component: component, name: name, isReady: isReady, status: status, restarts: Int(restarts), age: Int(age),
            address: address, pid: json["pid"]?.integer.map { Int($0) }, lastEnd: json["lastEnd"]?.string,
            isOutdated: isOutdated, dns: dns, gracePeriod: Int(gracePeriod),
            readySince: json["readySince"]?.integer.map(Instant.init(nanoseconds:)),
            sidecars: json["sidecars"]?.array?.compactMap(\.bool) ?? [])
    }
}
