// swift-tools-version: 6.2
import PackageDescription

// A directory is a wish, a target is a law: whatever must not depend on something is a target of its own. The table
// below lists the wings of the house from the lowest to the highest, and each wing's rooms floor by floor. A room rests
// on rooms of lower wings, and of lower floors of its own. `make lint` compares the table with the imports of every
// file, because the compiler alone does not notice a module that arrives through another one.
// docs/architecture.md draws it.

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

/// What tests of several rooms need to stand on.
func testSupport(_ name: String, on dependencies: [Target.Dependency], at path: String) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

/// What only system tests start, in no image; `make test-programs` builds it.
func testProgram(_ name: String, on dependencies: [Target.Dependency], in folder: String) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "\(folder)/\(name)", swiftSettings: settings)
}

/// Rooms that carry a README like a man page.
func documents(in target: String) -> [String] {
    ["Events", "LoadBalancing", "StaticFiles", "samplectl"].contains(target) ? ["README.md"] : []
}

/// The rooms of one folder of Sources.
func wing(_ name: String, _ rooms: Target...) -> [Target] { targets(rooms, in: "Sources/\(name)") }

/// The folder of Tests that mirrors it.
func tests(ofWing name: String, _ tests: Target...) -> [Target] { targets(tests, in: "Tests/\(name)") }

func targets(_ targets: [Target], in folder: String) -> [Target] {
    for target in targets { target.path = "\(folder)/\(target.name)" }
    return targets
}

// MARK: Wings and floors

/// Values and formats: no waiting, and no knowledge of the machine.
let base = wing(
    "base",

    // Floor 1
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    room("Bytes"),

    // Floor 2
    room("Timing", on: ["Bytes"]),
    room("Addresses", on: ["Bytes"]),
    room("JSON", on: ["Bytes"]),
    room("Protobuf", on: ["Bytes"]),
    room("Compression", on: ["CZlib"], linking: ["z"]),

    // Floor 3: what a program can be told
    room("Settings", on: ["Addresses", "Bytes", "Timing"]))

/// What a process stands on: the system, the event loop, and what it tells of itself.
let runtime = wing(
    "runtime",

    // Floor 1
    .target(name: "CLinux"),

    // Floor 2
    room("System", on: ["Bytes", "Timing", "CLinux"]),

    // Floor 3
    room("Events", on: ["Addresses", "Bytes", "System", "Timing", "CLinux"]),

    // Floor 4: what is told about the work
    room("Telemetry", on: ["Addresses", "Bytes", "Events", "JSON", "System", "Timing"]))

/// Protocols of the Internet.
let net = wing(
    "net",

    // Floor 1
    .systemLibrary(name: "CNghttp2", providers: [.apt(["libnghttp2-dev"])]),
    .systemLibrary(name: "CCares", providers: [.apt(["libc-ares-dev"])]),
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    room("HTTP", on: ["Bytes", "Timing"]),

    // Floor 2
    room("HTTP2", on: ["Bytes", "CNghttp2"], linking: ["nghttp2"]),
    room("DNS", on: ["Addresses", "Bytes", "Events", "System", "Timing", "CCares"], linking: ["cares"]),
    room(
        "TLS", on: ["Addresses", "Bytes", "Events", "System", "Timing", "COpenSSL"], linking: ["ssl", "crypto"]),
    room("HTTPTransport", on: ["Addresses", "HTTP", "Events", "Bytes", "Timing", "System", "Telemetry"]),

    // Floor 3
    room("StaticFiles", on: ["HTTPTransport", "HTTP", "Compression", "Bytes", "Timing", "System"]))

/// gRPC: its rules, its balancing, its server and its channel.
let grpc = wing(
    "grpc",

    // Floor 1: rules
    room("RPCCore", on: ["Bytes", "Compression", "Timing"]),

    // Floor 2: balancing, transport
    room("LoadBalancing", on: ["Addresses", "Bytes", "JSON", "Protobuf", "RPCCore", "Timing"]),
    room("RPCTransport", on: ["Addresses", "RPCCore", "HTTP2", "Events", "System", "Timing"]),

    // Floor 3: server, channel, names
    room("RPCServer", on: ["Addresses", "RPCTransport", "RPCCore", "HTTP2", "Events", "Bytes", "Timing", "System"]),
    room(
        "RPCClient",
        on: [
            "Addresses", "Bytes", "Protobuf", "RPCTransport", "LoadBalancing", "RPCCore", "HTTP2", "Events", "Timing",
            "System",
        ]),
    room("Resolvers", on: ["Addresses", "Bytes", "LoadBalancing", "DNS", "RPCCore", "Events", "Timing"]),

    // Floor 4: protobuf messages in calls, and what calls are counted by
    room("ProtobufRPC", on: ["RPCServer", "RPCClient", "RPCCore", "Protobuf"]),
    room(
        "RPCMetrics",
        on: [
            "RPCServer", "RPCClient", "RPCTransport", "LoadBalancing", "RPCCore", "Events", "Telemetry", "Timing",
            "System",
        ]),

    room(
        "RPCSpans",
        on: [
            "RPCServer", "RPCClient", "RPCCore", "Events", "Telemetry", "Addresses", "Bytes", "Timing", "System",
        ]),

    // Floor 5
    room("StandardServices", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf", "Events", "Bytes"]),
    room("TraceAPI", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf"]),

    // Floor 6: what gRPC tells of itself, and what a service tells of its requests
    room(
        "Channelz",
        on: [
            "StandardServices", "ProtobufRPC", "RPCServer", "RPCClient", "RPCTransport", "LoadBalancing", "RPCCore",
            "HTTP2", "Protobuf", "Events", "Addresses", "Timing", "System",
        ]),
    room(
        "SpanExport",
        on: [
            "TraceAPI", "RPCClient", "RPCCore", "Resolvers", "LoadBalancing", "Protobuf", "TLS", "Events",
            "Telemetry", "Settings", "Bytes", "Timing", "System",
        ]))

/// Where pods are found besides DNS: Kubernetes' API, and registries in which they enter themselves.
let discovery = wing(
    "discovery",

    // Floor 1: what others call their messages; a pod's entry in a registry
    room("EtcdAPI", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf"]),
    room("Registration", on: ["RPCCore", "Events", "Telemetry", "Addresses", "Timing"]),

    // Floor 2
    room(
        "KubernetesDiscovery",
        on: [
            "Resolvers", "LoadBalancing", "RPCCore", "DNS", "HTTPTransport", "TLS", "HTTP", "Events", "System", "JSON",
            "Addresses", "Bytes", "Timing",
        ]),
    room(
        "EtcdDiscovery",
        on: [
            "EtcdAPI", "Registration", "ProtobufRPC", "RPCClient", "RPCCore", "Resolvers", "LoadBalancing", "Events",
            "Addresses", "Settings", "Timing",
        ]),
    room(
        "ConsulDiscovery",
        on: [
            "Registration", "Resolvers", "LoadBalancing", "RPCCore", "DNS", "HTTPTransport", "TLS", "HTTP", "Events",
            "System", "JSON", "Addresses", "Bytes", "Timing", "Settings",
        ]))

/// This product's services: what they share, and the programs, which alone compose.
let services = wing(
    "services",

    // Floor 1
    room(
        "ServiceKit",
        on: [
            "SpanExport", "Addresses", "Bytes", "HTTPTransport", "HTTP", "JSON", "Events", "TLS", "Timing", "System",
            "Telemetry", "Settings",
        ]),
    room("HelloWorldAPI", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf"]),

    // Floor 2
    program(
        "grpc-server",
        on: [
            "ServiceKit", "Registration", "EtcdDiscovery", "ConsulDiscovery", "HelloWorldAPI", "StandardServices",
            "Channelz", "ProtobufRPC", "HTTPTransport", "HTTP", "JSON",
            "RPCMetrics", "RPCSpans", "RPCServer", "HTTP2", "RPCClient", "RPCCore", "Resolvers", "LoadBalancing",
            "Events", "Bytes",
            "Timing", "Addresses", "System",
            "Telemetry", "Settings",
        ]),
    program(
        "gateway",
        on: [
            "ServiceKit", "KubernetesDiscovery", "EtcdDiscovery", "ConsulDiscovery", "HelloWorldAPI", "Channelz",
            "ProtobufRPC", "RPCMetrics", "RPCSpans", "RPCServer", "RPCTransport", "RPCClient", "HTTP2",
            "RPCCore",
            "Resolvers", "LoadBalancing", "DNS", "HTTPTransport", "HTTP", "JSON", "Events", "Bytes", "Timing",
            "Addresses", "System",
            "Telemetry", "Settings",
        ]),
    program(
        "js-server",
        on: ["ServiceKit", "StaticFiles", "HTTPTransport", "HTTP", "Events", "System", "Telemetry", "Settings"]))

/// What one runs beside the services.
let tools = wing(
    "tools",

    // Floor 1: words typed, text printed; code from protos
    program("protoc-gen-sample", on: ["Bytes", "Protobuf", "System"]),
    room("Diagnosis", on: ["Addresses", "Bytes", "JSON", "Timing"]),
    room("Terminal", on: ["Bytes", "Events", "System", "Timing", "Settings"]),

    // Floor 2: the system on this machine; looking at any
    room(
        "Doctor",
        on: [
            "Diagnosis", "Resolvers", "RPCClient", "ProtobufRPC", "StandardServices", "RPCTransport", "LoadBalancing",
            "RPCCore", "Protobuf", "HTTP2", "TLS", "DNS", "Events", "JSON", "System", "Terminal", "Addresses", "Bytes",
            "Timing",
        ]),
    room(
        "LocalCluster",
        on: [
            "Terminal", "Addresses", "Bytes", "DNS", "Events", "HTTP", "HTTPTransport", "TLS", "JSON", "LoadBalancing",
            "System", "Telemetry", "Timing", "Settings",
        ]),

    // Floor 3: what it is measured with
    room(
        "Instruments",
        on: [
            "LocalCluster", "Addresses", "DNS", "Events", "HTTP", "HTTPTransport", "JSON", "LoadBalancing", "System",
            "Terminal", "Timing",
        ]),

    // Floor 4: what is told with it, and what is measured against what theory says
    room(
        "Story",
        on: ["Instruments", "LocalCluster", "Bytes", "Events", "JSON", "LoadBalancing", "System", "Terminal", "Timing"]),
    room(
        "Lab",
        on: [
            "Instruments", "LocalCluster", "Doctor", "Addresses", "Bytes", "Events", "HTTP", "HTTPTransport", "JSON",
            "LoadBalancing", "System", "Terminal", "Timing",
        ]),

    // Floor 5
    program(
        "samplectl",
        on: [
            "Story", "Lab", "Diagnosis", "Doctor", "Addresses", "Bytes", "DNS", "Events", "HTTP", "HTTPTransport",
            "JSON",
            "LoadBalancing", "LocalCluster", "RPCCore", "Resolvers", "ServiceKit", "System", "Terminal", "Timing",
            "Settings",
        ]))

// MARK: Tests

let allTests: [[Target]] = [
    [
        testSupport(
            "InteropAPI", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf"],
            at: "Tests/Interop/InteropAPI"),
        testProgram(
            "interop-server", on: ["InteropAPI", "ServiceKit", "ProtobufRPC", "RPCServer", "RPCCore", "Events"],
            in: "Tests/Interop"),
        testProgram(
            "interop-client",
            on: [
                "InteropAPI", "Protobuf", "ProtobufRPC", "RPCClient", "RPCCore", "Resolvers", "LoadBalancing", "Events",
                "System", "Timing", "Addresses",
            ], in: "Tests/Interop"),
        testSupport(
            "TestSupport", on: ["Addresses", "Bytes", "Events", "System", "TLS", "Timing"], at: "Tests/Support"),
        testSupport(
            "RPCTestSupport",
            on: [
                "Addresses", "Bytes", "Events", "HTTP2", "LoadBalancing", "RPCClient", "RPCCore", "RPCServer",
                "RPCTransport", "TestSupport", "Timing", "System",
            ], at: "Tests/grpc/RPCSupport"),
        // Services of others: of tests, and of what is to come.
        testSupport(
            "OddNamesAPI", on: ["ProtobufRPC", "RPCServer", "RPCClient", "RPCCore", "Protobuf"],
            at: "Tests/grpc/OddNamesAPI"),
        testProgram("pick-bench", on: ["Addresses", "LoadBalancing", "RPCCore", "Timing"], in: "Tests/grpc"),
        testProgram("protobuf-echo", on: ["Bytes", "Protobuf", "System"], in: "Tests/base"),
    ],
    tests(
        ofWing: "base",
        tests("Bytes", on: ["Bytes"]),
        tests("Timing", on: ["Timing"]),
        tests("Addresses", on: ["Addresses"]),
        tests("JSON", on: ["JSON", "Bytes"]),
        tests("Protobuf", on: ["Protobuf", "HelloWorldAPI", "StandardServices", "EtcdAPI", "TraceAPI", "OddNamesAPI"]),
        tests("Compression", on: ["Compression", "Bytes", "CZlib"]),
        tests("Settings", on: ["Settings", "Addresses"])),
    tests(
        ofWing: "runtime",
        tests("System", on: ["System", "TestSupport", "Events", "Timing"]),
        tests("Events", on: ["Addresses", "Events", "System", "Timing", "TestSupport"]),
        tests(
            "Telemetry",
            on: ["Addresses", "Events", "JSON", "Telemetry", "TestSupport", "Bytes", "System"])),
    tests(
        ofWing: "net",
        tests("HTTP", on: ["HTTP", "Bytes", "Timing"]),
        tests("HTTP2", on: ["HTTP2", "Bytes", "RPCTestSupport"]),
        tests("DNS", on: ["Addresses", "DNS", "Events", "Timing", "TestSupport", "System"]),
        tests("TLS", on: ["COpenSSL", "Addresses", "Bytes", "Events", "System", "TLS", "TestSupport", "Timing"]),
        tests(
            "HTTPTransport",
            on: [
                "TLS", "Addresses", "Bytes", "HTTPTransport", "HTTP", "Events", "TestSupport", "Timing", "System",
                "Telemetry",
            ]),
        tests(
            "StaticFiles",
            on: ["StaticFiles", "HTTPTransport", "HTTP", "Compression", "TestSupport", "Timing", "System"])),
    tests(
        ofWing: "grpc",
        tests("RPCCore", on: ["RPCCore", "Bytes", "Timing"]),
        tests("LoadBalancing", on: ["Addresses", "JSON", "LoadBalancing", "RPCCore", "RPCTestSupport", "Timing"]),
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
                "RPCTestSupport", "TestSupport", "Timing", "System",
            ]),
        tests(
            "RPCClient",
            on: [
                "Addresses", "JSON", "RPCClient", "RPCServer", "RPCTransport", "LoadBalancing", "RPCCore",
                "HelloWorldAPI",
                "StandardServices", "InteropAPI", "Protobuf", "ProtobufRPC", "HTTP2", "Events", "RPCTestSupport",
                "TestSupport", "Timing", "System",
            ]),
        tests(
            "Resolvers",
            on: ["Addresses", "Resolvers", "LoadBalancing", "RPCCore", "Events", "Timing", "TestSupport"]),
        tests(
            "StandardServices",
            on: [
                "StandardServices", "HelloWorldAPI", "Protobuf", "ProtobufRPC", "RPCClient", "RPCServer", "RPCCore",
                "Bytes", "RPCTestSupport", "TestSupport",
            ]),
        tests(
            "Channelz",
            on: [
                "Channelz", "Protobuf", "ProtobufRPC", "RPCClient", "RPCServer", "RPCTransport", "LoadBalancing",
                "RPCCore", "Events", "Addresses", "RPCTestSupport", "TestSupport", "Timing",
            ]),
        tests(
            "RPCSpans",
            on: [
                "RPCSpans", "RPCClient", "RPCCore", "Telemetry", "Events", "Addresses", "TestSupport",
            ]),
        tests(
            "SpanExport",
            on: [
                "SpanExport", "TraceAPI", "Telemetry", "RPCCore", "RPCServer", "LoadBalancing", "Settings", "Events",
                "Timing", "RPCTestSupport", "TestSupport",
            ]),
        tests(
            "RPCMetrics",
            on: [
                "RPCMetrics", "RPCClient", "RPCServer", "RPCTransport", "RPCCore", "Telemetry", "Events", "HTTP2",
                "RPCTestSupport", "TestSupport",
            ])),
    tests(
        ofWing: "discovery",
        tests("Registration", on: ["Registration", "RPCCore", "Events", "Telemetry", "TestSupport", "Timing"]),
        tests(
            "KubernetesDiscovery",
            on: [
                "KubernetesDiscovery", "Resolvers", "LoadBalancing", "RPCCore", "HTTPTransport", "TLS", "HTTP",
                "Events", "System", "JSON", "Addresses", "Timing", "TestSupport",
            ]),
        tests(
            "EtcdDiscovery",
            on: [
                "EtcdDiscovery", "EtcdAPI", "Registration", "ProtobufRPC", "RPCServer", "RPCCore", "Resolvers",
                "LoadBalancing", "Events", "Addresses", "RPCTestSupport", "TestSupport", "Timing",
            ]),
        tests(
            "ConsulDiscovery",
            on: [
                "ConsulDiscovery", "Registration", "Resolvers", "LoadBalancing", "RPCCore", "HTTPTransport", "HTTP",
                "Events", "Addresses", "Timing", "TestSupport",
            ])),
    tests(
        ofWing: "services",
        tests(
            "ServiceKit",
            on: [
                "Addresses", "ServiceKit", "HTTPTransport", "HTTP", "Events", "Timing", "TestSupport", "System",
                "Telemetry", "Settings",
            ]),
        tests("GRPCServer", on: ["grpc-server", "HTTP", "RPCCore"]),
        tests(
            "Gateway",
            on: [
                "Addresses", "gateway", "HTTP", "LoadBalancing", "RPCClient", "RPCCore", "Events", "ServiceKit",
                "Timing",
                "TestSupport", "System", "Telemetry",
            ])),
    tests(
        ofWing: "tools",
        tests("Terminal", on: ["Terminal"]),
        tests("Diagnosis", on: ["Diagnosis", "Addresses", "JSON", "System"]),
        tests("Doctor", on: ["Doctor", "HelloWorldAPI", "Protobuf"]),
        tests(
            "LocalCluster",
            on: [
                "LocalCluster", "Addresses", "Bytes", "Events", "HTTP", "JSON", "LoadBalancing", "System", "Terminal",
                "Timing", "Settings",
            ]),
        tests(
            "Instruments",
            on: [
                "Instruments", "Addresses", "Events", "HTTP", "HTTPTransport", "JSON", "TestSupport", "Terminal",
                "Timing",
            ]),
        tests("Story", on: ["Story", "Instruments", "Terminal"]),
        tests(
            "Lab",
            on: [
                "Lab", "Addresses", "Events", "HTTP", "HTTPTransport", "Instruments", "JSON", "LoadBalancing",
                "LocalCluster", "System",
                "Terminal", "TestSupport", "Timing",
            ]),
        tests(
            "Samplectl",
            on: [
                "samplectl", "Addresses", "JSON", "LoadBalancing", "LocalCluster", "System", "Telemetry", "Terminal",
                "Settings",
            ])),
]

let package = Package(
    name: "sample-service",
    products: [
        .executable(name: "grpc-server", targets: ["grpc-server"]),
        .executable(name: "gateway", targets: ["gateway"]),
        .executable(name: "js-server", targets: ["js-server"]),
        .executable(name: "samplectl", targets: ["samplectl"]),
    ],
    targets: [base, runtime, net, grpc, discovery, services, tools].flatMap { $0 } + allTests.flatMap { $0 },
    swiftLanguageModes: [.v6]
)

// Container images are built without the folder Tests: an edit of a test makes no new image.
if Context.environment["WITHOUT_TESTS"] == "1" {
    package.targets.removeAll { $0.isTest || $0.path?.hasPrefix("Tests/") == true }
}
