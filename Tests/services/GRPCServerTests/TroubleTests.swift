import HTTP
import RPCCore
import Testing
import grpc_server

@Suite struct TroubleTests {
    private func trouble(_ query: String) throws -> Trouble {
        guard case .begin(let trouble) = try Trouble.request(QueryParameters(query[...])) else {
            throw Trouble.Problem.none
        }
        return trouble
    }

    @Test func slowAndFaulty() throws {
        let trouble = try trouble("delay=50ms&fail=0.2")
        #expect(trouble.delay == .milliseconds(50) && trouble.fail == 0.2)
        #expect(trouble.code == .unavailable && trouble.time == .seconds(600))
        #expect(trouble.description == "delay=50ms fail=0.2")
        #expect(trouble.sentence == "every call waits 50ms, 20 % of calls fail with UNAVAILABLE, for 10m")
    }

    @Test(arguments: [
        ("delay=1s", "delay=1s"), ("fail=1", "fail=1"), ("fail=1.0", "fail=1"), ("fail=0.0005", "fail=0.0005"),
        ("fail=.5&code=ABORTED", "fail=0.5 code=ABORTED"), ("fail=1&code=8", "fail=1 code=RESOURCE_EXHAUSTED"),
        ("delay=60s&for=24h", "delay=1m"), ("delay=1ms&fail=0", "delay=1ms"), ("delay=1500us", "delay=1500us"),
    ])
    func whatCanBeAskedFor(_ query: String, _ description: String) throws {
        #expect(try trouble(query).description == description)
    }

    @Test func offEndsIt() throws {
        #expect(try Trouble.request(QueryParameters("off")) == .end)
        #expect(try Trouble.request(QueryParameters("off=")) == .end)
    }

    @Test(arguments: [
        ("", "neither a delay"), ("delay=0s", "neither a delay"), ("fail=0", "neither a delay"),
        ("code=ABORTED", "neither a delay"), ("for=1m", "neither a delay"), ("delay=1s&code=ABORTED", "code is of"),
        ("delay=50", "delay '50'"), ("delay=-1s", "delay '-1s'"), ("delay=61s", "delay '61s'"), ("delay=", "delay ''"),
        ("fail=1.1", "fail '1.1'"), ("fail=-0", "fail '-0'"), ("fail=nan", "fail 'nan'"), ("fail=1e-2", "fail '1e-2'"),
        ("fail=0x1", "fail '0x1'"), ("fail=.00001", "fail '.00001'"), ("fail=1.", "fail '1.'"), ("fail=1.0.", "fail"),
        ("fail=0.00001", "fail '0.00001'"), ("fail=.", "fail '.'"), ("fail=20%25", "fail"),
        ("fail=1&code=OK", "code 'OK'"), ("fail=1&code=0", "code '0'"), ("fail=1&code=17", "code '17'"),
        ("fail=1&code=unavailable", "code 'unavailable'"), ("fail=1&for=0s", "for '0s'"),
        ("fail=1&for=25h", "for '25h'"),
        ("fail=1&for=for", "for 'for'"), ("off&fail=1", "off stands alone"), ("off=true", "off stands alone"),
        ("dely=1s", "'dely' is unknown"), ("fail=1&fail=0.5", "more than once"), ("fail=%ff", "percent-encoded"),
        ("fail=1&code=%0d%0aX", "code '??X'"),
    ])
    func whatCannotIsRefusedWithAReason(_ query: String, _ words: String) {
        let problem = #expect(throws: Trouble.Problem.self) { try Trouble.request(QueryParameters(query[...])) }
        #expect(problem?.message.contains(words) == true, "\(problem?.message ?? "")")
    }

    @Test(arguments: ["delay=", "fail=", "fail=1&code=", "fail=1&for=", "", "off="])
    func aMessageIsShortWhateverWasSent(_ query: String) {
        let long = query + String(repeating: "9", count: 100_000)
        let problem = #expect(throws: Trouble.Problem.self) { try Trouble.request(QueryParameters(long[...])) }
        #expect((problem?.message.utf8.count ?? .max) < 250)
    }
}

extension Trouble.Problem {
    fileprivate static var none: Trouble.Problem { Trouble.Problem(message: "this is no beginning") }
}
