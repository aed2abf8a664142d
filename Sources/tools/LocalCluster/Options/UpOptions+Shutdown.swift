package import Addresses
import Timing

/// How long pods that are told to end go on. The chart has the same rule in templates/_shutdown.tpl.
extension UpOptions {
    static let usualDelay = Duration.seconds(5)
    /// Between the end of what a process does by itself and its SIGKILL.
    private static let margin = Duration.seconds(5)

    /// From SIGTERM until a pod says goodbye to its clients.
    package var shutdownDelay: Duration { chosenShutdownDelay ?? UpOptions.usualDelay }

    /// The same for grpc pods, which go on until DNS cannot lead anybody to them any more.
    package var grpcShutdownDelay: Duration { chosenShutdownDelay ?? max(UpOptions.usualDelay, dnsLag) }

    /// How long DNS may lead whoever connects to the grpc pods to some that are gone: as long as the cache answers, and
    /// until it looks again.
    private var dnsLag: Duration {
        modes.compactMap { mode in mode.dnsInterval.map { .seconds(dnsCache) + $0(self) } }.max() ?? .zero
    }

    /// terminationGracePeriodSeconds of a pod with this delay.
    package func gracePeriod(afterDelay delay: Duration) -> Duration { delay + shutdownGrace + UpOptions.margin }

    /// What is wrong with the times that were chosen, for people.
    package var shutdownWarning: String? {
        guard let delay = chosenShutdownDelay, delay < dnsLag else { return nil }
        return "--shutdown-delay \(DurationText.format(delay)) is shorter than \(DurationText.format(dnsLag)),"
            + " which is --dns-cache and the time between two look-ups:"
            + " whoever connects may know only pods that are gone, and calls will fail"
    }

    /// The name server that clients ask.
    package func resolver(in plan: AddressPlan) -> SocketAddress { dnsCache > 0 ? plan.dnsCache : plan.dns }
}
