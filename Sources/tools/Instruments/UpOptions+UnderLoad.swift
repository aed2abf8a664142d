package import LocalCluster

extension UpOptions {
    /// For what is shown while pods come and go: times short enough to watch. A pod that ends serves on for longer
    /// than a client's interval between two look-ups, so that whoever still knows only this pod can look again in time.
    package static var underLoad: UpOptions {
        var options = UpOptions()
        options.maxConnectionAge = .seconds(10)
        options.dnsInterval = .seconds(2)
        options.chosenShutdownDelay = .seconds(3)
        return options
    }
}
