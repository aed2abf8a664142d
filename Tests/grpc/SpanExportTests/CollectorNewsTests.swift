import RPCCore
import SpanExport
import Testing
import Timing

@Suite struct CollectorNewsTests {
    @Test func failuresAreToldOnceAMinuteAndTheirEndOnce() {
        var news = CollectorNews()
        let error = RPCError(.unavailable, "nobody is there")
        func at(_ seconds: Int) -> Instant { Instant(nanoseconds: 0) + .seconds(seconds) }
        #expect(news.taken(by: "http://c:4317") == nil)
        #expect(
            news.failed("http://c:4317", error, at: at(0))
                == "Tracing: http://c:4317 does not take spans: UNAVAILABLE: nobody is there")
        news.dropped += 7
        #expect(news.failed("http://c:4317", error, at: at(59)) == nil)
        #expect(
            news.failed("http://c:4317", error, at: at(60))
                == "Tracing: http://c:4317 does not take spans: UNAVAILABLE: nobody is there (7 were dropped since the"
                + " last such line)")
        news.dropped += 2
        #expect(
            news.taken(by: "http://c:4317")
                == "Tracing: http://c:4317 takes spans again (2 were dropped since the last such line)")
        #expect(news.taken(by: "http://c:4317") == nil)
        // One that fails and takes by turns is told of as rarely.
        #expect(news.failed("http://c:4317", error, at: at(61)) == nil)
        #expect(news.taken(by: "http://c:4317") == nil)
        #expect(news.failed("http://c:4317", error, at: at(120)) != nil)
    }

    @Test func whatTheCollectorRefusesIsTold() {
        var news = CollectorNews()
        let now = Instant(nanoseconds: 0)
        #expect(news.refused(3, because: "too old", at: now) == "Tracing: the collector refused 3 spans: too old")
        #expect(news.refused(3, because: "too old", at: now) == nil)
        var other = CollectorNews()
        #expect(
            other.refused(0, because: "old names", at: now)
                == "Tracing: the collector has a remark on what it took: old names")
    }
}
