package import JSON

/// The API's own words for what the store has. Of a real slice's metadata the fake leaves out what points to objects that
/// it does not have, and who wrote which field: annotations, ownerReferences, managedFields.
extension EndpointSliceStore.Slice {
    /// In a list, items have no kind of their own.
    package var item: JSONValue { .object(JSONObject(members)) }

    package var object: JSONValue { .object(JSONObject(EndpointSliceStore.kind + members)) }

    private var members: [JSONObject.Member] {
        [
            JSONObject.Member(key: "metadata", value: metadata),
            JSONObject.Member(key: "addressType", value: "IPv4"),
            // As Go writes an empty list.
            JSONObject.Member(key: "endpoints", value: pods.isEmpty ? .null : .array(pods.map(endpoint))),
            JSONObject.Member(key: "ports", value: pods.isEmpty ? .null : [port]),
        ]
    }

    private var metadata: JSONValue {
        var labels: [JSONObject.Member] = [
            JSONObject.Member(key: "app.kubernetes.io/name", value: "sample-service"),
            JSONObject.Member(key: "endpointslice.kubernetes.io/managed-by", value: "samplectl"),
            JSONObject.Member(key: EndpointSliceStore.serviceLabel, value: .string(service.name)),
        ]
        if service.kind == .headless {
            labels.append(JSONObject.Member(key: "service.kubernetes.io/headless", value: ""))
        }
        return [
            "name": .string(name), "generateName": .string("\(service.name)-"), "namespace": "default",
            "uid": .string(EndpointSliceStore.uid(name)), "resourceVersion": .string("\(version)"),
            "generation": .number(.integer(Int64(generation))), "creationTimestamp": .string(created),
            "labels": .object(JSONObject(labels)),
        ]
    }

    private var port: JSONValue {
        var members: [JSONObject.Member] = [
            JSONObject.Member(key: "name", value: .string(service.portName)),
            JSONObject.Member(key: "protocol", value: "TCP"),
            JSONObject.Member(key: "port", value: .number(.integer(Int64(service.targetPort)))),
        ]
        if service.portName == "grpc" {
            members.append(JSONObject.Member(key: "appProtocol", value: "kubernetes.io/h2c"))
        }
        return .object(JSONObject(members))
    }

    private func endpoint(_ pod: EndpointSliceStore.Pod) -> JSONValue {
        [
            "addresses": [.string("\(pod.address)")],
            "conditions": [
                "ready": .bool(pod.isReady && !pod.isTerminating),
                // A pod that ends answers until its readiness probe finds out, which is later.
                "serving": .bool(pod.isReady || pod.isTerminating), "terminating": .bool(pod.isTerminating),
            ],
            "targetRef": [
                "kind": "Pod", "namespace": "default", "name": .string(pod.name),
                "uid": .string(EndpointSliceStore.uid(pod.name)),
            ],
            "nodeName": "this-machine",
        ]
    }
}

extension EndpointSliceStore {
    package static let serviceLabel = "kubernetes.io/service-name"

    fileprivate static let kind = [
        JSONObject.Member(key: "kind", value: "EndpointSlice"),
        JSONObject.Member(key: "apiVersion", value: "discovery.k8s.io/v1"),
    ]

    /// Nothing has changed up to this version. The one that ends a watch's initial events says so.
    package static func bookmark(_ version: Int, endsInitialEvents: Bool = false) -> JSONValue {
        var metadata = [JSONObject.Member(key: "resourceVersion", value: .string("\(version)"))]
        if endsInitialEvents {
            metadata.append(JSONObject.Member(key: "annotations", value: ["k8s.io/initial-events-end": "true"]))
        }
        let rest: [JSONObject.Member] = [
            JSONObject.Member(key: "metadata", value: .object(JSONObject(metadata))),
            JSONObject.Member(key: "addressType", value: ""),
            JSONObject.Member(key: "endpoints", value: .null), JSONObject.Member(key: "ports", value: .null),
        ]
        return .object(JSONObject(kind + rest))
    }

    /// The shape of a UUID, the same each time for the same name.
    static func uid(_ name: String) -> String {
        let digits = hexadecimal(StableHash.of(name)) + hexadecimal(StableHash.of(name + "."))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Service {
    /// As the chart calls it.
    var portName: String { name.hasPrefix("sample-service-grpc") ? "grpc" : "http" }
}
