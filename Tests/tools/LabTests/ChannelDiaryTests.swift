import JSON
import Lab
import Testing

@Suite struct ChannelDiaryTests {
    private func answer(_ lookups: Int, _ events: String) throws -> JSONValue {
        try JSONParser.parse(#"{"resolver":{"lookups":\#(lookups)},"events":[\#(events)]}"#)
    }

    @Test func eachEventCountsOnceHoweverOftenItIsTold() throws {
        let first = #"{"id":"g/1:1","kind":"connected"}"#
        let second =
            #"{"id":"g/1:2","kind":"goaway","reason":"max_age: the server ends connections of this age","ageSeconds":9.5}"#
        let third = #"{"id":"g/1:3","kind":"goaway","reason":"the server stops","ageSeconds":3.5}"#
        var diary = ChannelDiary()
        diary.read(try answer(1, first))
        diary.read(try answer(2, "\(first),\(second),\(third)"))
        #expect(diary.count("connected") == 1 && diary.count("goaway") == 2 && diary.lookups == 2)
        #expect(diary.agesAtEnd == [9.5])
    }

    @Test func whatIsOfBeforeIsForgottenAndNotToldAgain() throws {
        let before = #"{"id":"g/1:1","kind":"goaway","reason":"max_age: x","ageSeconds":9.5}"#
        let after = #"{"id":"g/1:2","kind":"goaway","reason":"max_age: x","ageSeconds":4.5}"#
        var diary = ChannelDiary()
        diary.read(try answer(7, before))
        diary.forget()
        #expect(diary.lookups == 0 && diary.events.isEmpty)
        diary.read(try answer(9, "\(before),\(after)"))
        #expect(diary.lookups == 2 && diary.agesAtEnd == [4.5])
    }

    @Test func anAnswerThatSaysNothingChangesNothing() throws {
        var diary = ChannelDiary()
        diary.read(try answer(3, ""))
        diary.read(try JSONParser.parse(#"{"error":{"code":"UNAVAILABLE"}}"#))
        #expect(diary.lookups == 3 && diary.events.isEmpty)
    }
}
