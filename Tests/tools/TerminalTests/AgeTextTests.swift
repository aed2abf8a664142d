import Terminal
import Testing

@Suite struct AgeTextTests {
    @Test(arguments: [
        (0, "0s"), (119, "119s"), (120, "2m"), (192, "3m12s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"),
        (18_420, "5h7m"), (28_800, "8h"), (172_800, "2d"), (183_600, "2d3h"), (700_000, "8d"), (-1, "0s"),
    ])
    func agesAreKubectls(seconds: Int, text: String) {
        #expect(AgeText.format(seconds: seconds) == text)
    }
}
