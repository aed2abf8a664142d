/// Refuses protos whose Swift would not compile, or would mean another type: what is right in a proto is not always so
/// in Swift, which has one name for `a_b` and `aB`, and looks for a type in the types around first.
struct NameCheck {
    let types: TypeIndex
    let file: String

    /// What must not have anything twice.
    private struct Scope {
        let place: String
        /// Names of Swift, and what of the proto each stands for.
        private var origins: [String: String] = [:]

        init(_ place: String) { self.place = place }

        mutating func add(_ name: String, for origin: String, in file: String) throws(PluginError) {
            if let other = origins.updateValue(origin, forKey: name) {
                throw PluginError("\(file): \(place) has \(other) and \(origin), which are both `\(name)` in Swift")
            }
        }
    }

    /// `parts` are what is written; the rest can be called anything.
    static func check(
        _ file: FileDescriptorProto, _ types: TypeIndex, _ parts: Set<PluginOptions.Part>
    ) throws(PluginError) {
        let check = NameCheck(types: types, file: file.name)
        let scope = file.package.isEmpty ? "" : ".\(file.package)"
        let prefix = file.options?.swiftPrefix ?? ""
        var names = Scope("the file")
        for each in file.enumType where parts.contains(.messages) {
            try names.add(prefix + SwiftName.ofEnum(each.name), for: "enum \(each.name)", in: file.name)
            try check.values(of: each)
        }
        for message in file.messageType where parts.contains(.messages) {
            try names.add(prefix + SwiftName.ofMessage(message.name), for: "message \(message.name)", in: file.name)
            try check.message(message, named: "\(scope).\(message.name)", inside: [])
        }
        for service in file.service where !parts.isDisjoint(with: [.client, .server]) {
            let swift = ServiceName(service, in: file)
            let origin = "service \(service.name)"
            try names.add(swift.methods, for: origin, in: file.name)
            if parts.contains(.server) { try names.add(swift.server, for: origin, in: file.name) }
            if parts.contains(.client) { try names.add(swift.client, for: origin, in: file.name) }
            var methods = Scope("service \(service.name)")
            for method in service.method {
                try methods.add(SwiftName.ofMethod(method.name), for: "rpc \(method.name)", in: file.name)
            }
        }
    }

    /// `outer` are the types declared in each message around.
    private func message(
        _ message: DescriptorProto, named fullName: String, inside outer: [[String: String]]
    ) throws(PluginError) {
        var names = Scope("message \(message.name)")
        // The types that are declared here, and what they are in the proto.
        var inner: [String: String] = [:]
        func declare(_ name: String, _ origin: String) throws(PluginError) {
            try names.add(name, for: origin, in: file)
            inner[name] = origin
        }
        for each in message.enumType {
            try declare(SwiftName.ofEnum(each.name), "enum \(each.name)")
            try values(of: each)
        }
        for each in message.nestedType where each.options?.mapEntry != true {
            try declare(SwiftName.ofMessage(each.name), "message \(each.name)")
        }
        var oneofs: [Int: Scope] = [:]
        for (index, oneof) in message.oneofDecl.enumerated() where !message.isSynthetic(index) {
            try declare(types.typeName(of: oneof), "oneof \(oneof.name)")
            try names.add(SwiftName.ofField(oneof.name), for: "oneof \(oneof.name)", in: file)
            oneofs[index] = Scope("oneof \(oneof.name)")
        }
        for field in message.field {
            let name = SwiftName.ofField(field.name)
            if let index = field.oneofIndex, !message.oneofDecl.indices.contains(Int(index)) {
                throw PluginError("\(file): \(field.name) of \(message.name) is in oneof \(index), which there is not")
            }
            if let index = field.oneofIndex, oneofs[Int(index)] != nil {
                try oneofs[Int(index)]?.add(name, for: field.name, in: file)
            } else {
                try names.add(name, for: field.name, in: file)
            }
        }
        let around = outer + [inner]
        for field in message.field { try visible(field.typeName, from: message, around) }
        for each in message.nestedType {
            if each.options?.mapEntry == true {
                for field in each.field { try visible(field.typeName, from: message, around) }
            } else {
                try self.message(each, named: "\(fullName).\(each.name)", inside: around)
            }
        }
    }

    /// Code names a type from the outermost inwards, and Swift takes the first part of that from the nearest type around
    /// that has one inside.
    private func visible(
        _ typeName: String, from message: DescriptorProto, _ around: [[String: String]]
    ) throws(PluginError) {
        guard let name = types.message(typeName)?.swiftName ?? types.enumeration(typeName)?.swiftName,
            let first = name.split(separator: ".").first.map({ String($0) })
        else { return }
        guard let hiding = around.lazy.compactMap({ $0[first] }).last else { return }
        throw PluginError(
            "\(file): in message \(message.name), \(hiding) hides \(typeName.dropFirst()) from Swift; "
                + "`option swift_prefix = \"V1\";` in the latter's file gives that another name")
    }

    private func values(of each: EnumDescriptorProto) throws(PluginError) {
        var names = Scope("enum \(each.name)")
        for (name, value) in zip(SwiftName.ofValues(each.value.map(\.name), of: each.name), each.value) {
            try names.add(name, for: value.name, in: file)
        }
    }
}
