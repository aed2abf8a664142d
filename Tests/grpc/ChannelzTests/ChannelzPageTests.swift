import Channelz
import RPCCore
import Testing

@Suite struct ChannelzPageTests {
    private func page(
        _ start: Int64, _ most: Int64, of numbers: [Int]
    ) throws(RPCError) -> (numbers: [Int], isLast: Bool) {
        let page = try ChannelzPage(from: start, named: "start_id", maxResults: most)
        let (items, isLast) = page.cut(numbers, by: \.self)
        return (Array(items), isLast)
    }

    @Test(
        arguments: [
            (0, 0, [3, 5, 9], true), (0, 3, [3, 5, 9], true), (0, 2, [3, 5], false), (4, 1, [5], false),
            (6, 2, [9], true), (9, 1, [9], true), (10, 1, [], true), (.max, .max, [], true), (5, .max, [5, 9], true),
        ] as [(Int64, Int64, [Int], Bool)])
    func isWhatWasAskedFor(start: Int64, most: Int64, numbers: [Int], isLast: Bool) throws {
        let page = try page(start, most, of: [3, 5, 9])
        #expect(page.numbers == numbers)
        #expect(page.isLast == isLast)
    }

    @Test(arguments: [0, 100, 101, .max] as [Int64])
    func hasNoMoreThanAHundred(most: Int64) throws {
        let page = try page(0, most, of: Array(1...250))
        #expect(page.numbers == Array(1...100) && !page.isLast)
    }

    @Test func negativeNumbersAreRefusedByName() {
        #expect(throws: RPCError(.invalidArgument, "start_id is -1, and must not be negative")) {
            try page(-1, 0, of: [])
        }
        #expect(throws: RPCError(.invalidArgument, "max_results is \(Int64.min), and must not be negative")) {
            try page(0, .min, of: [])
        }
    }
}
