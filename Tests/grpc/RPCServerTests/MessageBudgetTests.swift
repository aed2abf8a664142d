import RPCServer
import Testing

@Suite struct MessageBudgetTests {
    private static let MiB = 1 << 20

    /// `#expect` would copy a share to look at it, which cannot be done.
    private func claim(_ holds: Bool, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(holds, sourceLocation: sourceLocation)
    }

    @Test func takesUpToTheLimitAndNotAByteMore() {
        var share = BudgetShare(MessageBudget(limit: 1_000_000))
        claim(share.take(999_999))
        claim(!share.take(2))
        claim(share.wasShort)
        claim(share.take(1))
        claim(share.held == 1_000_000)
        _ = share.giveBack(2)
        claim(share.take(2))
        claim(!share.take(1))
    }

    @Test func loopsShareIt() {
        let budget = MessageBudget(limit: 4 * MessageBudgetTests.MiB)
        var first = BudgetShare(budget)
        var second = BudgetShare(budget)
        claim(first.take(3 * MessageBudgetTests.MiB))
        claim(!second.take(2 * MessageBudgetTests.MiB))
        claim(second.held == 0)
        // What one gives back the other may take, but for what it keeps in hand: a quarter of a MiB, and twice that at most.
        _ = first.giveBack(3 * MessageBudgetTests.MiB)
        claim(second.take(4 * MessageBudgetTests.MiB - 512 * 1024))
    }

    @Test func aLoopThatEndsGivesItsPartBack() {
        let budget = MessageBudget(limit: MessageBudgetTests.MiB)
        do {
            var gone = BudgetShare(budget)
            claim(gone.take(MessageBudgetTests.MiB))
        }
        var share = BudgetShare(budget)
        claim(share.take(MessageBudgetTests.MiB))
    }

    @Test func saysWhenMemoryIsWorthTrimming() {
        var share = BudgetShare(MessageBudget(limit: 64 * MessageBudgetTests.MiB))
        // Little was held: nothing to give back to the system.
        claim(share.take(4 * MessageBudgetTests.MiB))
        claim(!share.giveBack(4 * MessageBudgetTests.MiB))
        claim(share.take(40 * MessageBudgetTests.MiB))
        claim(!share.giveBack(29 * MessageBudgetTests.MiB))
        claim(share.giveBack(MessageBudgetTests.MiB))
        share.trimmed()
        claim(!share.giveBack(MessageBudgetTests.MiB))
    }

    /// Whatever is taken and given back, the sums agree.
    @Test func neverLendsMoreThanThereIs() {
        var generator = SystemRandomNumberGenerator()
        let budget = MessageBudget(limit: 10 * MessageBudgetTests.MiB)
        var first = BudgetShare(budget)
        var second = BudgetShare(budget)
        for _ in 0..<10_000 {
            let count = Int.random(in: 0...MessageBudgetTests.MiB, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: _ = first.take(count)
            case 1: _ = second.take(count)
            case 2: _ = first.giveBack(min(count, first.held))
            default: _ = second.giveBack(min(count, second.held))
            }
            claim(first.held >= 0 && second.held >= 0)
            claim(first.held + second.held <= budget.limit)
        }
        _ = first.giveBack(first.held)
        _ = second.giveBack(second.held)
        claim(first.take(budget.limit - 512 * 1024))
    }
}
