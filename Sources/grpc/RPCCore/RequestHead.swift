/// What a request's header fields say of the call.
package struct RequestHead: Hashable, Sendable {
    /// As sent, with its leading slash: `/package.Service/Method`.
    package var path: [UInt8] = []
    /// nil if the client waits for ever.
    package var timeout: Duration?
    package var metadata = Metadata()

    package init() {}
}
