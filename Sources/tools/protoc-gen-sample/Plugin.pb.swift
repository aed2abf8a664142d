// Written by protoc-gen-sample from protoc/plugin.proto: change that, then run `make proto`.

package import Protobuf

/// What protoc writes to a plugin's standard input.
package struct CodeGeneratorRequest: ProtobufMessage {
    /// The files that were named on protoc's command line.
    package var fileToGenerate: [String] = []
    /// What was given in front of the output directory, `--sample_out=PARAMETER:DIRECTORY`.
    package var parameter = ""
    /// These files and all that they import, each after those that it imports.
    package var protoFile: [FileDescriptorProto] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(fileToGenerate: [String] = [], parameter: String = "", protoFile: [FileDescriptorProto] = []) {
        self.fileToGenerate = fileToGenerate
        self.parameter = parameter
        self.protoFile = protoFile
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: fileToGenerate.append(try reader.string())
            case 0x12: parameter = try reader.string()
            case 0x7a: protoFile.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.string, fileToGenerate, field: 1)
        writer.string(parameter, field: 2)
        writer.repeated(.message(), protoFile, field: 15)
        writer.unknown(unknownFields)
    }
}

/// What a plugin answers on its standard output.
package struct CodeGeneratorResponse: ProtobufMessage {
    /// What is wrong with the files; empty if nothing is.
    package var error = ""
    /// Bits of `Feature`.
    package var supportedFeatures: UInt64 = 0
    package var file: [CodeGeneratorResponse.File] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(error: String = "", supportedFeatures: UInt64 = 0, file: [CodeGeneratorResponse.File] = []) {
        self.error = error
        self.supportedFeatures = supportedFeatures
        self.file = file
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: error = try reader.string()
            case 0x10: supportedFeatures = try reader.uint64()
            case 0x7a: file.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(error, field: 1)
        writer.uint64(supportedFeatures, field: 2)
        writer.repeated(.message(), file, field: 15)
        writer.unknown(unknownFields)
    }

    /// `protoc.CodeGeneratorResponse.Feature`.
    package enum Feature: ProtobufEnum {
        case none
        case proto3Optional
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .none
                case 1: .proto3Optional
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .none: 0
            case .proto3Optional: 1
            case .unrecognized(let number): number
            }
        }
    }

    /// `protoc.CodeGeneratorResponse.File`.
    package struct File: ProtobufMessage {
        /// Relative to the output directory.
        package var name = ""
        package var content = ""
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(name: String = "", content: String = "") {
            self.name = name
            self.content = content
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x0a: name = try reader.string()
                case 0x7a: self.content = try reader.string()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.string(name, field: 1)
            writer.string(self.content, field: 15)
            writer.unknown(unknownFields)
        }
    }
}

/// A .proto file.
package struct FileDescriptorProto: ProtobufMessage {
    package var name = ""
    package var package = ""
    package var dependency: [String] = []
    package var messageType: [DescriptorProto] = []
    package var enumType: [EnumDescriptorProto] = []
    package var service: [ServiceDescriptorProto] = []
    package var `extension`: [FieldDescriptorProto] = []
    package var options: FileOptions?
    package var sourceCodeInfo: SourceCodeInfo?
    /// Empty means `proto2`.
    package var syntax = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        name: String = "", package: String = "", dependency: [String] = [], messageType: [DescriptorProto] = [],
        enumType: [EnumDescriptorProto] = [], service: [ServiceDescriptorProto] = [],
        `extension`: [FieldDescriptorProto] = [], options: FileOptions? = nil, sourceCodeInfo: SourceCodeInfo? = nil,
        syntax: String = ""
    ) {
        self.name = name
        self.package = package
        self.dependency = dependency
        self.messageType = messageType
        self.enumType = enumType
        self.service = service
        self.`extension` = `extension`
        self.options = options
        self.sourceCodeInfo = sourceCodeInfo
        self.syntax = syntax
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x12: package = try reader.string()
            case 0x1a: dependency.append(try reader.string())
            case 0x22: messageType.append(try reader.message())
            case 0x2a: enumType.append(try reader.message())
            case 0x32: service.append(try reader.message())
            case 0x3a: `extension`.append(try reader.message())
            case 0x42: try reader.message(into: &options)
            case 0x4a: try reader.message(into: &sourceCodeInfo)
            case 0x62: syntax = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.string(package, field: 2)
        writer.repeated(.string, dependency, field: 3)
        writer.repeated(.message(), messageType, field: 4)
        writer.repeated(.message(), enumType, field: 5)
        writer.repeated(.message(), service, field: 6)
        writer.repeated(.message(), `extension`, field: 7)
        writer.message(options, field: 8)
        writer.message(sourceCodeInfo, field: 9)
        writer.string(syntax, field: 12)
        writer.unknown(unknownFields)
    }
}

/// A message.
package struct DescriptorProto: ProtobufMessage {
    package var name = ""
    package var field: [FieldDescriptorProto] = []
    package var nestedType: [DescriptorProto] = []
    package var enumType: [EnumDescriptorProto] = []
    package var `extension`: [FieldDescriptorProto] = []
    package var options: MessageOptions?
    package var oneofDecl: [OneofDescriptorProto] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        name: String = "", field: [FieldDescriptorProto] = [], nestedType: [DescriptorProto] = [],
        enumType: [EnumDescriptorProto] = [], `extension`: [FieldDescriptorProto] = [], options: MessageOptions? = nil,
        oneofDecl: [OneofDescriptorProto] = []
    ) {
        self.name = name
        self.field = field
        self.nestedType = nestedType
        self.enumType = enumType
        self.`extension` = `extension`
        self.options = options
        self.oneofDecl = oneofDecl
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x12: field.append(try reader.message())
            case 0x1a: nestedType.append(try reader.message())
            case 0x22: enumType.append(try reader.message())
            case 0x32: `extension`.append(try reader.message())
            case 0x3a: try reader.message(into: &options)
            case 0x42: oneofDecl.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.repeated(.message(), field, field: 2)
        writer.repeated(.message(), nestedType, field: 3)
        writer.repeated(.message(), enumType, field: 4)
        writer.repeated(.message(), `extension`, field: 6)
        writer.message(options, field: 7)
        writer.repeated(.message(), oneofDecl, field: 8)
        writer.unknown(unknownFields)
    }
}

/// `protoc.FieldDescriptorProto`.
package struct FieldDescriptorProto: ProtobufMessage {
    package var name = ""
    package var number: Int32 = 0
    package var label: FieldDescriptorProto.Label = .unknown
    package var type: FieldDescriptorProto.TypeEnum = .unknown
    /// Of a message or an enum: `.package.Outer.Inner`.
    package var typeName = ""
    package var options: FieldOptions?
    /// Which of the message's oneofs the field is part of.
    package var oneofIndex: Int32?
    /// The field is `optional`; its oneof has no other field, and is not in the file.
    package var proto3Optional = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        name: String = "", number: Int32 = 0, label: FieldDescriptorProto.Label = .unknown,
        type: FieldDescriptorProto.TypeEnum = .unknown, typeName: String = "", options: FieldOptions? = nil,
        oneofIndex: Int32? = nil, proto3Optional: Bool = false
    ) {
        self.name = name
        self.number = number
        self.label = label
        self.type = type
        self.typeName = typeName
        self.options = options
        self.oneofIndex = oneofIndex
        self.proto3Optional = proto3Optional
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x18: number = try reader.int32()
            case 0x20: label = try reader.enumeration()
            case 0x28: type = try reader.enumeration()
            case 0x32: typeName = try reader.string()
            case 0x42: try reader.message(into: &options)
            case 0x48: oneofIndex = try reader.int32()
            case 0x88: proto3Optional = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.int32(number, field: 3)
        writer.enumeration(label, field: 4)
        writer.enumeration(type, field: 5)
        writer.string(typeName, field: 6)
        writer.message(options, field: 8)
        if let oneofIndex { writer.value(.int32, oneofIndex, field: 9) }
        writer.bool(proto3Optional, field: 17)
        writer.unknown(unknownFields)
    }

    /// `protoc.FieldDescriptorProto.Label`.
    package enum Label: ProtobufEnum {
        case unknown
        case optional
        case required
        case repeated
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .unknown
                case 1: .optional
                case 2: .required
                case 3: .repeated
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .unknown: 0
            case .optional: 1
            case .required: 2
            case .repeated: 3
            case .unrecognized(let number): number
            }
        }
    }

    /// `protoc.FieldDescriptorProto.Type`.
    package enum TypeEnum: ProtobufEnum {
        case unknown
        case double
        case float
        case int64
        case uint64
        case int32
        case fixed64
        case fixed32
        case bool
        case string
        case group
        case message
        case bytes
        case uint32
        case `enum`
        case sfixed32
        case sfixed64
        case sint32
        case sint64
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .unknown
                case 1: .double
                case 2: .float
                case 3: .int64
                case 4: .uint64
                case 5: .int32
                case 6: .fixed64
                case 7: .fixed32
                case 8: .bool
                case 9: .string
                case 10: .group
                case 11: .message
                case 12: .bytes
                case 13: .uint32
                case 14: .`enum`
                case 15: .sfixed32
                case 16: .sfixed64
                case 17: .sint32
                case 18: .sint64
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .unknown: 0
            case .double: 1
            case .float: 2
            case .int64: 3
            case .uint64: 4
            case .int32: 5
            case .fixed64: 6
            case .fixed32: 7
            case .bool: 8
            case .string: 9
            case .group: 10
            case .message: 11
            case .bytes: 12
            case .uint32: 13
            case .`enum`: 14
            case .sfixed32: 15
            case .sfixed64: 16
            case .sint32: 17
            case .sint64: 18
            case .unrecognized(let number): number
            }
        }
    }
}

/// `protoc.OneofDescriptorProto`.
package struct OneofDescriptorProto: ProtobufMessage {
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

/// `protoc.EnumDescriptorProto`.
package struct EnumDescriptorProto: ProtobufMessage {
    package var name = ""
    package var value: [EnumValueDescriptorProto] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "", value: [EnumValueDescriptorProto] = []) {
        self.name = name
        self.value = value
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x12: value.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.repeated(.message(), value, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `protoc.EnumValueDescriptorProto`.
package struct EnumValueDescriptorProto: ProtobufMessage {
    package var name = ""
    /// Always there, be it 0; in a table for reflection as well.
    package var number: Int32?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "", number: Int32? = nil) {
        self.name = name
        self.number = number
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x10: number = try reader.int32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        if let number { writer.value(.int32, number, field: 2) }
        writer.unknown(unknownFields)
    }
}

/// `protoc.ServiceDescriptorProto`.
package struct ServiceDescriptorProto: ProtobufMessage {
    package var name = ""
    package var method: [MethodDescriptorProto] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "", method: [MethodDescriptorProto] = []) {
        self.name = name
        self.method = method
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x12: method.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.repeated(.message(), method, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `protoc.MethodDescriptorProto`.
package struct MethodDescriptorProto: ProtobufMessage {
    package var name = ""
    package var inputType = ""
    package var outputType = ""
    package var clientStreaming = false
    package var serverStreaming = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        name: String = "", inputType: String = "", outputType: String = "", clientStreaming: Bool = false,
        serverStreaming: Bool = false
    ) {
        self.name = name
        self.inputType = inputType
        self.outputType = outputType
        self.clientStreaming = clientStreaming
        self.serverStreaming = serverStreaming
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x12: inputType = try reader.string()
            case 0x1a: outputType = try reader.string()
            case 0x28: clientStreaming = try reader.bool()
            case 0x30: serverStreaming = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.string(inputType, field: 2)
        writer.string(outputType, field: 3)
        writer.bool(clientStreaming, field: 5)
        writer.bool(serverStreaming, field: 6)
        writer.unknown(unknownFields)
    }
}

/// `protoc.FileOptions`.
package struct FileOptions: ProtobufMessage {
    /// Stands in front of the name of every type of the file.
    package var swiftPrefix = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(swiftPrefix: String = "") {
        self.swiftPrefix = swiftPrefix
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x13a: swiftPrefix = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(swiftPrefix, field: 39)
        writer.unknown(unknownFields)
    }
}

/// `protoc.MessageOptions`.
package struct MessageOptions: ProtobufMessage {
    /// The message is what a map field has for its entries.
    package var mapEntry = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(mapEntry: Bool = false) {
        self.mapEntry = mapEntry
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x38: mapEntry = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.bool(mapEntry, field: 7)
        writer.unknown(unknownFields)
    }
}

/// `protoc.FieldOptions`.
package struct FieldOptions: ProtobufMessage {
    package var packed: Bool?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(packed: Bool? = nil) {
        self.packed = packed
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x10: packed = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if let packed { writer.value(.bool, packed, field: 2) }
        writer.unknown(unknownFields)
    }
}

/// Where the parts of a file are in its text, and the comments on them.
package struct SourceCodeInfo: ProtobufMessage {
    package var location: [SourceCodeInfo.Location] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(location: [SourceCodeInfo.Location] = []) {
        self.location = location
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: location.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), location, field: 1)
        writer.unknown(unknownFields)
    }

    /// `protoc.SourceCodeInfo.Location`.
    package struct Location: ProtobufMessage {
        /// From the file to the part: numbers of fields, and places in them.
        package var path: [Int32] = []
        package var leadingComments = ""
        package var trailingComments = ""
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(path: [Int32] = [], leadingComments: String = "", trailingComments: String = "") {
            self.path = path
            self.leadingComments = leadingComments
            self.trailingComments = trailingComments
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x08: path.append(try reader.int32())
                case 0x0a: try reader.packed(.int32, into: &path)
                case 0x1a: leadingComments = try reader.string()
                case 0x22: trailingComments = try reader.string()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.packed(.int32, path, field: 1)
            writer.string(leadingComments, field: 3)
            writer.string(trailingComments, field: 4)
            writer.unknown(unknownFields)
        }
    }
}
