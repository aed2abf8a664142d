import Bytes
import RPCCore
import RPCServer
import Testing

/// The machine of one call, through each of its states.
@Suite struct ServerCallMachineTests {
    private typealias Machine = ServerCallMachine
    private static let all: [CallType] = [.unary, .clientStreaming, .serverStreaming, .bidirectional]

    private func route(_ type: CallType, startsWithHead: Bool = false) -> Route {
        Route(
            MethodDescriptor(service: "test.Service", method: "Any", type: type), startsWithHead: startsWithHead
        ) { _ in }
    }

    private func opened(_ type: CallType, startsWithHead: Bool = false) -> Machine {
        var machine = Machine()
        _ = machine.headReceived(.accepted, route(type, startsWithHead: startsWithHead))
        return machine
    }

    private func code(_ body: () throws -> Void) -> StatusCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? RPCError)?.code
        }
    }

    @Test(arguments: all) func aHandlerOfManyRequestsStartsWithTheHead(type: CallType) {
        var machine = Machine()
        let action = machine.headReceived(.accepted, route(type))
        #expect(action == (type.takesOneRequest ? .none : .start))
        #expect(machine.mayRead == !type.takesOneRequest)
        #expect(machine.awaitsRequest == type.takesOneRequest)
    }

    @Test(arguments: all) func anInterceptorStartsWithTheHead(type: CallType) throws {
        var machine = Machine()
        #expect(machine.headReceived(.accepted, route(type, startsWithHead: true)) == .start)
        try machine.messageReceived()
        #expect(machine.requestEnded() == .wakeReader)
        #expect(machine.mayRead)
    }

    @Test func aHandlerOfOneRequestStartsWhenItIsWhole() throws {
        for type in [CallType.unary, .serverStreaming] {
            var machine = opened(type)
            try machine.messageReceived()
            #expect(!machine.mayRead)
            #expect(machine.requestEnded() == .start)
            #expect(machine.mayRead && !machine.awaitsRequest && machine.input == .halfClosed)
            // Its trailers, say.
            #expect(machine.requestEnded() == .none)
        }
    }

    @Test func whatIsNoCallIsAnsweredByHTTP() {
        var machine = Machine()
        #expect(machine.headReceived(.rejected(httpStatus: 415), nil) == .reject(httpStatus: 415))
        #expect(machine.hasEnded)
        #expect(machine.end() == false)
        #expect(machine.requestEnded() == .none)
    }

    @Test func aMethodThatDoesNotExist() {
        var machine = Machine()
        #expect(machine.headReceived(.accepted, nil) == .failUnimplemented)
        #expect(machine.input == .open && !machine.hasEnded)
    }

    @Test func aBadHeadFailsTheCall() {
        var machine = Machine()
        let error = RPCError(.unimplemented, "grpc-encoding")
        #expect(machine.headReceived(.failed(error), nil) == .fail(error))
        #expect(machine.end() == true)
    }

    /// statuscodes.md: UNIMPLEMENTED, on either side.
    @Test(arguments: all) func oneRequestIsOneRequest(type: CallType) {
        var none = opened(type)
        var two = opened(type)
        #expect(code { try two.messageReceived() } == nil)
        if type.takesOneRequest {
            guard case .fail(let error) = none.requestEnded() else {
                Issue.record("a request without a message")
                return
            }
            #expect(error.code == .unimplemented)
            #expect(error.message == "no message in the request of a \(type.name) call")
            #expect(code { try two.messageReceived() } == .unimplemented)
        } else {
            #expect(none.requestEnded() == .wakeReader)
            #expect(code { try two.messageReceived() } == nil)
        }
    }

    @Test(arguments: all) func oneReplyIsOneReply(type: CallType) {
        var machine = opened(type)
        #expect(code { try machine.checkAnswer() } == (type.bringsOneReply ? .internal : nil))
        #expect(code { try machine.messageSent() } == nil)
        #expect(code { try machine.checkAnswer() } == nil)
        #expect(code { try machine.messageSent() } == (type.bringsOneReply ? .internal : nil))
    }

    @Test func headersLeaveOnceAndNotAfterTheEnd() {
        var machine = opened(.bidirectional)
        #expect(machine.headersDue() == true)
        #expect(machine.headersDue() == false)
        #expect(machine.output == .headers)
        var ended = opened(.bidirectional)
        #expect(ended.end() == true)
        #expect(ended.headersDue() == false)
        #expect(code { try ended.messageSent() } == .cancelled)
    }

    /// Whatever happens in whatever order: one start at most, one end, and nothing after it.
    @Test func randomRunsKeepThePromises() {
        var random = SplitMix64(seed: 11)
        for _ in 0..<5000 {
            let type = ServerCallMachineTests.all[Int(random.next() % 4)]
            var machine = Machine()
            var starts = 0
            var ends = 0
            var fails = 0
            func note(_ action: Machine.Action) {
                switch action {
                case .start: starts += 1
                case .fail: fails += 1
                case .none, .reject, .wakeReader, .failUnimplemented: break
                }
            }
            note(machine.headReceived(.accepted, route(type, startsWithHead: random.next() % 2 == 0)))
            for _ in 0..<12 {
                switch random.next() % 6 {
                case 0: if machine.input == .open { _ = code { try machine.messageReceived() } }
                case 1:
                    let wasOver = machine.hasEnded
                    let action = machine.requestEnded()
                    #expect(!wasOver || action == .none)
                    note(action)
                case 2: if machine.headersDue() { #expect(ends == 0) }
                case 3: #expect((code { try machine.messageSent() } == .cancelled) == (ends > 0))
                case 4: if random.next() % 4 == 0, machine.end() { ends += 1 }
                default: _ = code { try machine.checkAnswer() }
                }
                #expect(machine.hasEnded == (ends > 0))
            }
            #expect(starts + fails <= 2 && starts <= 1 && ends <= 1)
        }
    }
}
