import CLinux
import Glibc
import Synchronization
package import System
package import Timing

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    package static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// Error or hang-up; reported whether asked for or not, and a read or write then tells the reason.
    package static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
}

/// Is called on its loop when its descriptor is ready (level-triggered).
package protocol ReadinessHandler: AnyObject {
    func descriptorReady(_ readiness: Readiness)
}

/// Is called once at the end of each loop turn in which it asked for it; connections write their output here, so that
/// everything one turn produced leaves in one system call.
package protocol TurnEndHandler: AnyObject {
    func turnEnded()
}

/// One thread's event loop: descriptors, timers, and Swift jobs.
///
/// It is a `SerialExecutor` and a `TaskExecutor`: a task with this loop as its executor preference runs all its
/// nonisolated code here. Objects of a loop are not `Sendable` and stay on its thread; other threads reach them only by
/// `execute` and by tasks.
///
/// A turn: wait for descriptors, call their handlers, fire due timers, run jobs until none is left, then call
/// turn-end handlers. Jobs that jobs enqueue run in the same turn, at most `jobsPerTurn`, so that a busy task cannot
/// starve descriptors.
//
// Sendable: `mailbox` is guarded by its mutex and `wakeUp` is immutable; everything else is touched only on the loop's
// own thread, which `precondition(isCurrent)` checks at the doors that other threads could come through.
@safe package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private struct Mailbox {
        var jobs: [UnownedJob] = []
        var work: [@Sendable () -> Void] = []
        var isAwake = true
    }

    private static let jobsPerTurn = 1024
    private static let eventsPerTurn = 128

    private let mailbox = Mutex(Mailbox())
    private let epoll: Int32
    private let wakeUp: Int32
    private let thread = Atomic<UInt>(0)

    // On the loop's thread only:
    private var stopping = false
    private var registrations = RegistrationTable()
    private var timers = TimerHeap()
    private var jobs: [UnownedJob] = []
    /// Empty between turns; what is kept is its memory.
    private var batch: [UnownedJob] = []
    private var turnEndHandlers: [any TurnEndHandler] = []

    /// Shared by everything that reads on this loop; its content is valid only until the next read.
    let readBuffer: UnsafeMutableRawBufferPointer

    /// What the kernel says of descriptors, a turn at a time.
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// The time when this turn began or when timers last fired; no system call. A turn is short, so deadlines computed
    /// from it are early by microseconds.
    package private(set) var now: Instant

    /// Throws if the process has no descriptor left.
    package init() throws(SystemError) {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        if epoll < 0 { throw SystemError.last("epoll_create1") }
        wakeUp = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if wakeUp < 0 {
            let error = SystemError.last("eventfd")
            close(epoll)
            throw error
        }
        unsafe readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        unsafe events = UnsafeMutableBufferPointer.allocate(capacity: EventLoop.eventsPerTurn)
        now = MonotonicClock.now
        // Slot and generation of a real registration are never both all ones.
        var event = unsafe epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: .max))
        if unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wakeUp, &event) < 0 { throw SystemError.last("epoll_ctl") }
    }

    deinit {
        close(epoll)
        close(wakeUp)
        unsafe readBuffer.deallocate()
        unsafe events.deallocate()
    }

    /// Whether the caller runs on this loop's thread.
    package var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    package func preconditionCurrent() {
        precondition(isCurrent, "touched from outside its event loop")
    }

    /// Number of descriptors watched, for leak checks.
    package var registrationCount: Int { registrations.count }
    /// Number of timers running, for leak checks.
    package var timerCount: Int { timers.count }

    // MARK: Running

    /// Runs on the calling thread until `stop`. Jobs and work that are enqueued later than that are never run.
    package func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        while !stopping { turn() }
        thread.store(0, ordering: .relaxed)
    }

    /// Runs the loop on a thread of its own.
    package nonisolated static func startThread(named name: String) throws(SystemError) -> EventLoop {
        let loop = try EventLoop()
        try Thread.detach(named: name) { loop.run() }
        return loop
    }

    /// Lets `run` return after the current turn. Any thread.
    package func stop() {
        execute { self.stopping = true }
    }

    private func turn() {
        let timeout = prepareToWait()
        waitAndDispatch(milliseconds: timeout)
        fireDueTimers()
        runJobs()
        while let handler = turnEndHandlers.popLast() { handler.turnEnded() }
    }

    /// How long to wait: not at all when something is ready to run.
    private func prepareToWait() -> Int32 {
        let idle = mailbox.withLock { box -> Bool in
            let idle = jobs.isEmpty && box.jobs.isEmpty && box.work.isEmpty && !stopping
            box.isAwake = !idle
            return idle
        }
        guard idle else { return 0 }
        guard let deadline = timers.nextDeadline else { return -1 }
        let wait = (deadline - MonotonicClock.now).nanoseconds
        if wait <= 0 { return 0 }
        // Rounded up: waking a fraction of a millisecond early would spin until the timer is due.
        return Int32(min((wait + 999_999) / 1_000_000, 60_000))
    }

    private func waitAndDispatch(milliseconds: Int32) {
        let count = unsafe epoll_wait(epoll, events.baseAddress, Int32(events.count), milliseconds)
        if milliseconds != 0 { mailbox.withLock { $0.isAwake = true } }
        now = MonotonicClock.now
        guard count > 0 else { return }
        for index in 0..<Int(count) {
            let event = unsafe events[index]
            let token = unsafe event.data.u64
            if token == .max {
                var counter: UInt64 = 0
                _ = unsafe read(wakeUp, &counter, 8)
            } else if let handler = registrations.handler(for: token) {
                unsafe handler.descriptorReady(Readiness(rawValue: event.events))
            }
        }
    }

    /// A timer that its own action schedules for now again fires in the next turn.
    private func fireDueTimers() {
        for _ in 0..<timers.count {
            guard let timer = timers.popDue(at: now) else { return }
            timer.fire()
        }
    }

    private func runJobs() {
        takeMail()
        var budget = EventLoop.jobsPerTurn
        var batch: [UnownedJob] = []
        swap(&batch, &self.batch)
        while !jobs.isEmpty, budget > 0 {
            swap(&batch, &jobs)
            budget -= batch.count
            for job in batch {
                unsafe job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            batch.removeAll(keepingCapacity: true)
            if jobs.isEmpty { takeMail() }
        }
        swap(&batch, &self.batch)
    }

    private func takeMail() {
        let work = mailbox.withLock { box -> [@Sendable () -> Void] in
            if jobs.isEmpty { swap(&jobs, &box.jobs) } else { jobs += box.jobs }
            if !box.jobs.isEmpty { box.jobs.removeAll(keepingCapacity: true) }
            if box.work.isEmpty { return [] }
            defer { box.work = [] }
            return box.work
        }
        for item in work { item() }
    }

    // MARK: Work

    /// Runs `work` on the loop in a later turn. Any thread.
    package func execute(_ work: @escaping @Sendable () -> Void) {
        let mustWake = mailbox.withLock { box -> Bool in
            box.work.append(work)
            defer { box.isAwake = true }
            return !box.isAwake
        }
        if mustWake { signalWakeUp() }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            jobs.append(job)
            return
        }
        let mustWake = mailbox.withLock { box -> Bool in
            box.jobs.append(job)
            defer { box.isAwake = true }
            return !box.isAwake
        }
        if mustWake { signalWakeUp() }
    }

    package func isSameExclusiveExecutionContext(other: EventLoop) -> Bool { self === other }

    package func checkIsolated() { preconditionCurrent() }

    private func signalWakeUp() {
        var one: UInt64 = 1
        _ = unsafe write(wakeUp, &one, 8)
    }

    /// Calls `handler` at the end of this turn. A handler keeps count itself of having asked already.
    package func atTurnEnd(_ handler: any TurnEndHandler) {
        turnEndHandlers.append(handler)
    }

    // MARK: Descriptors

    /// Watches `descriptor`; the caller keeps it open until `unregister`.
    package func register(
        _ descriptor: Int32, for interest: Readiness, handler: any ReadinessHandler
    ) throws(SystemError) -> Registration {
        preconditionCurrent()
        let registration = registrations.add(descriptor: descriptor, handler: handler)
        var event = unsafe epoll_event(events: interest.rawValue, data: epoll_data_t(u64: registration.token))
        if unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) < 0 {
            let error = SystemError.last("epoll_ctl add")
            registrations.remove(registration)
            throw error
        }
        return registration
    }

    /// Changes what a registration waits for; nothing if it is gone.
    package func modify(_ registration: Registration, to interest: Readiness) {
        guard registrations.handler(for: registration.token) != nil else { return }
        var event = unsafe epoll_event(events: interest.rawValue, data: epoll_data_t(u64: registration.token))
        // Cannot fail for a descriptor that is registered and open.
        _ = unsafe epoll_ctl(epoll, EPOLL_CTL_MOD, registration.descriptor, &event)
    }

    /// Stops watching; an event of this turn that is still undelivered is dropped.
    package func unregister(_ registration: Registration) {
        guard registrations.handler(for: registration.token) != nil else { return }
        registrations.remove(registration)
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, registration.descriptor, nil)
    }

    // MARK: Timers

    func schedule(_ timer: Timer, at deadline: Instant) { timers.schedule(timer, at: deadline) }
    func cancel(_ timer: Timer) { timers.cancel(timer) }
}
