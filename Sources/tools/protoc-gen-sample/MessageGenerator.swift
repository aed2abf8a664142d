/// Writes a file's messages and enums.
struct MessageGenerator {
    let types: TypeIndex
    let comments: Comments

    func write(_ file: FileDescriptorProto, to code: inout CodeWriter) {
        let scope = file.package.isEmpty ? "" : ".\(file.package)"
        let path = Comments.Path()
        code.line("package import Protobuf")
        for (index, each) in file.enumType.enumerated() {
            code.line()
            write(each, named: "\(scope).\(each.name)", at: path.enumeration(index), to: &code)
        }
        for (index, message) in file.messageType.enumerated() {
            code.line()
            write(message, named: "\(scope).\(message.name)", at: path.message(index), to: &code)
        }
    }

    /// Lines of comment on a part; its full name where there are none.
    private func document(_ path: Comments.Path, _ fullName: String, in code: inout CodeWriter) {
        let lines = comments.lines(path)
        code.comment(lines.isEmpty ? ["`\(fullName.dropFirst())`."] : lines)
    }

    private func write(
        _ message: DescriptorProto, named fullName: String, at path: Comments.Path, to code: inout CodeWriter
    ) {
        let fields = message.field.map { Field($0, of: message, named: fullName, types) }
        let name = MessageGenerator.last(types.message(fullName)?.swiftName)
        document(path, fullName, in: &code)
        code.block("package struct \(name): ProtobufMessage") { code in
            writeProperties(of: message, fields, at: path, to: &code)
            code.line("package var unknownFields: [UInt8] = []")
            code.line()
            writeInitializers(of: message, fields, to: &code)
            writeReading(fields, to: &code)
            writeWriting(fields, to: &code)
            for (index, each) in message.oneofDecl.enumerated() where !message.isSynthetic(index) {
                writeOneof(each, at: index, of: message, fields, path, to: &code)
            }
            for (index, each) in message.enumType.enumerated() {
                code.line()
                write(each, named: "\(fullName).\(each.name)", at: path.nestedEnumeration(index), to: &code)
            }
            for (index, each) in message.nestedType.enumerated() where each.options?.mapEntry != true {
                code.line()
                write(each, named: "\(fullName).\(each.name)", at: path.nestedMessage(index), to: &code)
            }
        }
    }

    /// `Inner` of `Outer.Inner`.
    private static func last(_ name: String?) -> String {
        name?.split(separator: ".").last.map { String($0) } ?? ""
    }

    /// What a message has as properties: fields, and a oneof in place of its first field.
    private func forEachProperty(
        of message: DescriptorProto, _ fields: [Field],
        _ body: (_ name: String, _ type: String, _ initial: String, _ index: Int, _ oneof: Int?) -> Void
    ) {
        var seen: Set<Int32> = []
        for (index, field) in fields.enumerated() {
            if let property = field.property {
                body(field.name, property.type, property.initial, index, nil)
            } else if let oneof = message.field[index].oneofIndex, seen.insert(oneof).inserted {
                let declaration = message.oneofDecl[Int(oneof)]
                let type = types.typeName(of: declaration)
                body(SwiftName.ofField(declaration.name), "\(type)?", "nil", index, Int(oneof))
            }
        }
    }

    private func writeProperties(
        of message: DescriptorProto, _ fields: [Field], at path: Comments.Path, to code: inout CodeWriter
    ) {
        forEachProperty(of: message, fields) { name, type, initial, index, oneof in
            code.comment(comments.lines(oneof.map { path.oneof($0) } ?? path.field(index)))
            let name = SwiftName.quoted(name)
            if case .indirect = fields[index].shape {
                code.line("@Indirect package var \(name): \(type) = nil")
            } else if initial == "nil" {
                code.line("package var \(name): \(type)")
            } else if type == "String" || type == "Bool" {
                code.line("package var \(name) = \(initial)")
            } else {
                code.line("package var \(name): \(type) = \(initial)")
            }
        }
    }

    private func writeInitializers(of message: DescriptorProto, _ fields: [Field], to code: inout CodeWriter) {
        code.line("package init() {}")
        code.line()
        guard !fields.isEmpty else { return }
        var parameters: [String] = []
        var assignments: [String] = []
        forEachProperty(of: message, fields) { name, type, initial, _, _ in
            let name = SwiftName.quoted(name)
            parameters.append("\(name): \(type) = \(initial)")
            assignments.append("self.\(name) = \(name)")
        }
        code.function("package init", parameters.joined(separator: ", "), "", hasBody: true)
        code.indented { code in
            for assignment in assignments { code.line(assignment) }
        }
        code.line("}")
        code.line()
    }

    private func writeReading(_ fields: [Field], to code: inout CodeWriter) {
        code.block("package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError)") { code in
            guard !fields.isEmpty else {
                code.line("while try reader.nextTag() != nil { try reader.keep(in: &unknownFields) }")
                return
            }
            code.block("while let tag = try reader.nextTag()") { code in
                code.line("switch tag {")
                for field in fields { field.writeReading(to: &code) }
                code.line("default: try reader.keep(in: &unknownFields)")
                code.line("}")
            }
        }
        code.line()
    }

    private func writeWriting(_ fields: [Field], to code: inout CodeWriter) {
        code.block("package func write(to writer: inout ProtobufWriter)") { code in
            for field in fields.sorted(by: { $0.number < $1.number }) { code.line(field.writing) }
            code.line("writer.unknown(unknownFields)")
        }
    }

    private func writeOneof(
        _ oneof: OneofDescriptorProto, at index: Int, of message: DescriptorProto, _ fields: [Field],
        _ path: Comments.Path, to code: inout CodeWriter
    ) {
        code.line()
        code.line("/// Which of them `\(SwiftName.ofField(oneof.name))` is.")
        code.block("package enum \(types.typeName(of: oneof)): Hashable, Sendable") { code in
            for (position, field) in fields.enumerated() {
                guard case .oneof(_, let isIndirect) = field.shape,
                    message.field[position].oneofIndex.map({ Int($0) }) == index
                else { continue }
                code.comment(comments.lines(path.field(position)))
                code.line("\(isIndirect ? "indirect " : "")case \(SwiftName.quoted(field.name))(\(field.type))")
            }
        }
    }

    private func write(
        _ each: EnumDescriptorProto, named fullName: String, at path: Comments.Path, to code: inout CodeWriter
    ) {
        let names = SwiftName.ofValues(each.value.map(\.name), of: each.name).map(SwiftName.quoted)
        var seen: Set<Int32> = []
        // Several names may stand for one number; the first is the case.
        let values = zip(names, each.value).enumerated().map { index, pair in
            (index: index, name: pair.0, number: pair.1.number ?? 0, isFirst: seen.insert(pair.1.number ?? 0).inserted)
        }
        document(path, fullName, in: &code)
        let name = MessageGenerator.last(types.enumeration(fullName)?.swiftName)
        code.block("package enum \(name): ProtobufEnum") { code in
            for value in values where value.isFirst {
                code.comment(comments.lines(path.value(value.index)))
                code.line("case \(value.name)")
            }
            code.comment(["A number that has no name here."])
            code.line("case unrecognized(Int32)")
            code.line()
            for value in values where !value.isFirst {
                guard let first = values.first(where: { $0.number == value.number }) else { continue }
                code.comment(comments.lines(path.value(value.index)))
                code.line("package static var \(value.name): Self { .\(first.name) }")
                code.line()
            }
            code.block("package init(rawValue: Int32)") { code in
                code.line("self =")
                code.indented { code in
                    code.line("switch rawValue {")
                    for value in values where value.isFirst { code.line("case \(value.number): .\(value.name)") }
                    code.line("default: .unrecognized(rawValue)")
                    code.line("}")
                }
            }
            code.line()
            code.block("package var rawValue: Int32") { code in
                code.line("switch self {")
                for value in values where value.isFirst { code.line("case .\(value.name): \(value.number)") }
                code.line("case .unrecognized(let number): number")
                code.line("}")
            }
        }
    }
}
