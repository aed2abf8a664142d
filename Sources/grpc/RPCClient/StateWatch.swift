import Events
package import LoadBalancing

/// Who waits for a channel's state to be another one. Loop thread only.
struct StateWatch {
    final class Waiter {
        let change = Notice()
        /// What came about; nil if the wait was given up.
        fileprivate(set) var state: ConnectivityState?
    }

    private var waiters: [Waiter] = []

    mutating func add() -> Waiter {
        let waiter = Waiter()
        waiters.append(waiter)
        return waiter
    }

    mutating func remove(_ waiter: Waiter) { waiters.removeAll { $0 === waiter } }

    /// Everybody waits from the state that it was.
    mutating func changed(to state: ConnectivityState) {
        if waiters.isEmpty { return }
        let woken = waiters
        waiters = []
        for waiter in woken {
            waiter.state = state
            waiter.change.give()
        }
    }
}

/// The connectivity API of gRPC's connectivity-semantics-and-api.md: C++'s `GetState` and `WaitForStateChange`, grpc-go's
/// `GetState`, `Connect` and `WaitForStateChange`.
extension Channel {
    /// The channel's state; with `tryToConnect` an IDLE channel leaves IDLE, without waiting for a call.
    package func state(tryToConnect: Bool = false) -> ConnectivityState {
        if tryToConnect { connect() }
        return state
    }

    /// Waits while the state is `known`, and answers with the first one that is another; with the present one if that is
    /// another already. From a task on the channel's loop.
    ///
    /// It answers with `known` if its task is cancelled, and when that is SHUTDOWN, after which there is no other. Whoever
    /// calls it again and again sees changes in order, and not each of them: what comes and goes between two calls is
    /// missed, as in other implementations. It does not make the channel leave IDLE, nor keep it from going there.
    package func waitForStateChange(from known: ConnectivityState) async -> ConnectivityState {
        guard state == known, known != .shutdown, !Task.isCancelled else { return state }
        let waiter = watch.add()
        let bound = LoopBound(waiter, on: loop)
        await withTaskCancellationHandler {
            await waiter.change.wait()
        } onCancel: {
            bound.loop.executeHereOrLater { bound.value.change.give() }
        }
        watch.remove(waiter)
        return waiter.state ?? known
    }

    /// Connects, and waits until the channel is READY: C++'s `WaitForConnected`. False if it has been shut down, or the
    /// task is cancelled.
    package func waitUntilReady() async -> Bool {
        var known = state(tryToConnect: true)
        while known != .ready, known != .shutdown, !Task.isCancelled {
            known = await waitForStateChange(from: known)
            // The time-out for idle channels, or a connection that `pick_first` has lost.
            if known == .idle { known = state(tryToConnect: true) }
        }
        return known == .ready
    }
}
