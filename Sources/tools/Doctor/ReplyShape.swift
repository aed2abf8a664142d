import Protobuf

/// Where in a reply the field lies that names a server, as the server's own descriptors have it. Pure.
package struct ReplyShape: Hashable, Sendable {
    /// Types within types: each is read within the one around it, so what a server sends must not decide how deep. protoc
    /// itself takes 32 by default.
    package static let mostNesting = 32

    /// The way into the message, the field itself last.
    package let numbers: [UInt32]

    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// `files` are FileDescriptorProtos; `field` is a name, or several with dots in between.
    package init(of method: String, in service: String, field: String, files: [[UInt8]]) throws(Problem) {
        var index = DescriptorIndex()
        do throws(ProtobufError) {
            for file in files { try index.read(file) }
        } catch {
            throw Problem(description: "a descriptor that reflection gave cannot be read: \(error)")
        }
        guard !index.isTooDeep else {
            throw Problem(
                description: "a descriptor that reflection gave has more than \(ReplyShape.mostNesting) types within "
                    + "one another")
        }
        guard let methods = index.services[service] else {
            throw Problem(description: "reflection does not know the service \(service)")
        }
        guard let found = methods[method] else {
            let known = methods.keys.sorted().joined(separator: ", ")
            throw Problem(description: "\(service) has no method \(method); it has \(known)")
        }
        guard !found.streams else { throw Problem(description: "\(service)/\(method) is not unary") }
        var type = found.reply
        var numbers: [UInt32] = []
        for name in field.split(separator: ".").map(String.init) {
            guard let fields = index.messages[type] else {
                throw Problem(description: "reflection does not describe \(type.isEmpty ? "a scalar" : type)")
            }
            guard let field = fields[name] else {
                let known = fields.keys.sorted().joined(separator: ", ")
                throw Problem(description: "\(type) has no field \(name); it has \(known)")
            }
            numbers.append(field.number)
            type = field.message
        }
        guard !numbers.isEmpty else { throw Problem(description: "no field is named") }
        self.numbers = numbers
    }

    /// The field's value in a reply, as text; nil if it is not there or the reply cannot be read.
    package func value(in reply: [UInt8]) -> String? {
        var bytes = reply
        for (depth, number) in numbers.enumerated() {
            guard let value = try? RawField.last(number, in: bytes) else { return nil }
            switch value {
            case .number(let number): return depth == numbers.count - 1 ? "\(number)" : nil
            case .bytes(let inner): bytes = inner
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// One field of a message, whatever message that is.
enum RawField {
    case number(UInt64)
    case bytes([UInt8])

    /// Every field with its number; those of a fixed width are passed over.
    static func all(in message: [UInt8]) throws(ProtobufError) -> [(number: UInt32, value: RawField)] {
        var reader = try ProtobufReader(message.span)
        var fields: [(UInt32, RawField)] = []
        while let tag = try reader.nextTag() {
            switch tag & 7 {
            case 0: fields.append((tag >> 3, .number(try reader.varint())))
            case 2: fields.append((tag >> 3, .bytes(try reader.data())))
            default: try reader.skip()
            }
        }
        return fields
    }

    /// Of several the last counts, as protobuf has it.
    static func last(_ number: UInt32, in message: [UInt8]) throws(ProtobufError) -> RawField? {
        try all(in: message).last { $0.number == number }?.value
    }
}

/// The few things of google/protobuf/descriptor.proto that are needed here.
private struct DescriptorIndex {
    var services: [String: [String: (reply: String, streams: Bool)]] = [:]
    var messages: [String: [String: (number: UInt32, message: String)]] = [:]
    var isTooDeep = false

    mutating func read(_ file: [UInt8]) throws(ProtobufError) {
        let fields = try RawField.all(in: file)
        let package = DescriptorIndex.text(2, fields)
        let prefix = package.isEmpty ? "" : "\(package)."
        for case (4, .bytes(let message)) in fields { try read(message: message, prefix, depth: 1) }
        for case (6, .bytes(let service)) in fields {
            let parts = try RawField.all(in: service)
            var methods: [String: (reply: String, streams: Bool)] = [:]
            for case (2, .bytes(let method)) in parts {
                let parts = try RawField.all(in: method)
                // client_streaming and server_streaming.
                let streams = parts.contains { if case (5...6, .number(1)) = $0 { true } else { false } }
                methods[DescriptorIndex.text(1, parts)] = (DescriptorIndex.typeName(3, parts), streams)
            }
            services[prefix + DescriptorIndex.text(1, parts)] = methods
        }
    }

    private mutating func read(message: [UInt8], _ prefix: String, depth: Int) throws(ProtobufError) {
        guard depth <= ReplyShape.mostNesting else {
            isTooDeep = true
            return
        }
        let parts = try RawField.all(in: message)
        let name = prefix + DescriptorIndex.text(1, parts)
        var fields: [String: (number: UInt32, message: String)] = [:]
        for case (2, .bytes(let field)) in parts {
            let parts = try RawField.all(in: field)
            guard case .number(let number)? = parts.last(where: { $0.number == 3 })?.value else { continue }
            fields[DescriptorIndex.text(1, parts)] = (UInt32(clamping: number), DescriptorIndex.typeName(6, parts))
        }
        messages[name] = fields
        for case (3, .bytes(let nested)) in parts {
            try read(message: nested, "\(name).", depth: depth + 1)
        }
    }

    private static func text(_ number: UInt32, _ fields: [(number: UInt32, value: RawField)]) -> String {
        guard case .bytes(let bytes)? = fields.last(where: { $0.number == number })?.value else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Without the dot that makes it absolute.
    private static func typeName(_ number: UInt32, _ fields: [(number: UInt32, value: RawField)]) -> String {
        let name = text(number, fields)
        return name.hasPrefix(".") ? String(name.dropFirst()) : name
    }
}
