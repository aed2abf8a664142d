import HTTP
import Testing

@Suite struct SensitiveQueryTests {
    /// The attribute's own list, and its example.
    @Test(arguments: [
        "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "AWSAccessKeyId", "Signature", "sig",
        "X-Goog-Signature",
    ])
    func coversWhatOpenTelemetryNames(name: String) {
        #expect(
            SensitiveQuery.redacted("q=OpenTelemetry&\(name)=se%20cret&\(name)=b=c&x")
                == "q=OpenTelemetry&\(name)=REDACTED&\(name)=REDACTED&x")
    }

    @Test(arguments: [
        "", "name=Ada", "name=Ada&requests=5", "SIG=1&signature=2&Sig=3", "sig", "&&a=%zz&=", "a=sig=1", "name=sig",
        "%73%6=1",
    ])
    func allElseStaysAsItIs(query: String) {
        #expect(SensitiveQuery.redacted(query[...]) == query)
    }

    /// Whoever reads the query decodes its names.
    @Test func aNameMayBeEncoded() {
        #expect(
            SensitiveQuery.redacted("s%69g=secret&&X%2DAmz-Signature=") == "s%69g=REDACTED&&X%2DAmz-Signature=REDACTED")
    }
}
