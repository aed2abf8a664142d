/// What a request makes depend on the state of the representation that it would get (RFC 9110 section 13).
///
/// Pure. It is for responses that would be 2xx: any other status comes before it (section 13.2.1).
package enum Preconditions {
    /// What is known of the selected representation.
    package struct Validators: Sendable {
        package var tag: EntityTag
        /// In seconds since 1970.
        package var lastModified: Int64

        package init(tag: EntityTag, lastModified: Int64) {
            self.tag = tag
            self.lastModified = lastModified
        }
    }

    package enum Outcome: Equatable, Sendable {
        /// Answer as if there were no condition.
        case proceed
        /// 304: the client has it already.
        case notModified
        /// 412: it is not what the client thinks it is.
        case failed
    }

    /// Steps 1 to 4 of section 13.2.2. `now` is in seconds since 1970 (see `HTTPDate.parse`).
    package static func evaluate(
        _ fields: HTTPFields, method: HTTPMethod, for current: Validators, now: Int64
    ) -> Outcome {
        if let list = EntityTagList(fields, "If-Match") {
            guard list.contains(current.tag, strongly: true) else { return .failed }
        } else if let limit = date(fields, "If-Unmodified-Since", now: now) {
            guard current.lastModified <= limit else { return .failed }
        }
        let isReading = method == .get || method == .head
        if let list = EntityTagList(fields, "If-None-Match") {
            guard list.contains(current.tag, strongly: false) else { return .proceed }
            return isReading ? .notModified : .failed
        }
        if isReading, let limit = date(fields, "If-Modified-Since", now: now), current.lastModified <= limit {
            return .notModified
        }
        return .proceed
    }

    /// Step 5: whether Range counts as far as If-Range is concerned. A client that got its part of another state gets
    /// the whole instead.
    ///
    /// A date must be the very one that was sent. Two states within one second have the same; but only a client that
    /// got no tag may send a date here (section 13.1.5).
    package static func allowRange(_ fields: HTTPFields, for current: Validators, now: Int64) -> Bool {
        guard fields.contains("If-Range") else { return true }
        let values = fields.values("If-Range")
        guard let value = values.first, values.count == 1 else { return false }
        if let tag = EntityTag(parsing: value) { return tag.equalsStrongly(current.tag) }
        return HTTPDate.parse(value, now: now) == current.lastModified
    }

    /// nil also for what is no date or more than one: such a field has to be ignored.
    private static func date(_ fields: HTTPFields, _ name: String, now: Int64) -> Int64? {
        guard fields.contains(name) else { return nil }
        let values = fields.values(name)
        guard let value = values.first, values.count == 1 else { return nil }
        return HTTPDate.parse(value, now: now)
    }
}
