import JSON
import KubernetesDiscovery
import System
import Testing

/// What a real API server said; see the README there.
enum Recording {
    static func bytes(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        return try FileSystem.read("/\(folder)/Recordings/kubernetes/\(name)")
    }

    static func list() throws -> EndpointSlicePage {
        try EndpointSlicePage(try JSONParser.parse(try bytes("endpointslices-list.json")))
    }

    static func events(_ name: String) throws -> [WatchEvent] {
        try lines(name).map { try WatchEvent(try JSONParser.parse($0)) }
    }

    static func lines(_ name: String) throws -> [[UInt8]] {
        var lines = WatchLines()
        lines.append(try bytes(name))
        var found: [[UInt8]] = []
        while let line = try lines.next() { found.append(line) }
        return found
    }

    /// The body of an answer that is recorded with its head.
    static func body(_ name: String) throws -> [UInt8] {
        let text = String(decoding: try bytes(name), as: UTF8.self)
        let start = try #require(text.firstRange(of: "\n\n") ?? text.firstRange(of: "\r\n\r\n"))
        return Array(text[start.upperBound...].utf8)
    }
}

/// A slice of IPv4 pods as the API server writes it.
func sliceJSON(
    _ name: String, version: Int = 1, _ endpoints: [JSONValue], ports: JSONValue = [["name": "grpc", "port": 8080]],
    family: String = "IPv4"
) -> JSONValue {
    [
        "kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1",
        "metadata": ["name": .string(name), "resourceVersion": .string("\(version)")],
        "addressType": .string(family), "endpoints": .array(endpoints), "ports": ports,
    ]
}

func endpointJSON(_ address: String, conditions: JSONValue = ["ready": true], uid: String? = nil) -> JSONValue {
    var object: JSONValue = ["addresses": [.string(address)], "conditions": conditions]
    if let uid, case .object(var members) = object {
        members["targetRef"] = ["kind": "Pod", "uid": .string(uid)]
        object = .object(members)
    }
    return object
}

func slice(_ json: JSONValue) throws -> EndpointSlice { try EndpointSlice(json) }
