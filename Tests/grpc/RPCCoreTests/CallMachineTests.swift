import Bytes
import RPCCore
import Testing

@Suite struct CallMachineTests {
    private let gone = RPCError(.unavailable, "gone")
    private let cancelled = RPCError(.cancelled, "enough")
    private let message = OutgoingMessage(copying: [1, 2, 3].span)

    /// With an attempt under way on connection 1.
    private func attempting(_ type: CallType = .bidirectional, _ policy: RetryPolicy? = nil) -> CallMachine {
        var machine = CallMachine(type, retryPolicy: policy)
        #expect(machine.begin() == .dispatch)
        #expect(machine.picked(1) == .attempt)
        return machine
    }

    private func policy(_ attempts: Int) -> RetryPolicy {
        RetryPolicy(
            maxAttempts: attempts, initialBackoff: .milliseconds(100), maxBackoff: .milliseconds(300),
            backoffMultiplier: 2, retryableStatusCodes: [.unavailable, .aborted])
    }

    // MARK: The usual course

    @Test func aUnaryCall() {
        var machine = CallMachine(.unary)
        #expect(machine.send(message) == .none)
        #expect(machine.finishSending() == .none)
        #expect(machine.begin() == .dispatch)
        #expect(machine.picked(1) == .attempt)
        #expect(machine.requests.isSingle)
        #expect(machine.requests.next() == message)
        #expect(machine.requests.takeEnd() == true)
        machine.headersArrived()
        #expect(machine.messageArrived() == .deliver)
        #expect(machine.attemptClosed(nil, .processed, random: 0) == .finish(nil))
        #expect(machine.hasEnded)
    }

    @Test func aStreamIsSentAsItComes() {
        var machine = attempting()
        #expect(machine.requests.next() == nil)
        #expect(machine.send(message) == .send)
        #expect(machine.requests.next() == message)
        #expect(machine.messageArrived() == .deliver)
        #expect(machine.send(message) == .send)
        #expect(machine.finishSending() == .send)
        #expect(machine.requests.next() == message)
        #expect(machine.requests.takeEnd() == true)
        #expect(machine.messageArrived() == .deliver)
        #expect(machine.attemptClosed(nil, .processed, random: 0) == .finish(nil))
    }

    @Test func whatIsSentBeforeThereIsAConnectionWaits() {
        var machine = CallMachine(.bidirectional)
        _ = machine.begin()
        #expect(machine.send(message) == .none)
        #expect(machine.finishSending() == .none)
        #expect(machine.picked(7) == .attempt)
        #expect(machine.requests.next() == message)
        #expect(machine.requests.takeEnd() == true)
    }

    @Test func noConnectionIsTheEnd() {
        var machine = CallMachine(.unary)
        _ = machine.begin()
        #expect(machine.notPicked(gone) == .finish(gone))
        #expect(machine.notPicked(gone) == .none)
    }

    // MARK: Cardinality

    @Test(arguments: [CallType.unary, .serverStreaming]) func oneRequestIsOne(type: CallType) {
        var machine = attempting(type)
        #expect(machine.send(message) == .send)
        let two = RPCError(.internal, "more than one message in the request of a \(type.name) call")
        #expect(machine.send(message) == .stop(two))
        #expect(machine.attemptClosed(two, .processed, random: 0) == .finish(two))

        var none = attempting(type)
        #expect(
            none.finishSending() == .stop(RPCError(.internal, "no message in the request of a \(type.name) call")))
    }

    @Test func nothingComesAfterTheEnd() {
        var machine = attempting(.clientStreaming)
        #expect(machine.finishSending() == .send)
        #expect(machine.finishSending() == .none)
        #expect(machine.send(message) == .stop(RPCError(.internal, "a message after the end of the request")))
    }

    // MARK: Transparent retries

    @Test func whatNeverLeftIsSentAgainWithoutLimit() {
        var machine = attempting()
        _ = machine.send(message)
        for connection in 2..<100 {
            #expect(machine.requests.next() == message)
            #expect(machine.attemptClosed(gone, .unsent, random: 0) == .dispatch)
            #expect(machine.picked(connection) == .attempt)
        }
        #expect(machine.failedAttempts == 0)
    }

    @Test func theSameConnectionIsNotTriedAgain() {
        var machine = attempting()
        #expect(machine.attemptClosed(gone, .unsent, random: 0) == .dispatch)
        #expect(machine.picked(1) == .finish(gone))
    }

    @Test func whatWasRefusedIsSentAgainOnce() {
        var machine = attempting()
        #expect(machine.attemptClosed(gone, .refused, random: 0) == .dispatch)
        // By the same connection, as well it may.
        #expect(machine.picked(1) == .attempt)
        #expect(machine.attemptClosed(gone, .unsent, random: 0) == .dispatch)
        #expect(machine.picked(2) == .attempt)
        #expect(machine.attemptClosed(gone, .refused, random: 0) == .finish(gone))
    }

    @Test func whatMayHaveBeenProcessedIsNot() {
        var machine = attempting()
        #expect(machine.attemptClosed(gone, .processed, random: 0) == .finish(gone))
    }

    @Test func anAnswerCommits() {
        var machine = attempting(.bidirectional, policy(5))
        _ = machine.send(message)
        #expect(machine.requests.next() == message)
        machine.headersArrived()
        #expect(machine.requests.isCommitted)
        #expect(machine.attemptClosed(gone, .refused, random: 0) == .finish(gone))
    }

    @Test func aLongRequestCommits() {
        var machine = attempting()
        let long = OutgoingMessage(copying: [UInt8](repeating: 0, count: RequestBuffer.limit).span)
        for _ in 0..<2 {
            _ = machine.send(long)
            while machine.requests.next() != nil {}
        }
        #expect(machine.attemptClosed(gone, .refused, random: 0) == .finish(gone))
    }

    // MARK: Retries by policy (gRFC A6)

    @Test func aPolicyTriesAgain() {
        var machine = attempting(.unary, policy(4))
        for (number, wait) in [100, 200, 300].enumerated() {
            #expect(machine.failedAttempts == number)
            // 0.5 is the middle of the jitter.
            #expect(machine.attemptClosed(gone, .processed, random: 0.5) == .retry(after: .milliseconds(wait)))
            #expect(machine.picked(9) == .none)
            #expect(machine.backoffEnded() == .dispatch)
            #expect(machine.backoffEnded() == .none)
            #expect(machine.picked(number) == .attempt)
        }
        #expect(machine.attemptClosed(gone, .processed, random: 0.5) == .finish(gone))
    }

    @Test(arguments: [(0.0, 80), (1.0, 120)]) func theJitterIsAFifth(random: Double, milliseconds: Int) {
        var machine = attempting(.unary, policy(2))
        #expect(
            machine.attemptClosed(gone, .processed, random: random) == .retry(after: .milliseconds(milliseconds)))
    }

    @Test func onlyTheStatusesOfThePolicy() {
        var machine = attempting(.unary, policy(5))
        let wrong = RPCError(.invalidArgument, "wrong")
        #expect(machine.attemptClosed(wrong, .processed, random: 0) == .finish(wrong))
    }

    @Test func noPolicyHasMoreThanFiveAttempts() {
        var machine = attempting(.unary, policy(100))
        for _ in 0..<4 {
            guard case .retry = machine.attemptClosed(gone, .processed, random: 0) else {
                Issue.record("no retry")
                return
            }
            _ = machine.backoffEnded()
            _ = machine.picked(1)
        }
        #expect(machine.attemptClosed(gone, .processed, random: 0) == .finish(gone))
    }

    @Test func theServerHasASay() {
        var machine = attempting(.unary, policy(5))
        #expect(machine.attemptClosed(gone, .processed, random: 0.5) == .retry(after: .milliseconds(100)))
        _ = machine.backoffEnded()
        _ = machine.picked(1)
        #expect(
            machine.attemptClosed(gone, .processed, pushback: .wait(.seconds(7)), random: 0.5)
                == .retry(after: .seconds(7)))
        _ = machine.backoffEnded()
        _ = machine.picked(1)
        // The back-off begins anew.
        #expect(machine.attemptClosed(gone, .processed, random: 0.5) == .retry(after: .milliseconds(100)))
        _ = machine.backoffEnded()
        _ = machine.picked(1)
        #expect(machine.attemptClosed(gone, .processed, pushback: .never, random: 0.5) == .finish(gone))
    }

    @Test(
        arguments: [
            (nil, RetryPolicy.Pushback.none), ("0", .wait(.zero)), ("1500", .wait(.milliseconds(1500))), ("-1", .never),
            ("soon", .never), ("", .never), ("99999999999999999999", .never),
        ] as [(String?, RetryPolicy.Pushback)])
    func theServersWord(text: String?, pushback: RetryPolicy.Pushback) {
        var trailers = Metadata()
        if let text {
            trailers.append(key: ("grpc-retry-pushback-ms" as StaticString).bytes, value: text.utf8.span)
        }
        #expect(RetryPolicy.Pushback(trailers) == pushback)
    }

    @Test func transparentRetriesAreNoneOfThePolicys() {
        var machine = attempting(.unary, policy(2))
        #expect(machine.attemptClosed(gone, .refused, random: 0) == .dispatch)
        _ = machine.picked(2)
        // The second refusal is a failure like any other.
        #expect(machine.attemptClosed(gone, .refused, random: 0.5) == .retry(after: .milliseconds(100)))
        _ = machine.backoffEnded()
        _ = machine.picked(3)
        #expect(machine.attemptClosed(gone, .processed, random: 0.5) == .finish(gone))
    }

    @Test func whileTooManyFailNothingIsTriedAgain() {
        var tokens = RetryTokens(RetryThrottling(maxMillitokens: 4_000, millitokensPerSuccess: 100))
        var machine = attempting(.unary, policy(5))
        guard case .retry = machine.attemptClosed(gone, .processed, throttled: tokens.failed(), random: 0) else {
            Issue.record("no retry")
            return
        }
        _ = machine.backoffEnded()
        _ = machine.picked(2)
        #expect(machine.attemptClosed(gone, .processed, throttled: tokens.failed(), random: 0) == .finish(gone))
        #expect(tokens.millitokens == 2_000)
    }

    /// What the policy does not name is no failure of the servers; a server that wants no retry is one (A6).
    @Test func onlyFailuresOfServersTakeTokens() {
        let all = RetryThrottling(maxMillitokens: 4_000, millitokensPerSuccess: 100)
        let wrong = RPCError(.invalidArgument, "wrong")
        for (error, fate, pushback, left) in [
            (gone, .processed, .none, 3_000), (wrong, .processed, .none, 4_000), (wrong, .processed, .never, 3_000),
            (gone, .processed, .never, 3_000), (gone, .unsent, .none, 4_000), (gone, .refused, .none, 4_000),
            (gone, .hopeless, .none, 4_000),
        ] as [(RPCError, CallFate, RetryPolicy.Pushback, Int)] {
            var tokens = RetryTokens(all)
            var machine = attempting(.unary, policy(5))
            _ = machine.attemptClosed(error, fate, pushback: pushback, throttled: tokens.failed(), random: 0)
            #expect(tokens.millitokens == left, "\(error), \(fate), \(pushback)")
        }
        var tokens = RetryTokens(all)
        var committed = attempting(.unary, policy(5))
        committed.headersArrived()
        #expect(committed.attemptClosed(gone, .processed, throttled: tokens.failed(), random: 0) == .finish(gone))
        #expect(tokens.millitokens == 4_000)
    }

    /// As a call that is committed: it could not be retried.
    @Test func aRequestTooLongToBeRepeatedTakesNoTokens() {
        for pushback in [.none, .never] as [RetryPolicy.Pushback] {
            var tokens = RetryTokens(RetryThrottling(maxMillitokens: 4_000, millitokensPerSuccess: 100))
            var machine = attempting(.unary, policy(5))
            _ = machine.send(OutgoingMessage(copying: [UInt8](repeating: 0, count: 300_000).span))
            while machine.requests.next() != nil {}
            #expect(
                machine.attemptClosed(gone, .processed, pushback: pushback, throttled: tokens.failed(), random: 0)
                    == .finish(gone))
            #expect(tokens.millitokens == 4_000)
        }
    }

    @Test func theLastAttemptIsAFailureToo() {
        var tokens = RetryTokens(RetryThrottling(maxMillitokens: 40_000, millitokensPerSuccess: 100))
        var machine = attempting(.unary, policy(2))
        _ = machine.attemptClosed(gone, .processed, throttled: tokens.failed(), random: 0)
        _ = machine.backoffEnded()
        _ = machine.picked(2)
        #expect(machine.attemptClosed(gone, .processed, throttled: tokens.failed(), random: 0) == .finish(gone))
        #expect(tokens.millitokens == 38_000)
    }

    @Test func whatThisSideCannotSendIsNotTriedAgain() {
        var machine = attempting(.unary, policy(5))
        #expect(machine.attemptClosed(gone, .hopeless, random: 0) == .finish(gone))
    }

    /// It would be sent again if no server had processed it; but a policy repeats no more than is kept of any call.
    @Test func aPolicyRepeatsNoMessageThatIsTooLong() {
        for (bytes, isRepeated) in [(200_000, true), (300_000, false)] {
            var machine = attempting(.unary, policy(5))
            _ = machine.send(OutgoingMessage(copying: [UInt8](repeating: 7, count: bytes).span))
            #expect(machine.requests.next() != nil)
            #expect(machine.attemptClosed(gone, .refused, random: 0) == .dispatch)
            _ = machine.picked(2)
            #expect(machine.requests.next() != nil)
            let action = machine.attemptClosed(gone, .processed, random: 0.5)
            #expect(action == (isRepeated ? .retry(after: .milliseconds(100)) : .finish(gone)))
        }
    }

    @Test func retriesAreCountedByKind() {
        var machine = attempting(.unary, policy(5))
        _ = machine.attemptClosed(gone, .unsent, random: 0)
        _ = machine.picked(2)
        _ = machine.attemptClosed(gone, .processed, random: 0)
        #expect((machine.transparentRetries, machine.retries) == (1, 0))
        _ = machine.backoffEnded()
        #expect((machine.transparentRetries, machine.retries, machine.failedAttempts) == (1, 1, 1))
    }

    // MARK: Giving up

    @Test func givingUpBeforeTheBeginning() {
        var machine = CallMachine(.unary)
        #expect(machine.abort(cancelled) == .finish(cancelled))
        #expect(machine.begin() == .none)
        #expect(machine.isAborted)
    }

    @Test func givingUpWithoutAConnection() {
        var machine = CallMachine(.unary)
        _ = machine.begin()
        #expect(machine.abort(cancelled) == .finish(cancelled))
        #expect(machine.picked(1) == .none)
        #expect(machine.notPicked(gone) == .none)
        #expect(machine.abort(cancelled) == .none)
    }

    @Test func givingUpDuringTheBackOff() {
        var machine = attempting(.unary, policy(2))
        _ = machine.attemptClosed(gone, .processed, random: 0)
        #expect(machine.abort(cancelled) == .finish(cancelled))
        #expect(machine.backoffEnded() == .none)
    }

    /// However the attempt ends then, the call is not sent again, and nothing more is delivered.
    @Test(arguments: [CallFate.unsent, .refused, .processed]) func givingUpAnAttempt(fate: CallFate) {
        var machine = attempting(.bidirectional, policy(5))
        #expect(machine.abort(cancelled) == .stop(cancelled))
        #expect(machine.messageArrived() == .none)
        // The first reason counts.
        #expect(machine.abort(gone) == .none)
        #expect(machine.attemptClosed(cancelled, fate, random: 0) == .finish(cancelled))
        #expect(machine.send(message) == .none)
        #expect(machine.finishSending() == .none)
    }

    // MARK: Any order of events

    @Test(arguments: 0..<200 as Range<UInt64>) func whateverHappensTheCallEndsOnce(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let type = [CallType.unary, .clientStreaming, .serverStreaming, .bidirectional].randomElement(using: &generator)
        var run = CallRun(type ?? .unary, Bool.random(using: &generator) ? policy(4) : nil)
        for _ in 0..<300 {
            run.step(using: &generator)
            if let problem = run.problem {
                Issue.record("\(problem), after \(run.history.suffix(20))")
                return
            }
        }
        run.end()
        #expect(run.problem == nil)
        #expect(run.finishes == 1)
    }
}
