// swift-tools-version: 6.2
import PackageDescription

// A directory is a wish, a target is a law: whatever must not depend on something is a target of its own, and the
// arrows below point strictly downward. `make lint` compares this table with the imports of every file, because the
// compiler alone does not notice a module that arrives through another one.

/// Container images hold one static executable; every other build links the shared libraries of the system.
let linkStatically = Context.environment["LINK_STATIC"] == "1"

func systemLibrary(_ name: String) -> LinkerSetting {
    .linkedLibrary(linkStatically ? ":lib\(name).a" : name)
}

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    // Without the run-time search for overlapping accesses to class properties: 12 % of a call's instructions. Debug
    // builds, and so all unit tests, keep it; see docs/decisions/0004-exclusivity.md.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

func room(_ name: String, on dependencies: [Target.Dependency] = [], linking libraries: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, exclude: documents(in: name), swiftSettings: settings,
        linkerSettings: libraries.map(systemLibrary))
}

func program(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, exclude: documents(in: name), swiftSettings: settings)
}

func tests(_ name: String, on dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, swiftSettings: settings)
}

/// Rooms that carry a README like a man page.
func documents(in target: String) -> [String] {
    ["Events", "LoadBalancing", "StaticFiles", "samplectl"].contains(target) ? ["README.md"] : []
}

let package = Package(
    name: "sample-service",
    products: [
        .executable(name: "grpc-server", targets: ["grpc-server"]),
        .executable(name: "gateway", targets: ["gateway"]),
        .executable(name: "js-server", targets: ["js-server"]),
        .executable(name: "samplectl", targets: ["samplectl"]),
    ],
    targets: [
        // Floor 0: the system
        .target(name: "CLinux"),
        .systemLibrary(name: "CNghttp2", providers: [.apt(["libnghttp2-dev"])]),
        .systemLibrary(name: "CCares", providers: [.apt(["libc-ares-dev"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),

        // Floor 1: values
        room("Bytes"),
        room("Timing"),
        room("Addresses"),

        // Floor 2: formats, and the event loop
        room("JSON", on: ["Bytes"]),
        room("Protobuf", on: ["Bytes"]),
        room("Compression", on: ["CZlib"], linking: ["z"]),
        room("HTTP", on: ["Bytes"]),
        room("Events", on: ["Addresses", "Bytes", "Timing", "CLinux"]),

        // Floor 3: protocols
        room("HTTP2", on: ["Bytes", "CNghttp2"], linking: ["nghttp2"]),
        room("RPCCore", on: ["Bytes", "Timing"]),
        room("DNS", on: ["Addresses", "Events", "Timing", "CCares"], linking: ["cares"]),

        // Floor 4: balancing, transport, web
        room("LoadBalancing", on: ["Addresses", "Bytes", "RPCCore", "Timing"]),
        room("RPCTransport", on: ["Addresses", "RPCCore", "HTTP2", "Events"]),
        room("Web", on: ["Addresses", "HTTP", "Events", "Bytes", "Timing"]),

        // Floor 5: server, client, what services share
        room("RPCServer", on: ["Addresses", "RPCTransport", "RPCCore", "HTTP2", "Events", "Bytes", "Timing"]),
        room(
            "RPCClient",
            on: ["Addresses", "RPCTransport", "LoadBalancing", "RPCCore", "HTTP2", "Events", "Timing"]),
        room("ServiceKit", on: ["Addresses", "Web", "HTTP", "JSON", "Events", "Bytes", "Timing"]),
        room("StaticFiles", on: ["Web", "HTTP", "Compression", "Events", "Bytes", "Timing"]),

        // Floor 6: resolvers, gRPC with protobuf messages, and what it counts
        room("Resolvers", on: ["Addresses", "LoadBalancing", "DNS", "RPCCore", "Events", "Timing"]),
        room("ProtobufRPC", on: ["RPCServer", "RPCClient", "RPCCore", "Protobuf"]),
        room("RPCMetrics", on: ["RPCServer", "RPCClient", "RPCTransport", "RPCCore", "ServiceKit"]),

        // Floor 7: APIs
        room("StandardServices", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf", "Events"]),
        room("HelloWorldAPI", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf"]),

        // Floor 8: programs compose
        program(
            "grpc-server",
            on: [
                "ServiceKit", "HelloWorldAPI", "StandardServices", "ProtobufRPC", "RPCMetrics", "RPCServer", "HTTP",
                "HTTP2",
                "RPCClient", "RPCCore", "Resolvers", "LoadBalancing", "Events", "Bytes", "Timing", "Addresses",
            ]),
        program(
            "gateway",
            on: [
                "ServiceKit", "HelloWorldAPI", "ProtobufRPC", "RPCMetrics", "RPCClient", "RPCCore", "Resolvers",
                "LoadBalancing", "DNS",
                "Web", "HTTP", "JSON", "Events", "Timing", "Addresses",
            ]),
        program("js-server", on: ["ServiceKit", "StaticFiles", "Web", "HTTP", "Events"]),
        program("samplectl", on: ["Addresses", "DNS", "Web", "HTTP", "JSON", "Events", "Bytes", "Timing"]),

        // Tests mirror the rooms; what several of them need to stand on is here
        .target(
            name: "TestSupport", dependencies: ["Addresses", "Bytes", "Events"], path: "Tests/Support",
            swiftSettings: settings),
        .target(
            name: "RPCTestSupport",
            dependencies: [
                "Addresses", "Bytes", "Events", "HTTP2", "LoadBalancing", "RPCClient", "RPCCore", "RPCServer",
                "RPCTransport", "Timing",
            ], path: "Tests/RPCSupport", swiftSettings: settings),
        tests("Bytes", on: ["Bytes"]),
        tests("Timing", on: ["Timing"]),
        tests("Addresses", on: ["Addresses"]),
        tests("JSON", on: ["JSON", "Bytes"]),
        tests("Protobuf", on: ["Protobuf", "HelloWorldAPI", "StandardServices"]),
        tests("Compression", on: ["Compression", "CZlib"]),
        tests("HTTP", on: ["HTTP", "Bytes"]),
        tests("Events", on: ["Addresses", "Events", "Timing", "TestSupport"]),
        tests("HTTP2", on: ["HTTP2", "Bytes", "RPCTestSupport"]),
        tests("RPCCore", on: ["RPCCore", "Timing"]),
        tests("DNS", on: ["Addresses", "DNS", "Events", "Timing", "TestSupport"]),
        tests("LoadBalancing", on: ["Addresses", "LoadBalancing", "RPCCore", "Timing"]),
        tests(
            "RPCTransport",
            on: [
                "Addresses", "RPCTransport", "RPCCore", "HTTP2", "Events", "Bytes", "RPCTestSupport", "TestSupport",
                "Timing",
            ]),
        tests(
            "RPCServer",
            on: [
                "Addresses", "Bytes", "RPCServer", "RPCClient", "RPCCore", "LoadBalancing", "HTTP2", "Events",
                "RPCTestSupport",
                "TestSupport", "Timing",
            ]),
        tests("Web", on: ["Addresses", "Bytes", "Web", "HTTP", "Events", "TestSupport", "Timing"]),
        tests(
            "RPCClient",
            on: [
                "Addresses", "RPCClient", "RPCServer", "RPCTransport", "LoadBalancing", "RPCCore", "HelloWorldAPI",
                "StandardServices", "Protobuf", "ProtobufRPC", "HTTP2", "Events", "RPCTestSupport", "TestSupport",
                "Timing",
            ]),
        tests(
            "ServiceKit",
            on: ["Addresses", "ServiceKit", "Web", "HTTP", "JSON", "Events", "Timing", "TestSupport"]),
        tests(
            "RPCMetrics",
            on: [
                "RPCMetrics", "RPCClient", "RPCServer", "RPCTransport", "RPCCore", "ServiceKit", "Events", "HTTP2",
                "RPCTestSupport", "TestSupport",
            ]),
        tests(
            "StaticFiles", on: ["StaticFiles", "Web", "HTTP", "Compression", "Events", "TestSupport", "Timing"]),
        tests(
            "Resolvers",
            on: ["Addresses", "Resolvers", "LoadBalancing", "RPCCore", "Events", "Timing", "TestSupport"]),
        tests("Gateway", on: ["Addresses", "gateway", "HTTP", "RPCCore", "Timing"]),
        tests("Samplectl", on: ["Addresses", "Bytes", "samplectl", "JSON", "Events", "Timing"]),
    ],
    swiftLanguageModes: [.v6]
)

// Container images are built without the folder Tests: an edit of a test makes no new image.
if Context.environment["WITHOUT_TESTS"] == "1" {
    package.targets.removeAll { $0.isTest || $0.path?.hasPrefix("Tests/") == true }
}
