import Events

extension DNSClient {
    /// The complete answer, both families; call it from a task on this client's loop.
    package func addresses(of host: String) async throws(DNSError) -> DNSAnswer {
        let last = LastResult()
        let done = Completion<Bool>()
        lookUp(host, finished: { done.complete(true) }, report: { last.result = $0 })
        _ = await done.wait()
        guard let result = last.result else {
            throw DNSError(host: host, servers: "", reason: .other("the look-up ended without a result"))
        }
        return try result.get()
    }

    private final class LastResult {
        var result: Result<DNSAnswer, DNSError>?
    }
}
