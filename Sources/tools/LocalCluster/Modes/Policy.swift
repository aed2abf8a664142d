/// How a gRPC channel chooses among the addresses that it knows.
package enum Policy: String, CaseIterable, Sendable {
    case pickFirst = "pick_first"
    case roundRobin = "round_robin"

    package static let names = allCases.map(\.rawValue).joined(separator: ", ")
}
