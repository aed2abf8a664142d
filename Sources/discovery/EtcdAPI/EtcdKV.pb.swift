// Written by protoc-gen-sample from etcd/kv.proto: change that, then run `make proto`.

package import Protobuf

/// `mvccpb.KeyValue`.
package struct KeyValue: ProtobufMessage {
    package var key: [UInt8] = []
    /// Of the store, when the key was created.
    package var createRevision: Int64 = 0
    /// Of the store, when the key was last changed.
    package var modRevision: Int64 = 0
    /// How often the key was changed since it was created.
    package var version: Int64 = 0
    package var value: [UInt8] = []
    /// What the key lives as long as; 0 for none.
    package var lease: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        key: [UInt8] = [], createRevision: Int64 = 0, modRevision: Int64 = 0, version: Int64 = 0, value: [UInt8] = [],
        lease: Int64 = 0
    ) {
        self.key = key
        self.createRevision = createRevision
        self.modRevision = modRevision
        self.version = version
        self.value = value
        self.lease = lease
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: key = try reader.data()
            case 0x10: createRevision = try reader.int64()
            case 0x18: modRevision = try reader.int64()
            case 0x20: version = try reader.int64()
            case 0x2a: value = try reader.data()
            case 0x30: lease = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.data(key, field: 1)
        writer.int64(createRevision, field: 2)
        writer.int64(modRevision, field: 3)
        writer.int64(version, field: 4)
        writer.data(value, field: 5)
        writer.int64(lease, field: 6)
        writer.unknown(unknownFields)
    }
}

/// `mvccpb.Event`.
package struct Event: ProtobufMessage {
    package var type: Event.EventType = .put
    /// With DELETE only its key and mod_revision are set.
    package var kv: KeyValue?
    /// What was there before, if the watch asked for it.
    package var prevKv: KeyValue?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(type: Event.EventType = .put, kv: KeyValue? = nil, prevKv: KeyValue? = nil) {
        self.type = type
        self.kv = kv
        self.prevKv = prevKv
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: type = try reader.enumeration()
            case 0x12: try reader.message(into: &kv)
            case 0x1a: try reader.message(into: &prevKv)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.enumeration(type, field: 1)
        writer.message(kv, field: 2)
        writer.message(prevKv, field: 3)
        writer.unknown(unknownFields)
    }

    /// `mvccpb.Event.EventType`.
    package enum EventType: ProtobufEnum {
        case put
        case delete
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .put
                case 1: .delete
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .put: 0
            case .delete: 1
            case .unrecognized(let number): number
            }
        }
    }
}
