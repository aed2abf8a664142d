import HTTP
import HTTPTransport
import JSON
import RPCCore
import ServiceKit
import Telemetry

/// Errors as the gateway's clients see them: `{"error":{"code":"UNAVAILABLE","message":"…"}}`.
enum ErrorResponse {
    static func make(_ error: RPCError) -> HTTPResponse {
        var response = make(httpStatus(for: error.code), code: error.code.name, message: error.message)
        response.failure = failure(error)
        return response
    }

    /// For the log. The pod is as it calls itself; else where it is.
    static func failure(_ error: RPCError) -> RequestFailure {
        RequestFailure(
            status: error.code.name, cause: error.message, pod: error.metadata["x-pod-name"] ?? error.server)
    }

    static func make(_ failure: HTTPBackend.Failure) -> HTTPResponse {
        switch failure {
        case .unresolved(let reason): return make(RPCError(.unavailable, reason))
        case .call(let error):
            switch error.problem {
            case .notConnected, .disconnected: return make(RPCError(.unavailable, error.description))
            case .timedOut: return make(RPCError(.deadlineExceeded, error.description))
            case .cancelled: return make(RPCError(.cancelled, error.description))
            case .malformedResponse: return badBackend(error.description)
            case .malformedRequest: return make(RPCError(.internal, error.description))
            }
        }
    }

    /// The backend answered, but not with what it should.
    static func badBackend(_ message: String) -> HTTPResponse {
        var response = make(.badGateway, code: StatusCode.internal.name, message: message)
        response.failure = RequestFailure(status: StatusCode.internal.name, cause: message)
        return response
    }

    static func badRequest(_ message: String) -> HTTPResponse {
        make(.badRequest, code: StatusCode.invalidArgument.name, message: message)
    }

    /// For requests that no handler sees: unknown paths, wrong methods, and what is no request or too much of one.
    static func refusal(_ status: HTTPStatus, _ message: String) -> HTTPResponse {
        let code: StatusCode =
            switch status {
            case .notFound: .notFound
            case .methodNotAllowed, .notImplemented, .versionNotSupported: .unimplemented
            case .requestTimeout: .deadlineExceeded
            case .contentTooLarge, .uriTooLong, .headerFieldsTooLarge: .resourceExhausted
            default: .invalidArgument
            }
        return make(status, code: code.name, message: message)
    }

    private static func make(_ status: HTTPStatus, code: String, message: String) -> HTTPResponse {
        .json(status) { write(code: code, message: message, to: &$0) }
    }

    /// The same as the last line of a response whose status has gone out already.
    static func line(_ error: RPCError) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        write(code: error.code.name, message: error.message, to: &writer)
        writer.endObject()
        writer.endLine()
        return writer.bytes
    }

    private static func write(code: String, message: String, to writer: inout JSONWriter) {
        writer.key("error")
        writer.beginObject()
        writer.member("code", code)
        writer.member("message", message)
        writer.endObject()
    }

    static func httpStatus(for code: StatusCode) -> HTTPStatus {
        switch code {
        case .ok: .ok
        case .unavailable: .serviceUnavailable
        case .deadlineExceeded: .gatewayTimeout
        case .resourceExhausted: .tooManyRequests
        case .unimplemented: .notImplemented
        case .notFound: .notFound
        case .invalidArgument: .badRequest
        case .permissionDenied: .forbidden
        case .unauthenticated: .unauthorized
        case .cancelled, .unknown, .alreadyExists, .failedPrecondition, .aborted, .outOfRange, .internal, .dataLoss:
            .internalServerError
        }
    }
}
