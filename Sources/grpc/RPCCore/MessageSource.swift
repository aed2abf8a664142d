/// Messages of one direction of a call, one after the other.
package protocol MessageSource {
    /// The next message, without its prefix; nil at the end of all.
    func receive() async throws(RPCError) -> [UInt8]?
}
