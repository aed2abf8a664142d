/// What a unary call brought back.
package struct UnaryResponse: Sendable {
    package var message: [UInt8]
    package var initialMetadata: Metadata
    package var trailingMetadata: Metadata

    package init(message: [UInt8], initialMetadata: Metadata, trailingMetadata: Metadata) {
        self.message = message
        self.initialMetadata = initialMetadata
        self.trailingMetadata = trailingMetadata
    }
}
