import Addresses
import Testing
import Timing
import gateway

@Suite struct PodListingTests {
    private static func addresses(_ text: String...) -> [SocketAddress] { text.compactMap(SocketAddress.init) }

    /// `address name listed known connected`, a letter for each of the last three.
    private static func lines(_ listing: PodListing) -> [String] {
        listing.pods.map { pod in
            let flags = (pod.isListed ? "l" : "-") + (pod.isKnown ? "k" : "-") + (pod.isConnected ? "c" : "-")
            return "\(pod.address) \(pod.name ?? "?") \(flags)"
        }
    }

    private static func heard(_ names: [String: String]) -> [IPAddress: PodBook.Pod] {
        Dictionary(
            uniqueKeysWithValues: names.compactMap { key, name in
                IPAddress(key).map { ($0, PodBook.Pod(name: name, trouble: nil, since: Instant(nanoseconds: 7))) }
            })
    }

    @Test func behindAVirtualAddressEveryPodIsListedAndTheVirtualOneIsNone() {
        let listing = PodListing(
            listed: PodListingTests.addresses("10.0.0.10:8080", "10.0.0.9:8080"),
            resolved: PodListingTests.addresses("10.96.0.1:8080"),
            connected: PodListingTests.addresses("10.96.0.1:8080"), heard: PodListingTests.heard(["10.0.0.9": "nine"]))
        #expect(PodListingTests.lines(listing) == ["10.0.0.9 nine l--", "10.0.0.10 ? l--"])
    }

    @Test func connectionsAndTheChannelsOwnAnswerAreTold() {
        let listing = PodListing(
            listed: PodListingTests.addresses("10.0.0.1:80", "10.0.0.2:80", "[fd00::1]:80"),
            resolved: PodListingTests.addresses("10.0.0.1:8080", "10.0.0.2:8080", "10.0.0.7:8080"),
            connected: PodListingTests.addresses("10.0.0.1:8080"), heard: [:])
        #expect(PodListingTests.lines(listing) == ["10.0.0.1 ? lkc", "10.0.0.2 ? lk-", "fd00::1 ? l--"])
    }

    @Test func aPodThatIsNotListedIsThereWhileAConnectionIs() {
        let heard = PodListingTests.heard(["10.0.0.1": "one", "10.0.0.2": "gone"])
        let listing = PodListing(
            listed: [], resolved: PodListingTests.addresses("10.0.0.1:80", "10.0.0.2:80"),
            connected: PodListingTests.addresses("10.0.0.1:80"), heard: heard)
        #expect(PodListingTests.lines(listing) == ["10.0.0.1 one -kc"])
    }

    @Test func aPodIsOneHoweverManyPortsItHas() {
        let listing = PodListing(
            listed: PodListingTests.addresses("10.0.0.1:1", "10.0.0.1:2", "unix:/run/pod"), resolved: [], connected: [],
            heard: [:])
        #expect(PodListingTests.lines(listing) == ["10.0.0.1 ? l--", "unix:/run/pod ? l--"])
    }
}
