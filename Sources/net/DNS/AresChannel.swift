import Addresses
import CCares
import Events
import Glibc
import Timing

/// Owns a c-ares channel: the state of all queries to one set of servers.
///
/// Every call may complete queries, also at once; their completions come from inside the library, where destroying the
/// channel is forbidden, so a completion must only take note. Loop thread only.
@safe struct AresChannel: ~Copyable {
    private let raw: ares_channel
    /// Kept alive for as long as c-ares may call it, which is until `ares_destroy` has closed the last socket.
    private let watcher: SocketWatcher

    init(_ configuration: DNSConfiguration, watcher: SocketWatcher) throws(DNSError) {
        unsafe raw = try AresChannel.open(configuration, watcher)
        self.watcher = watcher
    }

    private static func open(
        _ configuration: DNSConfiguration, _ watcher: SocketWatcher
    ) throws(DNSError) -> ares_channel {
        try AresLibrary.start()
        var options = unsafe ares_options()
        unsafe options.timeout = Int32(clamping: configuration.timeout.nanoseconds / 1_000_000)
        unsafe options.tries = Int32(clamping: configuration.tries)
        unsafe options.sock_state_cb_data = Unmanaged.passUnretained(watcher).toOpaque()
        unsafe options.sock_state_cb = { data, descriptor, readable, writable in
            guard let data = unsafe data else { return }
            var interest: Readiness = []
            if readable != 0 { interest.insert(.readable) }
            if writable != 0 { interest.insert(.writable) }
            unsafe Unmanaged<SocketWatcher>.fromOpaque(data).takeUnretainedValue().watch(descriptor, for: interest)
        }
        var mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF
        // Whoever names a server wants its answers and not those of /etc/hosts.
        var lookups: [CChar] = [CChar(UInt8(ascii: "b")), 0]
        if configuration.server != nil { mask |= ARES_OPT_LOOKUPS }
        var channel: ares_channel?
        var status = unsafe lookups.withUnsafeMutableBufferPointer { buffer in
            unsafe options.lookups = buffer.baseAddress
            return unsafe configuration.resolverFile.withCString { path in
                // c-ares copies it.
                unsafe options.resolvconf_path = UnsafeMutablePointer(mutating: path)
                return unsafe ares_init_options(&channel, &options, mask)
            }
        }
        guard status == ARES_SUCCESS, let channel = unsafe channel else {
            throw AresLibrary.failure("c-ares cannot start", status)
        }
        guard let server = configuration.server else { return unsafe channel }
        status = unsafe ares_set_servers_ports_csv(channel, server.description)
        if status == ARES_SUCCESS { return unsafe channel }
        unsafe ares_destroy(channel)
        throw AresLibrary.failure("cannot ask \(server)", status)
    }

    deinit { unsafe ares_destroy(raw) }

    /// Asks for the addresses of one family; `completed` is called exactly once, at the latest by `deinit`.
    func query(
        _ host: String, _ family: AnswerAssembly.Family, completed: @escaping (AnswerAssembly.Outcome) -> Void
    ) {
        var hints = ares_addrinfo_hints()
        // Sorting by RFC 6724 would open a socket per address; whoever connects tries them anyway.
        hints.ai_flags = Int32(ARES_AI_NOSORT)
        hints.ai_family = family == .v4 ? AF_INET : AF_INET6
        let completion = unsafe Unmanaged.passRetained(Completion(call: completed)).toOpaque()
        unsafe ares_getaddrinfo(
            raw, host, nil, &hints,
            { data, status, _, result in
                defer { unsafe ares_freeaddrinfo(result) }
                guard let data = unsafe data else { return }
                let completion = unsafe Unmanaged<Completion>.fromOpaque(data).takeRetainedValue()
                completion.call(unsafe AresLibrary.outcome(status, result))
            }, completion)
    }

    private final class Completion {
        let call: (AnswerAssembly.Outcome) -> Void
        init(call: @escaping (AnswerAssembly.Outcome) -> Void) { self.call = call }
    }

    /// Reads, writes and handles what is overdue.
    func process(_ descriptor: Int32, _ readiness: Readiness) {
        // An error or a hang-up is found by reading: that is how an ICMP "port unreachable" arrives.
        let reads = !readiness.isDisjoint(with: [.readable, .broken])
        let writes = readiness.contains(.writable)
        unsafe ares_process_fd(raw, reads ? descriptor : ARES_SOCKET_BAD, writes ? descriptor : ARES_SOCKET_BAD)
    }

    func processTimeouts() {
        unsafe ares_process_fd(raw, ARES_SOCKET_BAD, ARES_SOCKET_BAD)
    }

    /// How long until `processTimeouts` has something to do; nil when nothing is in flight.
    var timeout: Duration? {
        var time = timeval()
        guard unsafe ares_timeout(raw, nil, &time) != nil else { return nil }
        return .seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
    }

    /// The servers it asks, such as `10.96.0.10:53, [fd00::a]:53`.
    var servers: String {
        var list: UnsafeMutablePointer<ares_addr_port_node>?
        guard unsafe ares_get_servers_ports(raw, &list) == ARES_SUCCESS else { return "" }
        defer { unsafe ares_free_data(list) }
        return unsafe AresLibrary.addresses(of: list).map(\.description).joined(separator: ", ")
    }
}
