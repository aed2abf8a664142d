import HTTP
import Testing

@Suite struct PreconditionsTests {
    private let now: Int64 = 1_700_811_045
    /// Sun, 06 Nov 1994 08:49:37 GMT
    private let current = Preconditions.Validators(tag: EntityTag("now"), lastModified: 784_111_777)

    private static let same = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let before = "Sun, 06 Nov 1994 08:49:36 GMT"
    private static let after = "Sun, 06 Nov 1994 08:49:38 GMT"

    private func evaluate(_ fields: HTTPFields, _ method: HTTPMethod = .get) -> Preconditions.Outcome {
        Preconditions.evaluate(fields, method: method, for: current, now: now)
    }

    @Test func withoutConditionsNothingIsInTheWay() {
        #expect(evaluate([:]) == .proceed)
        #expect(evaluate(["Range": "bytes=0-1", "If-Range": "\"old\""]) == .proceed)
    }

    // MARK: Each alone

    @Test(arguments: [
        ("\"now\"", Preconditions.Outcome.proceed), ("*", .proceed), ("\"old\"", .failed), ("W/\"now\"", .failed),
        ("now", .failed),
    ])
    func ifMatch(value: String, outcome: Preconditions.Outcome) {
        for method: HTTPMethod in [.get, .head, .put] { #expect(evaluate(["If-Match": value], method) == outcome) }
    }

    @Test(arguments: [
        (same, Preconditions.Outcome.proceed), (after, .proceed), (before, .failed), ("never", .proceed),
        ("", .proceed),
    ])
    func ifUnmodifiedSince(value: String, outcome: Preconditions.Outcome) {
        for method: HTTPMethod in [.get, .head, .put] {
            #expect(evaluate(["If-Unmodified-Since": value], method) == outcome)
        }
    }

    @Test(arguments: [
        ("\"now\"", true), ("W/\"now\"", true), ("*", true), ("\"old\", \"now\"", true), ("\"old\"", false),
        ("now", false),
    ])
    func ifNoneMatch(value: String, matches: Bool) {
        #expect(evaluate(["If-None-Match": value], .get) == (matches ? .notModified : .proceed))
        #expect(evaluate(["If-None-Match": value], .head) == (matches ? .notModified : .proceed))
        #expect(evaluate(["If-None-Match": value], .put) == (matches ? .failed : .proceed))
    }

    @Test(arguments: [
        (same, Preconditions.Outcome.notModified), (after, .notModified), (before, .proceed), ("never", .proceed),
    ])
    func ifModifiedSince(value: String, outcome: Preconditions.Outcome) {
        #expect(evaluate(["If-Modified-Since": value], .get) == outcome)
        #expect(evaluate(["If-Modified-Since": value], .head) == outcome)
        #expect(evaluate(["If-Modified-Since": value], .put) == .proceed)
    }

    @Test func oneOfTwoDatesIsNone() {
        #expect(evaluate(["If-Modified-Since": Self.same, "if-modified-since": Self.same]) == .proceed)
        #expect(evaluate(["If-Unmodified-Since": Self.before, "if-unmodified-since": Self.before]) == .proceed)
    }

    // MARK: Their order (section 13.2.2)

    @Test func ifMatchHidesIfUnmodifiedSince() {
        #expect(evaluate(["If-Match": "\"now\"", "If-Unmodified-Since": Self.before]) == .proceed)
        #expect(evaluate(["If-Match": "\"old\"", "If-Unmodified-Since": Self.after]) == .failed)
    }

    @Test func ifNoneMatchHidesIfModifiedSince() {
        #expect(evaluate(["If-None-Match": "\"old\"", "If-Modified-Since": Self.after]) == .proceed)
        #expect(evaluate(["If-None-Match": "\"now\"", "If-Modified-Since": Self.before]) == .notModified)
        #expect(evaluate(["If-None-Match": "old", "If-Modified-Since": Self.after]) == .proceed, "even if unreadable")
    }

    @Test func whatProtectsComesBeforeWhatSaves() {
        #expect(evaluate(["If-None-Match": "\"now\"", "If-Match": "\"old\""]) == .failed)
        #expect(evaluate(["If-None-Match": "\"now\"", "If-Match": "\"now\""]) == .notModified)
        #expect(evaluate(["If-Modified-Since": Self.same, "If-Unmodified-Since": Self.before]) == .failed)
        #expect(evaluate(["If-Modified-Since": Self.same, "If-Unmodified-Since": Self.same]) == .notModified)
        #expect(evaluate(["If-None-Match": "*", "If-Unmodified-Since": Self.before]) == .failed)
    }

    // MARK: If-Range

    @Test(arguments: [
        ("\"now\"", true), ("W/\"now\"", false), ("\"old\"", false), (same, true), (after, false), (before, false),
        ("Sun Nov  6 08:49:37 1994", true), ("now", false), ("*", false), ("\"now\", \"old\"", false), ("", false),
    ])
    func ifRangeMeansExactlyThis(value: String, allowed: Bool) {
        #expect(Preconditions.allowRange(["If-Range": value], for: current, now: now) == allowed)
    }

    @Test func withoutIfRangeARangeIsARange() {
        #expect(Preconditions.allowRange([:], for: current, now: now))
        #expect(
            !Preconditions.allowRange(["If-Range": "\"now\"", "if-range": "\"now\""], for: current, now: now))
    }

    @Test func aWeakTagAllowsNoRange() {
        let weak = Preconditions.Validators(tag: EntityTag("now", isWeak: true), lastModified: 0)
        #expect(!Preconditions.allowRange(["If-Range": "W/\"now\""], for: weak, now: now))
        #expect(!Preconditions.allowRange(["If-Range": "\"now\""], for: weak, now: now))
    }
}
