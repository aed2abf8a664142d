package import RPCCore

/// One registry, as a pod that is to be found in it needs it. Loop thread only.
///
/// `Registrar` says when each is called, one at a time; errors name the registry, what was asked of it and what it said.
/// Cancelling the task that waits ends an operation soon, with any error; that is how one that takes too long is ended.
package protocol RegistryClient: AnyObject {
    /// For log lines: `etcd at 10.0.0.7:2379`.
    var name: String { get }
    /// An entry that is not renewed for this long goes by itself.
    var timeToLive: Duration { get }
    /// Enters the pod, or enters it anew; whatever an earlier entry of this pod left is gone afterwards.
    func register() async throws(RPCError)
    /// Keeps the entry alive. NOT_FOUND: the registry knows it no more, and the pod is to be registered anew.
    func renew() async throws(RPCError)
    /// Takes the pod out. An entry that is not there is no error.
    func deregister() async throws(RPCError)
    /// Ends what is under way; nothing is called afterwards.
    func shutdown()
}

extension RegistryClient {
    /// For one request: a tenth less than `Registrar` gives the whole, because the client's own error says more.
    package var requestTime: Duration { min(timeToLive, RegistrarMachine.longestTimeToLive) * 3 / 10 }
}
