import Addresses
import LoadBalancing
import RPCCore
import Timing

/// What picks and the ends of their calls cost a policy, counted from outside: see scripts/bench --picks. Ten calls are
/// under way at a time.
nonisolated func run() throws {
    let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
    guard let name = LoadBalancingPolicyName(rawValue: CommandLine.arguments.dropFirst().first ?? ""),
        let endpoints = numbers.first, let calls = numbers.dropFirst().first
    else { throw RPCError(.invalidArgument, "usage: pick-bench POLICY ENDPOINTS CALLS") }
    var policy = name.makePolicy(seed: 1)
    var channel = ChannelControlHelper()
    _ = policy.resolved(
        Resolution(endpoints: (0..<endpoints).map { Endpoint(.ip(.v4(0x0a00_0000 + UInt32($0)), port: 80)) }), &channel)
    for number in 0..<endpoints {
        policy.subchannel(SubchannelID(number), changedTo: .connecting, &channel)
        policy.subchannel(SubchannelID(number), changedTo: .ready, &channel)
    }
    var picker = Picker.idle
    for command in channel.takeCommands() { if case .update(_, let new) = command { picker = new } }

    let info = PickInfo(MethodDescriptor(service: "test.Service", method: "Echo"))
    var report = LoadReport()
    report.cpuUtilization = 0.5
    report.callsPerSecond = 100
    var trailers = Metadata()
    if name == .weightedRoundRobin { try trailers.append(binary: report.bytes, for: LoadReport.key) }
    var open: [TrackedCall?] = Array(repeating: nil, count: 10)
    for number in 0..<calls {
        channel.now = channel.now + .microseconds(100)
        if let call = open[number % 10] {
            let latency = Duration.microseconds(1000 + number % 7)
            policy.callEnded(call, CallOutcome(.ok, wasSent: true, duration: latency, trailers: trailers), &channel)
        }
        let pick = picker.pick { policy.pick(info, at: channel.now) }
        guard case .subchannel(_, let tracking) = pick else { throw RPCError(.internal, "no subchannel is picked") }
        open[number % 10] = tracking
    }
}

try run()
