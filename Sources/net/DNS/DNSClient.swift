package import Events

/// Looks up addresses through c-ares on one event loop; it waits for descriptors and deadlines, and never polls.
///
/// Search domains and ndots are those of resolv.conf, which is read anew for each look-up. Loop thread only.
package final class DNSClient {
    private let loop: EventLoop
    private let configuration: DNSConfiguration

    package init(on loop: EventLoop, configuration: DNSConfiguration = DNSConfiguration()) {
        self.loop = loop
        self.configuration = configuration
    }

    /// Finds the addresses of `host`; `report` is called later, never from within this call. An address literal is its
    /// own answer: it is not asked for. `finished` follows the last report.
    @discardableResult
    package func lookUp(
        _ host: String, finished: @escaping () -> Void = {}, report: @escaping DNSQuery.Report
    ) -> DNSQuery {
        loop.preconditionCurrent()
        let query = DNSQuery(host, on: loop, report: report, finished: finished)
        query.start(configuration)
        return query
    }
}
