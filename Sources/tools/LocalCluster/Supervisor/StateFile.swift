package import JSON
package import System

/// What the next supervisor must know if this one is killed: which processes it started.
package struct StateFile: Equatable, Sendable {
    package var name: String
    package var supervisor: ProcessIdentity
    package var network: UInt8
    package var port: UInt16
    package var children: [ProcessIdentity]

    package init(
        name: String, supervisor: ProcessIdentity, network: UInt8, port: UInt16, children: [ProcessIdentity]
    ) {
        self.name = name
        self.supervisor = supervisor
        self.network = network
        self.port = port
        self.children = children
    }

    package var json: JSONValue {
        [
            "name": .string(name),
            "supervisor": StateFile.encode(supervisor),
            "network": .string("127.\(network).0.0/16"),
            "port": .number(.integer(Int64(port))),
            "children": .array(children.map(StateFile.encode)),
        ]
    }

    /// nil if the value is not one that `json` made.
    package init?(_ json: JSONValue) {
        guard let name = json["name"]?.string, let supervisor = json["supervisor"].flatMap(StateFile.decode),
            let parts = json["network"]?.string?.split(separator: "."), parts.count == 4, let network = UInt8(parts[1]),
            let port = json["port"]?.integer.flatMap(UInt16.init(exactly:)), let list = json["children"]?.array
        else { return nil }
        let children = list.compactMap(StateFile.decode)
        guard children.count == list.count else { return nil }
        self.init(name: name, supervisor: supervisor, network: network, port: port, children: children)
    }

    private static func encode(_ process: ProcessIdentity) -> JSONValue {
        // Start times are below 2^63 for the next few billion years.
        [
            "pid": .number(.integer(Int64(process.pid))),
            "startTime": .number(.integer(Int64(clamping: process.startTime))),
        ]
    }

    private static func decode(_ json: JSONValue) -> ProcessIdentity? {
        guard let pid = json["pid"]?.integer.flatMap(Int32.init(exactly:)), pid > 1,
            let startTime = json["startTime"]?.integer.flatMap(UInt64.init(exactly:))
        else { return nil }
        return ProcessIdentity(pid: pid, startTime: startTime)
    }

    /// nil if there is no readable file.
    package static func read(_ path: String) -> StateFile? {
        guard let bytes = try? FileSystem.read(path, limit: 1 << 20), let json = try? JSONParser.parse(bytes) else {
            return nil
        }
        return StateFile(json)
    }
}
