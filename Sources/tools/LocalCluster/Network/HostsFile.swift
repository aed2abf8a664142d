package import Addresses

/// The names that dnsmasq answers, in the format of `/etc/hosts`.
package enum HostsFile {
    /// The name whose address is the number of the publication. Whoever asks for it learns which one the server has read.
    package static let publicationName = "publication.samplectl.cluster.local"

    /// `readyPods` holds the addresses per component. A virtual address is there as long as the Service is, ready pods or
    /// not; a headless name without ready pods has no line, and dnsmasq says NXDOMAIN.
    package static func render(
        components: [Component], plan: AddressPlan, readyPods: (String) -> [IPAddress]
    ) -> String {
        var lines = ["# Written by the supervisor at every change of readiness."]
        for component in components {
            for service in component.services {
                switch service.kind {
                case .virtual(let index):
                    lines.append("\(plan.virtualAddress(index: index)) \(service.hostName)")
                case .headless:
                    lines += readyPods(component.name).map { "\($0) \(service.hostName)" }
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The line of `publicationName`.
    package static func mark(_ publication: UInt32) -> String { "\(IPAddress.v4(publication)) \(publicationName)\n" }
}
