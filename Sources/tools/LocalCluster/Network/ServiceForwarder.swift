package import Addresses
package import Events
import System

/// Stands in for kube-proxy: whoever connects to a Service's virtual address reaches one of its ready pods, chosen at
/// random for each connection. Without a ready pod nothing listens, and connections are refused, as kube-proxy does it.
package final class ServiceForwarder {
    package let service: Service
    private let address: SocketAddress
    private let loop: EventLoop
    private let report: (String) -> Void
    private var listener: Listener?
    /// Set once: what is not permitted now will not be later.
    private var isForbidden = false

    package init(_ service: Service, at address: SocketAddress, on loop: EventLoop, report: @escaping (String) -> Void)
    {
        self.service = service
        self.address = address
        self.loop = loop
        self.report = report
    }

    /// The ready pods. Connections that exist stay where they are when it changes.
    package var pods: [SocketAddress] = [] {
        didSet {
            if pods.isEmpty {
                close()
            } else if listener == nil, !isForbidden {
                open()
            }
        }
    }

    private func open() {
        do {
            listener = try Listener(on: address, loop: loop) { [weak self] in self?.accepted($0) }
        } catch  where error.isPermissionDenied {
            // Port 80 of nginx's Service; the NodePort is how nginx is reached.
            isForbidden = true
            report("\(service.name) does not listen on \(address): ports below 1024 need privileges")
        } catch {
            report("\(service.name) cannot be reached by its virtual address: \(error)")
        }
    }

    private func accepted(_ connection: AcceptedConnection) {
        guard let pod = pods.randomElement() else { return connection.discard() }
        RelayedConnection.start(connection, to: pod, on: loop)
    }

    package func close() {
        listener?.close()
        listener = nil
    }
}
