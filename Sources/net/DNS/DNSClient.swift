package import Addresses
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

extension DNSClient {
    /// The complete answer, both families; call it from a task on this client's loop. It ends at once when the task is
    /// cancelled, and when `limit` is over, with the family that has answered by then, if there is one.
    package func addresses(of host: String, within limit: Duration? = nil) async throws(DNSError) -> DNSAnswer {
        let last = LastResult()
        let done = Completion<String>()
        let query = lookUp(host, finished: { done.complete("ended") }, report: { last.result = $0 })
        let timer = Timer(on: loop) { done.complete("has no answer in time") }
        if let limit { timer.schedule(after: limit) }
        let bound = LoopBound(done, on: loop)
        let end = await withTaskCancellationHandler {
            await done.wait()
        } onCancel: {
            bound.loop.executeHereOrLater { bound.value.complete("was cancelled") }
        }
        timer.cancel()
        query.cancel()
        guard let result = last.result else {
            throw DNSError(host: host, servers: "", reason: .other("the look-up \(end)"))
        }
        return try result.get()
    }

    private final class LastResult {
        var result: Result<DNSAnswer, DNSError>?
    }
}

/// Whom to ask, and how patiently.
package struct DNSConfiguration: Hashable, Sendable {
    /// Asked alone and without a look at /etc/hosts; nil for the servers of the resolver file.
    package var server: SocketAddress?
    /// Of a server's first try; each further one waits twice as long as the one before, and late answers to earlier
    /// tries still count. c-ares 1.18 does not look at `timeout:` and `attempts:` in resolv.conf.
    package var timeout: Duration
    /// With the default time-out, three tries at a dead server take at most 7 s a name.
    package var tries: Int
    /// Where servers, search domains and ndots stand. A port behind a server there is ignored.
    package var resolverFile: String

    package init(
        server: SocketAddress? = nil, timeout: Duration = .seconds(1), tries: Int = 3,
        resolverFile: String = "/etc/resolv.conf"
    ) {
        self.server = server
        self.timeout = timeout
        self.tries = tries
        self.resolverFile = resolverFile
    }
}
