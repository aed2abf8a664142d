/// Names of Swift from those of protos.
enum SwiftName {
    /// Words that a declaration can have between backticks only.
    private static let keywords: Set<String> = [
        "Any", "Self", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
        "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard",
        "if",
        "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup", "private",
        "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript", "super",
        "switch",
        "throw", "throws", "true", "try", "typealias", "var", "where", "while",
    ]
    /// What every message has already.
    private static let members: Set<String> = ["unknownFields", "encoded", "hashValue", "self", "init"]
    /// What the table of a service's methods, and its client, have already.
    private static let methods: Set<String> = ["service", "channel", "self", "init"]
    /// What generated code means by itself, and what can be no nested type.
    private static let types: Set<String> = [
        "Type", "Protocol", "Self", "Any", "String", "Bool", "Double", "Float", "Int32", "Int64", "UInt8", "UInt32",
        "UInt64", "Array", "Dictionary", "Optional", "Hashable", "Sendable", "Indirect", "ProtobufMessage",
        "ProtobufEnum", "ProtobufReader", "ProtobufWriter", "ProtobufError",
        // In stubs.
        "RPCError", "RPCRouter", "ServerContext", "MethodDescriptor", "MessageReader", "MessageWriter", "Channel",
        "CallOptions", "ClientStreamingCall", "BidirectionalCall",
        // No name in Swift.
        "_",
    ]

    /// `protos/sample/hello_world.proto`: `HelloWorld`.
    static func ofFile(_ path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        return camel(String(file.hasSuffix(".proto") ? file.dropLast(6) : file))
    }

    /// Whether no type may be called so.
    static func isTaken(_ name: String) -> Bool { types.contains(name) || keywords.contains(name) }

    static func ofMessage(_ name: String) -> String { isTaken(name) ? name + "Message" : name }

    static func ofEnum(_ name: String) -> String { isTaken(name) ? name + "Enum" : name }

    /// Of a property, without backticks.
    static func ofField(_ name: String) -> String {
        let camel = lowerCamel(name)
        return members.contains(camel) ? camel + "_" : camel
    }

    static func ofMethod(_ name: String) -> String {
        let lower = name.prefix(1).lowercased() + name.dropFirst()
        return methods.contains(lower) ? lower + "_" : lower
    }

    /// With backticks where Swift wants them.
    static func quoted(_ name: String) -> String { keywords.contains(name) ? "`\(name)`" : name }

    /// Cases of an enum: `STATUS_OK` of `enum Status` is `ok`, if all have the enum's name in front.
    static func ofValues(_ names: [String], of enumName: String) -> [String] {
        let prefix = screamingSnake(enumName) + "_"
        let all = names.allSatisfy { name in
            name.hasPrefix(prefix) && name.dropFirst(prefix.count).first.map { !$0.isNumber } == true
        }
        return names.map { name in
            let camel = lowerCamel(String(all ? name.dropFirst(prefix.count) : name[...]).lowercased())
            return camel == "unrecognized" || members.contains(camel) ? camel + "_" : camel
        }
    }

    /// `one_two`: `OneTwo`.
    static func upperCamel(_ name: String) -> String { identifier(camel(name)) }

    private static func camel(_ name: String) -> String {
        name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// `_1` is a name in a proto and in Swift, `1` is none.
    private static func identifier(_ name: String) -> String {
        name.first.map(\.isNumber) == false ? name : "_" + (name.isEmpty ? "_" : name)
    }

    /// `one_two`: `oneTwo`; `TTL`: `ttl`.
    static func lowerCamel(_ name: String) -> String {
        let camel = camel(name)
        let first = name.prefix { $0 != "_" }
        let lower = first.contains(where: \.isLowercase) ? 1 : first.count
        return identifier(camel.prefix(lower).lowercased() + camel.dropFirst(lower))
    }

    /// `ServingStatus`: `SERVING_STATUS`.
    private static func screamingSnake(_ name: String) -> String {
        var snake = ""
        var last: Character?
        for character in name {
            if character.isUppercase, let last, last.isLowercase || last.isNumber { snake += "_" }
            snake += character.uppercased()
            last = character
        }
        return snake
    }
}

/// What a service's declarations are called.
struct ServiceName {
    /// With the names of its methods.
    let methods: String
    let server: String
    let client: String

    init(_ service: ServiceDescriptorProto, in file: FileDescriptorProto) {
        // `TestService` is `Test`, so that what serves it is no `TestServiceService`.
        let isService = service.name.hasSuffix("Service")
        let name = (file.options?.swiftPrefix ?? "") + (isService ? String(service.name.dropLast(7)) : service.name)
        methods = isService || SwiftName.isTaken(name) ? name + "Methods" : name
        server = name + "Service"
        client = name + "Client"
    }
}
