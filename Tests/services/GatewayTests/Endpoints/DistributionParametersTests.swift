import HTTP
import Testing
import gateway

@Suite struct DistributionParametersTests {
    @Test(arguments: [
        ("", 200, 10), ("requests=1&concurrency=1", 1, 1), ("concurrency=1000&requests=10000", 10_000, 1_000),
        ("requests=007", 7, 10),
    ])
    func reads(query: String, requests: Int, concurrency: Int) throws {
        let parameters = try DistributionParameters(QueryParameters(query[...]))
        #expect(parameters.requests == requests && parameters.concurrency == concurrency)
    }

    @Test(arguments: [
        ("requests=0", "requests '0' is not a whole number from 1 to 10000"),
        ("requests=10001", "requests '10001' is not a whole number from 1 to 10000"),
        ("requests=", "requests '' is not a whole number from 1 to 10000"),
        ("requests=-1", "requests '-1' is not a whole number from 1 to 10000"),
        ("requests=+1", "requests ' 1' is not a whole number from 1 to 10000"),
        ("requests=99999999999999999999", "requests '99999999999999999999' is not a whole number from 1 to 10000"),
        ("concurrency=1001", "concurrency '1001' is not a whole number from 1 to 1000"),
        ("request=5", "query parameter 'request' is unknown, expected requests or concurrency or wait"),
        ("requests=1&requests=2", "query parameter 'requests' is given more than once"),
    ])
    func refuses(query: String, message: String) {
        #expect(throws: QueryProblem(message: message)) { try DistributionParameters(QueryParameters(query[...])) }
    }
}
