import Synchronization

/// What the calls of one server may hold in memory, on all its loops together: messages that have been received and not
/// been handled, replies that wait for their clients, and something for each open call.
///
/// Without it a single client could make the server hold as much as its windows and streams allow: 100 unfinished
/// requests of 4 MiB on one connection are 400 MiB.
package final class MessageBudget: Sendable {
    package let limit: Int
    private let lent = Atomic<Int>(0)

    package init(limit: Int) {
        self.limit = limit
    }

    fileprivate func borrow(_ count: Int) -> Bool {
        let sum = lent.add(count, ordering: .relaxed).newValue
        if sum <= limit { return true }
        lent.subtract(count, ordering: .relaxed)
        return false
    }

    fileprivate func giveBack(_ count: Int) { lent.subtract(count, ordering: .relaxed) }
}

/// One loop's part of a budget. It borrows in steps, so that a call costs no atomic operation. Loop thread only.
package struct BudgetShare: ~Copyable {
    private static let step = 256 * 1024
    /// Memory is worth giving back to the system once so much was held, and most of it is held no longer.
    private static let worthTrimming = 8 << 20

    private let budget: MessageBudget
    private var borrowed = 0
    private var peak = 0
    private var trimLevel = -1
    package private(set) var held = 0
    /// Something was refused since this was last set to false.
    package var wasShort = false

    package init(_ budget: MessageBudget) {
        self.budget = budget
    }

    deinit { budget.giveBack(borrowed) }

    /// Answers whether there was so much left; if not, nothing has changed.
    package mutating func take(_ count: Int) -> Bool {
        if count > borrowed - held, !borrow(count - (borrowed - held)) {
            wasShort = true
            return false
        }
        held += count
        if held > peak {
            peak = held
            trimLevel = peak >= BudgetShare.worthTrimming ? peak / 4 : -1
        }
        return true
    }

    private mutating func borrow(_ count: Int) -> Bool {
        for count in [max(count, BudgetShare.step), count] where budget.borrow(count) {
            borrowed += count
            return true
        }
        return false
    }

    /// Answers whether most of what was held at most since `trimmed` has been given back.
    package mutating func giveBack(_ count: Int) -> Bool {
        held -= count
        if borrowed - held > 2 * BudgetShare.step {
            budget.giveBack(borrowed - held - BudgetShare.step)
            borrowed = held + BudgetShare.step
        }
        return held <= trimLevel
    }

    package mutating func trimmed() {
        peak = held
        trimLevel = -1
    }
}
