package import HTTP
package import HTTPTransport

/// What all responses to a browser have in common, and pages that no file has.
package enum Page {
    /// A page may use files of its own origin and talk to it, and nothing else: no inline script or style, no frame
    /// around it, no other host.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
        + " manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    /// Keep it, and ask each time. No name here changes with its content, so nothing may be used unasked, and the
    /// answer to a question with an entity tag is short. Without this, browsers guess from Last-Modified how long they
    /// may go on with what they have.
    static let cacheControl = "no-cache"

    static func fields(contentType: String) -> HTTPFields {
        [
            "Content-Type": contentType,
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": cacheControl,
        ]
    }

    /// A page that says why there is no other.
    package static func error(_ status: HTTPStatus, _ message: String) -> HTTPResponse {
        error(status, message, [:])
    }

    static func error(_ status: HTTPStatus, _ message: String, _ more: HTTPFields) -> HTTPResponse {
        let title = escape("\(status.code) \(status.reason)")
        let text = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <h1>\(title)</h1>
            <p>js-server: \(escape(message)).

            """
        var fields = fields(contentType: "text/html; charset=utf-8")
        for field in more.all { fields.append(field.name, field.value) }
        return HTTPResponse(status: status, fields: fields, body: Array(text.utf8))
    }

    /// Text that is neither markup nor ends an attribute.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
