package import HTTP
package import JSON

/// One page of a LIST.
package struct EndpointSlicePage: Hashable, Sendable {
    package var slices: [EndpointSlice]
    /// Of the whole list: where a watch goes on.
    package var resourceVersion: String
    /// Asks for the next page; nil after the last one.
    package var next: String?

    package init(slices: [EndpointSlice], resourceVersion: String, next: String? = nil) {
        self.slices = slices
        self.resourceVersion = resourceVersion
        self.next = next
    }

    package init(_ json: JSONValue) throws(MalformedAnswer) {
        let kind = try json.text("kind")
        guard kind == "EndpointSliceList" else { throw MalformedAnswer("kind", "is \(kind), not EndpointSliceList") }
        resourceVersion = try json.text("metadata", "resourceVersion")
        let token = try (json["metadata"] ?? .null).optionalText("continue")
        next = token?.isEmpty == true ? nil : token
        var slices: [EndpointSlice] = []
        for item in try json.list("items") { slices.append(try EndpointSlice(item)) }
        self.slices = slices
    }
}

/// One line of a WATCH.
package enum WatchEvent: Hashable, Sendable {
    /// ADDED or MODIFIED: the slice as it is now.
    case changed(EndpointSlice)
    /// The slice as it was, whose endpoints may well be ready still, counts no more.
    case deleted(name: String, resourceVersion: String)
    /// Nothing has happened up to this version.
    case bookmark(resourceVersion: String)
    case failed(StatusAnswer)

    package init(_ json: JSONValue) throws(MalformedAnswer) {
        let type = try json.text("type")
        guard let object = json["object"] else { throw MalformedAnswer("object", "is missing") }
        let kind = try object.text("kind")
        if type == "ERROR" {
            self = .failed(try StatusAnswer(object))
            return
        }
        guard kind == "EndpointSlice" else { throw MalformedAnswer("kind", "is \(kind), not EndpointSlice") }
        switch type {
        case "ADDED", "MODIFIED": self = .changed(try EndpointSlice(object))
        case "DELETED":
            self = .deleted(
                name: try object.text("metadata", "name"),
                resourceVersion: try object.text("metadata", "resourceVersion"))
        case "BOOKMARK": self = .bookmark(resourceVersion: try object.text("metadata", "resourceVersion"))
        default: throw MalformedAnswer("type", "is no event's")
        }
    }
}

/// The API's `Status` object: why there is no other answer.
package struct StatusAnswer: Hashable, Sendable {
    package var code: Int
    package var reason: String
    package var message: String

    package init(code: Int, reason: String = "", message: String = "") {
        self.code = code
        self.reason = reason
        self.message = message
    }

    package init(_ json: JSONValue) throws(MalformedAnswer) {
        let kind = try json.text("kind")
        guard kind == "Status" else { throw MalformedAnswer("kind", "is \(kind), not Status") }
        guard let code = json["code"]?.integer.flatMap(Int.init(exactly:)) else {
            throw MalformedAnswer("code", "is missing, or no number")
        }
        self.code = code
        reason = try json.optionalText("reason") ?? ""
        message = try json.optionalText("message") ?? ""
    }

    /// Of a response whose status is not 200. A proxy in between answers something else than a Status object; then its
    /// status line must do.
    package init(_ status: HTTPStatus, body: [UInt8]) {
        if let json = try? JSONParser.parse(body), var answer = try? StatusAnswer(json) {
            answer.code = Int(status.code)
            self = answer
        } else {
            self.init(code: Int(status.code), message: status.reason)
        }
    }
}

extension StatusAnswer: CustomStringConvertible {
    package var description: String {
        let advice =
            switch code {
            case 401: ": the API server does not know the token (it is read anew for each request)"
            case 403: ": this pod's service account needs get, list and watch of endpointslices.discovery.k8s.io here"
            default: ""
            }
        return "\(code) \(message.isEmpty ? reason : message)\(advice)"
    }
}
