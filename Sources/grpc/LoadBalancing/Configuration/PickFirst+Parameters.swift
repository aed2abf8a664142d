extension PickFirst {
    /// gRFC A62.
    package struct Parameters: Hashable, Sendable {
        /// Each new list is tried in an order of its own: clients that are told of the servers in the same order then do
        /// not all go to the first.
        package var shuffleAddressList: Bool

        package init(shuffleAddressList: Bool = false) {
            self.shuffleAddressList = shuffleAddressList
        }

        init(_ reader: ConfigurationReader) throws(ConfigurationError) {
            shuffleAddressList = try reader.flag("shuffleAddressList") ?? false
        }
    }
}
