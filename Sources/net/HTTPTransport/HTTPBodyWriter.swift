/// Takes the pieces of a streamed response. Loop thread only; of use while the function that got it runs.
package struct HTTPBodyWriter {
    /// The client left, or took nothing for too long.
    package struct Disconnected: Error, Equatable {}

    private let connection: HTTPServerConnection
    private let request: Int

    init(_ connection: HTTPServerConnection, request: Int) {
        self.connection = connection
        self.request = request
    }

    /// Hands a piece to the kernel at once, and waits while the client is behind.
    package func write(_ bytes: [UInt8]) async throws(Disconnected) {
        guard await connection.writePiece(bytes, of: request) else { throw Disconnected() }
    }
}
