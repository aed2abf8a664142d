import Events

extension DNSClient {
    /// The complete answer, both families; call it from a task on this client's loop.
    package func addresses(of host: String) async throws(DNSError) -> DNSAnswer {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<DNSAnswer, DNSError>, Never>) in
            completeLookUp(host) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Reports exactly once, when both families' answers are in.
    private func completeLookUp(_ host: String, report: @escaping DNSQuery.Report) {
        var isReported = false
        lookUp(host) { result in
            if case .success(let answer) = result, !answer.isComplete { return }
            // An address may still follow "name not found".
            if isReported { return }
            isReported = true
            report(result)
        }
    }
}
