/// The messages and enums of all files, by their full names: `.package.Outer.Inner`.
struct TypeIndex {
    struct Message {
        let swiftName: String
        let descriptor: DescriptorProto
    }

    struct Enum {
        let swiftName: String
        /// The case of the first value, which is 0.
        let first: String
    }

    private var messages: [String: Message] = [:]
    private var enums: [String: Enum] = [:]
    /// Of all, without the types that they are in.
    private var names: Set<String> = []

    init(_ files: [FileDescriptorProto]) {
        for file in files {
            let scope = file.package.isEmpty ? "" : ".\(file.package)"
            let prefix = file.options?.swiftPrefix ?? ""
            for message in file.messageType { add(message, in: scope, prefix) }
            for each in file.enumType { add(each, in: scope, prefix) }
        }
    }

    private mutating func add(_ message: DescriptorProto, in scope: String, _ prefix: String) {
        let name = "\(scope).\(message.name)"
        let swiftName = prefix + SwiftName.ofMessage(message.name)
        messages[name] = Message(swiftName: swiftName, descriptor: message)
        names.insert(SwiftName.ofMessage(message.name))
        for nested in message.nestedType { add(nested, in: name, "\(swiftName).") }
        for nested in message.enumType { add(nested, in: name, "\(swiftName).") }
    }

    private mutating func add(_ each: EnumDescriptorProto, in scope: String, _ prefix: String) {
        let swiftName = SwiftName.ofEnum(each.name)
        let cases = SwiftName.ofValues(each.value.map(\.name), of: each.name)
        enums["\(scope).\(each.name)"] = Enum(swiftName: prefix + swiftName, first: cases.first ?? "unrecognized(0)")
        names.insert(swiftName)
    }

    func message(_ name: String) -> Message? { messages[name] }
    func enumeration(_ name: String) -> Enum? { enums[name] }

    /// `Kind` for `kind`, if no type of a proto is called so, wherever it is, nor the property.
    func typeName(of oneof: OneofDescriptorProto) -> String {
        let name = SwiftName.upperCamel(oneof.name)
        let isOther = names.contains(name) || SwiftName.isTaken(name) || name == SwiftName.ofField(oneof.name)
        return isOther ? name + "Case" : name
    }

    /// Whether a message of this field's type has one of `message` inside it, so that neither can be a plain value.
    func leadsBack(_ field: FieldDescriptorProto, to message: String) -> Bool {
        var seen: Set<String> = []
        var next = [field.typeName]
        while let name = next.popLast() {
            if name == message { return true }
            guard seen.insert(name).inserted, let descriptor = messages[name]?.descriptor else { continue }
            // Arrays and dictionaries hold what they have by reference.
            next += descriptor.field.filter { $0.type == .message && $0.label != .repeated }.map(\.typeName)
        }
        return false
    }
}

extension DescriptorProto {
    /// Whether protoc made this oneof of an `optional` field.
    func isSynthetic(_ oneof: Int) -> Bool {
        field.contains { $0.proto3Optional && $0.oneofIndex.map { Int($0) } == oneof }
    }
}
