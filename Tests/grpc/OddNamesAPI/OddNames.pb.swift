// Written by protoc-gen-sample from odd_names.proto: change that, then run `make proto`.

package import Protobuf

/// `odd.Digits`.
package enum Digits: ProtobufEnum {
    case zero
    case _1
    /// A number that has no name here.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
        self =
            switch rawValue {
            case 0: .zero
            case 1: ._1
            default: .unrecognized(rawValue)
            }
    }

    package var rawValue: Int32 {
        switch self {
        case .zero: 0
        case ._1: 1
        case .unrecognized(let number): number
        }
    }
}

/// `odd.is`.
package enum isEnum: ProtobufEnum {
    case `as`
    /// A number that has no name here.
    case unrecognized(Int32)

    package init(rawValue: Int32) {
        self =
            switch rawValue {
            case 0: .`as`
            default: .unrecognized(rawValue)
            }
    }

    package var rawValue: Int32 {
        switch self {
        case .`as`: 0
        case .unrecognized(let number): number
        }
    }
}

/// `odd.Inner`.
package struct Inner: ProtobufMessage {
    package var a: Int32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(a: Int32 = 0) {
        self.a = a
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: a = try reader.int32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int32(a, field: 1)
        writer.unknown(unknownFields)
    }
}

/// The locals of what is generated.
package struct Locals: ProtobufMessage {
    package var content: Content?
    package var old: Old?
    package var tag: String?
    package var reader: Int32?
    package var writer: [UInt8]?
    package var value: Bool?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        content: Content? = nil, old: Old? = nil, tag: String? = nil, reader: Int32? = nil, writer: [UInt8]? = nil,
        value: Bool? = nil
    ) {
        self.content = content
        self.old = old
        self.tag = tag
        self.reader = reader
        self.writer = writer
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a:
                var content = Inner()
                if case .message(let old)? = self.content {
                    content = old
                    self.content = nil
                }
                try reader.message(into: &content)
                self.content = .message(content)
            case 0x12: self.content = .text(try reader.string())
            case 0x1a:
                var content = Inner()
                if case .oldMessage(let old)? = self.old {
                    content = old
                    self.old = nil
                }
                try reader.message(into: &content)
                self.old = .oldMessage(content)
            case 0x22:
                var content = Locals()
                if case .oldLocals(let old)? = self.old {
                    content = old
                    self.old = nil
                }
                try reader.message(into: &content)
                self.old = .oldLocals(content)
            case 0x2a: self.tag = try reader.string()
            case 0x30: self.reader = try reader.int32()
            case 0x3a: self.writer = try reader.data()
            case 0x40: value = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if case .message(let value)? = self.content { writer.value(.message(), value, field: 1) }
        if case .text(let value)? = self.content { writer.value(.string, value, field: 2) }
        if case .oldMessage(let value)? = self.old { writer.value(.message(), value, field: 3) }
        if case .oldLocals(let value)? = self.old { writer.value(.message(), value, field: 4) }
        if let value = self.tag { writer.value(.string, value, field: 5) }
        if let value = self.reader { writer.value(.int32, value, field: 6) }
        if let value = self.writer { writer.value(.data, value, field: 7) }
        if let value { writer.value(.bool, value, field: 8) }
        writer.unknown(unknownFields)
    }

    /// Which of them `content` is.
    package enum Content: Hashable, Sendable {
        case message(Inner)
        case text(String)
    }

    /// Which of them `old` is.
    package enum Old: Hashable, Sendable {
        case oldMessage(Inner)
        indirect case oldLocals(Locals)
    }
}

/// `odd.OptionalLocals`.
package struct OptionalLocals: ProtobufMessage {
    package var content: String?
    package var old: Inner?
    package var tag: [Int32] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(content: String? = nil, old: Inner? = nil, tag: [Int32] = []) {
        self.content = content
        self.old = old
        self.tag = tag
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: self.content = try reader.string()
            case 0x12: try reader.message(into: &self.old)
            case 0x18: self.tag.append(try reader.int32())
            case 0x1a: try reader.packed(.int32, into: &self.tag)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if let value = self.content { writer.value(.string, value, field: 1) }
        writer.message(self.old, field: 2)
        writer.packed(.int32, self.tag, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `odd.Numbers`.
package struct Numbers: ProtobufMessage {
    package var _1 = ""
    package var _2: _2Case?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(_1: String = "", _2: _2Case? = nil) {
        self._1 = _1
        self._2 = _2
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: _1 = try reader.string()
            case 0x12:
                var content = Inner()
                if case ._3(let old)? = _2 {
                    content = old
                    _2 = nil
                }
                try reader.message(into: &content)
                _2 = ._3(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(_1, field: 1)
        if case ._3(let value)? = _2 { writer.value(.message(), value, field: 2) }
        writer.unknown(unknownFields)
    }

    /// Which of them `_2` is.
    package enum _2Case: Hashable, Sendable {
        case _3(Inner)
    }
}

/// `odd.default`.
package struct defaultMessage: ProtobufMessage {
    package var `let` = ""
    package var `switch`: String?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(`let`: String = "", `switch`: String? = nil) {
        self.`let` = `let`
        self.`switch` = `switch`
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: `let` = try reader.string()
            case 0x12: `switch` = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(`let`, field: 1)
        if let `switch` { writer.value(.string, `switch`, field: 2) }
        writer.unknown(unknownFields)
    }
}

/// `odd.Keywords`.
package struct Keywords: ProtobufMessage {
    package var `default`: defaultMessage?
    package var `is`: isEnum = .`as`
    package var `in`: [String: defaultMessage] = [:]
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(`default`: defaultMessage? = nil, `is`: isEnum = .`as`, `in`: [String: defaultMessage] = [:]) {
        self.`default` = `default`
        self.`is` = `is`
        self.`in` = `in`
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &`default`)
            case 0x10: `is` = try reader.enumeration()
            case 0x1a: try reader.entry(.string, .message(), into: &`in`)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(`default`, field: 1)
        writer.enumeration(`is`, field: 2)
        writer.map(.string, .message(), `in`, field: 3)
        writer.unknown(unknownFields)
    }
}

/// What stubs are made of.
package struct ChannelMessage: ProtobufMessage {
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "") {
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `odd.CallOptions`.
package struct CallOptionsMessage: ProtobufMessage {
    package var channel: ChannelMessage?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(channel: ChannelMessage? = nil) {
        self.channel = channel
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &channel)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(channel, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `odd.RPCError`.
package struct RPCErrorMessage: ProtobufMessage {
    package var code: Int32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(code: Int32 = 0) {
        self.code = code
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: code = try reader.int32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int32(code, field: 1)
        writer.unknown(unknownFields)
    }
}
