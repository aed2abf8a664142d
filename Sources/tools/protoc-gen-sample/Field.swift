/// A field as Swift has it.
struct Field {
    enum Shape {
        /// Left out at its default.
        case plain
        /// `optional`, or a message: it is there or not.
        case optional
        /// A message that its own kind can be inside of.
        case indirect
        case repeated(isPacked: Bool)
        case map(key: String, value: String, valueType: String)
        /// One of several, which are the cases of an enum; `isIndirect` as for `indirect`.
        case oneof(property: String, isIndirect: Bool)
    }

    let number: UInt32
    /// A property's name, or a case's.
    let name: String
    /// Of one value.
    let type: String
    /// What reader, writer and coding call the type: `sint32`, `message`.
    let coding: String
    let initial: String
    let wireType: UInt32
    let shape: Shape

    init(_ field: FieldDescriptorProto, of message: DescriptorProto, named fullName: String, _ types: TypeIndex) {
        number = UInt32(truncatingIfNeeded: field.number)
        name = SwiftName.ofField(field.name)
        (type, coding, initial, wireType) = Field.facts(field, types)
        let isMessage = field.type == .message
        let canBePacked = wireType != 2
        shape =
            if let entry = types.message(field.typeName)?.descriptor, entry.options?.mapEntry == true {
                Field.map(entry, types)
            } else if field.label == .repeated {
                .repeated(isPacked: canBePacked && field.options?.packed != false)
            } else if let index = field.oneofIndex, !field.proto3Optional {
                .oneof(
                    property: SwiftName.ofField(message.oneofDecl[Int(index)].name),
                    isIndirect: isMessage && types.leadsBack(field, to: fullName))
            } else if isMessage, types.leadsBack(field, to: fullName) {
                .indirect
            } else if isMessage || field.proto3Optional {
                .optional
            } else {
                .plain
            }
    }

    private static func map(_ entry: DescriptorProto, _ types: TypeIndex) -> Shape {
        func facts(_ number: Int32) -> (type: String, coding: String) {
            guard let field = entry.field.first(where: { $0.number == number }) else { return ("", "") }
            let (type, coding, _, _) = Field.facts(field, types)
            return (type, Field.value(coding))
        }
        let (key, value) = (facts(1), facts(2))
        return .map(key: key.coding, value: value.coding, valueType: "\(key.type): \(value.type)")
    }

    /// A coding as a value: `.sint32`, `.message()`.
    static func value(_ coding: String) -> String {
        coding == "message" || coding == "enumeration" ? ".\(coding)()" : ".\(coding)"
    }

    private static func facts(
        _ field: FieldDescriptorProto, _ types: TypeIndex
    ) -> (type: String, coding: String, initial: String, wireType: UInt32) {
        switch field.type {
        case .double: ("Double", "double", "0", 1)
        case .float: ("Float", "float", "0", 5)
        case .int64: ("Int64", "int64", "0", 0)
        case .uint64: ("UInt64", "uint64", "0", 0)
        case .int32: ("Int32", "int32", "0", 0)
        case .fixed64: ("UInt64", "fixed64", "0", 1)
        case .fixed32: ("UInt32", "fixed32", "0", 5)
        case .bool: ("Bool", "bool", "false", 0)
        case .string: ("String", "string", "\"\"", 2)
        case .bytes: ("[UInt8]", "data", "[]", 2)
        case .uint32: ("UInt32", "uint32", "0", 0)
        case .sfixed32: ("Int32", "sfixed32", "0", 5)
        case .sfixed64: ("Int64", "sfixed64", "0", 1)
        case .sint32: ("Int32", "sint32", "0", 0)
        case .sint64: ("Int64", "sint64", "0", 0)
        case .enum:
            (
                types.enumeration(field.typeName)?.swiftName ?? "", "enumeration",
                ".\(SwiftName.quoted(types.enumeration(field.typeName)?.first ?? ""))", 0
            )
        // A proto3 file has no groups.
        case .message, .group, .unknown, .unrecognized:
            (types.message(field.typeName)?.swiftName ?? "", "message", "nil", 2)
        }
    }
}

extension Field {
    /// In code where a few names mean something else.
    private static func reference(_ name: String) -> String {
        ["reader", "writer", "tag", "content", "old"].contains(name) ? "self.\(name)" : SwiftName.quoted(name)
    }

    /// The property, if the field has one of its own: its type, and what it is at the beginning.
    var property: (type: String, initial: String)? {
        switch shape {
        case .plain: (type, initial)
        case .optional, .indirect: ("\(type)?", "nil")
        case .repeated: ("[\(type)]", "[]")
        case .map(_, _, let valueType): ("[\(valueType)]", "[:]")
        case .oneof: nil
        }
    }

    private func tag(_ wireType: UInt32) -> String {
        let hexadecimal = String(number << 3 | wireType, radix: 16)
        return "0x" + (hexadecimal.count == 1 ? "0" : "") + hexadecimal
    }

    /// The field's cases in the switch over tags.
    func writeReading(to code: inout CodeWriter) {
        let name = Field.reference(name)
        switch shape {
        case .plain: code.line("case \(tag(wireType)): \(name) = try reader.\(coding)()")
        case .optional where coding == "message", .indirect:
            code.line("case \(tag(2)): try reader.message(into: &\(name))")
        case .optional: code.line("case \(tag(wireType)): \(name) = try reader.\(coding)()")
        case .repeated:
            code.line("case \(tag(wireType)): \(name).append(try reader.\(coding)())")
            if wireType != 2 { code.line("case \(tag(2)): try reader.packed(\(Field.value(coding)), into: &\(name))") }
        case .map(let key, let value, _):
            code.line("case \(tag(2)): try reader.entry(\(key), \(value), into: &\(name))")
        case .oneof(let property, _):
            let property = Field.reference(property)
            guard coding == "message" else {
                code.line(
                    "case \(tag(wireType)): \(property) = .\(SwiftName.quoted(self.name))(try reader.\(coding)())")
                return
            }
            code.line("case \(tag(2)):")
            code.indented { code in
                code.line("var content = \(type)()")
                // Not in two places while it is changed: what repeats the field would copy the whole each time.
                code.block("if case .\(SwiftName.quoted(self.name))(let old)? = \(property)") { code in
                    code.line("content = old")
                    code.line("\(property) = nil")
                }
                code.line("try reader.message(into: &content)")
                code.line("\(property) = .\(SwiftName.quoted(self.name))(content)")
            }
        }
    }

    var writing: String {
        let name = Field.reference(name)
        let coding = Field.value(coding)
        return switch shape {
        case .plain: "writer.\(self.coding)(\(name), field: \(number))"
        case .optional where self.coding == "message", .indirect: "writer.message(\(name), field: \(number))"
        case .optional where name.hasPrefix("self."):
            "if let value = \(name) { writer.value(\(coding), value, field: \(number)) }"
        case .optional: "if let \(name) { writer.value(\(coding), \(name), field: \(number)) }"
        case .repeated(isPacked: true): "writer.packed(\(coding), \(name), field: \(number))"
        case .repeated(isPacked: false): "writer.repeated(\(coding), \(name), field: \(number))"
        case .map(let key, let value, _): "writer.map(\(key), \(value), \(name), field: \(number))"
        case .oneof(let property, _):
            "if case .\(SwiftName.quoted(self.name))(let value)? = \(Field.reference(property)) "
                + "{ writer.value(\(coding), value, field: \(number)) }"
        }
    }
}
