package import Timing

/// A server's guard against clients that send PINGs too often: a pure machine (gRFC A8, A9).
package struct PingEnforcement: Hashable, Sendable {
    package struct Parameters: Hashable, Sendable {
        /// PINGs have to be this far apart while a call is open.
        package var minimumTime: Duration
        /// Without it, PINGs without an open call have to be two hours apart.
        package var permitWithoutStream: Bool

        package static let defaults = Parameters(minimumTime: .seconds(5 * 60), permitWithoutStream: false)

        package init(minimumTime: Duration, permitWithoutStream: Bool) {
            self.minimumTime = minimumTime
            self.permitWithoutStream = permitWithoutStream
        }
    }

    /// The PING after these many early ones ends the connection.
    private static let maximumStrikes = 2
    private static let minimumTimeWithoutStream = Duration.seconds(2 * 60 * 60)

    private let parameters: Parameters
    /// What leaves within one burst at most: a connection's window of 1 MiB in frames of 4 KiB.
    private static let maximumAllowance = 256
    private var strikes = 0
    /// PINGs that are free.
    private var allowance = 0
    private var lastPing: Instant?

    package init(_ parameters: Parameters) {
        self.parameters = parameters
    }

    /// Answers whether the connection may go on; if not, it ends with GOAWAY ENHANCE_YOUR_CALM `too_many_pings`.
    package mutating func pingReceived(at now: Instant, hasStreams: Bool) -> Bool {
        let apart =
            hasStreams || parameters.permitWithoutStream
            ? parameters.minimumTime : PingEnforcement.minimumTimeWithoutStream
        defer { lastPing = now }
        if allowance > 0 {
            allowance -= 1
            return true
        }
        guard let lastPing, now < lastPing + apart else { return true }
        strikes += 1
        return strikes <= PingEnforcement.maximumStrikes
    }

    /// So many frames of HEADERS or DATA have left since this was last said: the client has reason to wonder whether they
    /// arrived, and how fast. Strikes are forgotten, and a PING for each of them is none.
    package mutating func payloadSent(frames: Int) {
        guard frames > 0 else { return }
        strikes = 0
        lastPing = nil
        allowance = min(allowance + frames, PingEnforcement.maximumAllowance)
    }
}
