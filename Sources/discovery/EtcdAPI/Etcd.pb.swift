// Written by protoc-gen-sample from etcd/rpc.proto: change that, then run `make proto`.

package import Protobuf

/// `etcdserverpb.ResponseHeader`.
package struct ResponseHeader: ProtobufMessage {
    package var clusterId: UInt64 = 0
    package var memberId: UInt64 = 0
    /// Of the store, when the request was served.
    package var revision: Int64 = 0
    package var raftTerm: UInt64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(clusterId: UInt64 = 0, memberId: UInt64 = 0, revision: Int64 = 0, raftTerm: UInt64 = 0) {
        self.clusterId = clusterId
        self.memberId = memberId
        self.revision = revision
        self.raftTerm = raftTerm
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: clusterId = try reader.uint64()
            case 0x10: memberId = try reader.uint64()
            case 0x18: revision = try reader.int64()
            case 0x20: raftTerm = try reader.uint64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.uint64(clusterId, field: 1)
        writer.uint64(memberId, field: 2)
        writer.int64(revision, field: 3)
        writer.uint64(raftTerm, field: 4)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.RangeRequest`.
package struct RangeRequest: ProtobufMessage {
    package var key: [UInt8] = []
    /// Every key from `key` to before this one; empty for `key` alone.
    package var rangeEnd: [UInt8] = []
    /// 0 for all.
    package var limit: Int64 = 0
    /// As the store was then; 0 for now.
    package var revision: Int64 = 0
    /// May be served by one member alone, and so be old.
    package var serializable = false
    package var keysOnly = false
    package var countOnly = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        key: [UInt8] = [], rangeEnd: [UInt8] = [], limit: Int64 = 0, revision: Int64 = 0, serializable: Bool = false,
        keysOnly: Bool = false, countOnly: Bool = false
    ) {
        self.key = key
        self.rangeEnd = rangeEnd
        self.limit = limit
        self.revision = revision
        self.serializable = serializable
        self.keysOnly = keysOnly
        self.countOnly = countOnly
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: key = try reader.data()
            case 0x12: rangeEnd = try reader.data()
            case 0x18: limit = try reader.int64()
            case 0x20: revision = try reader.int64()
            case 0x38: serializable = try reader.bool()
            case 0x40: keysOnly = try reader.bool()
            case 0x48: countOnly = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.data(key, field: 1)
        writer.data(rangeEnd, field: 2)
        writer.int64(limit, field: 3)
        writer.int64(revision, field: 4)
        writer.bool(serializable, field: 7)
        writer.bool(keysOnly, field: 8)
        writer.bool(countOnly, field: 9)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.RangeResponse`.
package struct RangeResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var kvs: [KeyValue] = []
    /// There are more than the limit.
    package var more = false
    package var count: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(header: ResponseHeader? = nil, kvs: [KeyValue] = [], more: Bool = false, count: Int64 = 0) {
        self.header = header
        self.kvs = kvs
        self.more = more
        self.count = count
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x12: kvs.append(try reader.message())
            case 0x18: more = try reader.bool()
            case 0x20: count = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.repeated(.message(), kvs, field: 2)
        writer.bool(more, field: 3)
        writer.int64(count, field: 4)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.PutRequest`.
package struct PutRequest: ProtobufMessage {
    package var key: [UInt8] = []
    package var value: [UInt8] = []
    package var lease: Int64 = 0
    package var prevKv = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(key: [UInt8] = [], value: [UInt8] = [], lease: Int64 = 0, prevKv: Bool = false) {
        self.key = key
        self.value = value
        self.lease = lease
        self.prevKv = prevKv
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: key = try reader.data()
            case 0x12: value = try reader.data()
            case 0x18: lease = try reader.int64()
            case 0x20: prevKv = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.data(key, field: 1)
        writer.data(value, field: 2)
        writer.int64(lease, field: 3)
        writer.bool(prevKv, field: 4)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.PutResponse`.
package struct PutResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var prevKv: KeyValue?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(header: ResponseHeader? = nil, prevKv: KeyValue? = nil) {
        self.header = header
        self.prevKv = prevKv
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x12: try reader.message(into: &prevKv)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.message(prevKv, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.DeleteRangeRequest`.
package struct DeleteRangeRequest: ProtobufMessage {
    package var key: [UInt8] = []
    /// As in RangeRequest.
    package var rangeEnd: [UInt8] = []
    package var prevKv = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(key: [UInt8] = [], rangeEnd: [UInt8] = [], prevKv: Bool = false) {
        self.key = key
        self.rangeEnd = rangeEnd
        self.prevKv = prevKv
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: key = try reader.data()
            case 0x12: rangeEnd = try reader.data()
            case 0x18: prevKv = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.data(key, field: 1)
        writer.data(rangeEnd, field: 2)
        writer.bool(prevKv, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.DeleteRangeResponse`.
package struct DeleteRangeResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var deleted: Int64 = 0
    package var prevKvs: [KeyValue] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(header: ResponseHeader? = nil, deleted: Int64 = 0, prevKvs: [KeyValue] = []) {
        self.header = header
        self.deleted = deleted
        self.prevKvs = prevKvs
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x10: deleted = try reader.int64()
            case 0x1a: prevKvs.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.int64(deleted, field: 2)
        writer.repeated(.message(), prevKvs, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.RequestOp`.
package struct RequestOp: ProtobufMessage {
    package var request: Request?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(request: Request? = nil) {
        self.request = request
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a:
                var content = RangeRequest()
                if case .requestRange(let old)? = request {
                    content = old
                    request = nil
                }
                try reader.message(into: &content)
                request = .requestRange(content)
            case 0x12:
                var content = PutRequest()
                if case .requestPut(let old)? = request {
                    content = old
                    request = nil
                }
                try reader.message(into: &content)
                request = .requestPut(content)
            case 0x1a:
                var content = DeleteRangeRequest()
                if case .requestDeleteRange(let old)? = request {
                    content = old
                    request = nil
                }
                try reader.message(into: &content)
                request = .requestDeleteRange(content)
            case 0x22:
                var content = TxnRequest()
                if case .requestTxn(let old)? = request {
                    content = old
                    request = nil
                }
                try reader.message(into: &content)
                request = .requestTxn(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if case .requestRange(let value)? = request { writer.value(.message(), value, field: 1) }
        if case .requestPut(let value)? = request { writer.value(.message(), value, field: 2) }
        if case .requestDeleteRange(let value)? = request { writer.value(.message(), value, field: 3) }
        if case .requestTxn(let value)? = request { writer.value(.message(), value, field: 4) }
        writer.unknown(unknownFields)
    }

    /// Which of them `request` is.
    package enum Request: Hashable, Sendable {
        case requestRange(RangeRequest)
        case requestPut(PutRequest)
        case requestDeleteRange(DeleteRangeRequest)
        case requestTxn(TxnRequest)
    }
}

/// `etcdserverpb.ResponseOp`.
package struct ResponseOp: ProtobufMessage {
    package var response: Response?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(response: Response? = nil) {
        self.response = response
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a:
                var content = RangeResponse()
                if case .responseRange(let old)? = response {
                    content = old
                    response = nil
                }
                try reader.message(into: &content)
                response = .responseRange(content)
            case 0x12:
                var content = PutResponse()
                if case .responsePut(let old)? = response {
                    content = old
                    response = nil
                }
                try reader.message(into: &content)
                response = .responsePut(content)
            case 0x1a:
                var content = DeleteRangeResponse()
                if case .responseDeleteRange(let old)? = response {
                    content = old
                    response = nil
                }
                try reader.message(into: &content)
                response = .responseDeleteRange(content)
            case 0x22:
                var content = TxnResponse()
                if case .responseTxn(let old)? = response {
                    content = old
                    response = nil
                }
                try reader.message(into: &content)
                response = .responseTxn(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if case .responseRange(let value)? = response { writer.value(.message(), value, field: 1) }
        if case .responsePut(let value)? = response { writer.value(.message(), value, field: 2) }
        if case .responseDeleteRange(let value)? = response { writer.value(.message(), value, field: 3) }
        if case .responseTxn(let value)? = response { writer.value(.message(), value, field: 4) }
        writer.unknown(unknownFields)
    }

    /// Which of them `response` is.
    package enum Response: Hashable, Sendable {
        case responseRange(RangeResponse)
        case responsePut(PutResponse)
        case responseDeleteRange(DeleteRangeResponse)
        case responseTxn(TxnResponse)
    }
}

/// `etcdserverpb.Compare`.
package struct Compare: ProtobufMessage {
    package var result: Compare.CompareResult = .equal
    package var target: Compare.CompareTarget = .version
    package var key: [UInt8] = []
    package var targetUnion: TargetUnion?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        result: Compare.CompareResult = .equal, target: Compare.CompareTarget = .version, key: [UInt8] = [],
        targetUnion: TargetUnion? = nil
    ) {
        self.result = result
        self.target = target
        self.key = key
        self.targetUnion = targetUnion
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: result = try reader.enumeration()
            case 0x10: target = try reader.enumeration()
            case 0x1a: key = try reader.data()
            case 0x20: targetUnion = .version(try reader.int64())
            case 0x28: targetUnion = .createRevision(try reader.int64())
            case 0x30: targetUnion = .modRevision(try reader.int64())
            case 0x3a: targetUnion = .value(try reader.data())
            case 0x40: targetUnion = .lease(try reader.int64())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.enumeration(result, field: 1)
        writer.enumeration(target, field: 2)
        writer.data(key, field: 3)
        if case .version(let value)? = targetUnion { writer.value(.int64, value, field: 4) }
        if case .createRevision(let value)? = targetUnion { writer.value(.int64, value, field: 5) }
        if case .modRevision(let value)? = targetUnion { writer.value(.int64, value, field: 6) }
        if case .value(let value)? = targetUnion { writer.value(.data, value, field: 7) }
        if case .lease(let value)? = targetUnion { writer.value(.int64, value, field: 8) }
        writer.unknown(unknownFields)
    }

    /// Which of them `targetUnion` is.
    package enum TargetUnion: Hashable, Sendable {
        case version(Int64)
        /// 0 for a key that is not there.
        case createRevision(Int64)
        case modRevision(Int64)
        case value([UInt8])
        case lease(Int64)
    }

    /// `etcdserverpb.Compare.CompareResult`.
    package enum CompareResult: ProtobufEnum {
        case equal
        case greater
        case less
        case notEqual
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .equal
                case 1: .greater
                case 2: .less
                case 3: .notEqual
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .equal: 0
            case .greater: 1
            case .less: 2
            case .notEqual: 3
            case .unrecognized(let number): number
            }
        }
    }

    /// `etcdserverpb.Compare.CompareTarget`.
    package enum CompareTarget: ProtobufEnum {
        case version
        case create
        case mod
        case value
        case lease
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .version
                case 1: .create
                case 2: .mod
                case 3: .value
                case 4: .lease
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .version: 0
            case .create: 1
            case .mod: 2
            case .value: 3
            case .lease: 4
            case .unrecognized(let number): number
            }
        }
    }
}

/// `etcdserverpb.TxnRequest`.
package struct TxnRequest: ProtobufMessage {
    /// All must hold.
    package var compare: [Compare] = []
    package var success: [RequestOp] = []
    package var failure: [RequestOp] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(compare: [Compare] = [], success: [RequestOp] = [], failure: [RequestOp] = []) {
        self.compare = compare
        self.success = success
        self.failure = failure
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: compare.append(try reader.message())
            case 0x12: success.append(try reader.message())
            case 0x1a: failure.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), compare, field: 1)
        writer.repeated(.message(), success, field: 2)
        writer.repeated(.message(), failure, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.TxnResponse`.
package struct TxnResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var succeeded = false
    package var responses: [ResponseOp] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(header: ResponseHeader? = nil, succeeded: Bool = false, responses: [ResponseOp] = []) {
        self.header = header
        self.succeeded = succeeded
        self.responses = responses
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x10: succeeded = try reader.bool()
            case 0x1a: responses.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.bool(succeeded, field: 2)
        writer.repeated(.message(), responses, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.WatchRequest`.
package struct WatchRequest: ProtobufMessage {
    package var requestUnion: RequestUnion?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(requestUnion: RequestUnion? = nil) {
        self.requestUnion = requestUnion
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a:
                var content = WatchCreateRequest()
                if case .createRequest(let old)? = requestUnion {
                    content = old
                    requestUnion = nil
                }
                try reader.message(into: &content)
                requestUnion = .createRequest(content)
            case 0x12:
                var content = WatchCancelRequest()
                if case .cancelRequest(let old)? = requestUnion {
                    content = old
                    requestUnion = nil
                }
                try reader.message(into: &content)
                requestUnion = .cancelRequest(content)
            case 0x1a:
                var content = WatchProgressRequest()
                if case .progressRequest(let old)? = requestUnion {
                    content = old
                    requestUnion = nil
                }
                try reader.message(into: &content)
                requestUnion = .progressRequest(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if case .createRequest(let value)? = requestUnion { writer.value(.message(), value, field: 1) }
        if case .cancelRequest(let value)? = requestUnion { writer.value(.message(), value, field: 2) }
        if case .progressRequest(let value)? = requestUnion { writer.value(.message(), value, field: 3) }
        writer.unknown(unknownFields)
    }

    /// Which of them `requestUnion` is.
    package enum RequestUnion: Hashable, Sendable {
        case createRequest(WatchCreateRequest)
        case cancelRequest(WatchCancelRequest)
        case progressRequest(WatchProgressRequest)
    }
}

/// `etcdserverpb.WatchCreateRequest`.
package struct WatchCreateRequest: ProtobufMessage {
    package var key: [UInt8] = []
    /// As in RangeRequest.
    package var rangeEnd: [UInt8] = []
    /// The first revision that is of interest; 0 for what comes from now on.
    package var startRevision: Int64 = 0
    /// A response without events now and then, so that the revision is known.
    package var progressNotify = false
    package var filters: [WatchCreateRequest.FilterType] = []
    package var prevKv = false
    /// 0: the server chooses.
    package var watchId: Int64 = 0
    /// Large responses may come in parts.
    package var fragment = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        key: [UInt8] = [], rangeEnd: [UInt8] = [], startRevision: Int64 = 0, progressNotify: Bool = false,
        filters: [WatchCreateRequest.FilterType] = [], prevKv: Bool = false, watchId: Int64 = 0, fragment: Bool = false
    ) {
        self.key = key
        self.rangeEnd = rangeEnd
        self.startRevision = startRevision
        self.progressNotify = progressNotify
        self.filters = filters
        self.prevKv = prevKv
        self.watchId = watchId
        self.fragment = fragment
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: key = try reader.data()
            case 0x12: rangeEnd = try reader.data()
            case 0x18: startRevision = try reader.int64()
            case 0x20: progressNotify = try reader.bool()
            case 0x28: filters.append(try reader.enumeration())
            case 0x2a: try reader.packed(.enumeration(), into: &filters)
            case 0x30: prevKv = try reader.bool()
            case 0x38: watchId = try reader.int64()
            case 0x40: fragment = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.data(key, field: 1)
        writer.data(rangeEnd, field: 2)
        writer.int64(startRevision, field: 3)
        writer.bool(progressNotify, field: 4)
        writer.packed(.enumeration(), filters, field: 5)
        writer.bool(prevKv, field: 6)
        writer.int64(watchId, field: 7)
        writer.bool(fragment, field: 8)
        writer.unknown(unknownFields)
    }

    /// `etcdserverpb.WatchCreateRequest.FilterType`.
    package enum FilterType: ProtobufEnum {
        case noput
        case nodelete
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .noput
                case 1: .nodelete
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .noput: 0
            case .nodelete: 1
            case .unrecognized(let number): number
            }
        }
    }
}

/// `etcdserverpb.WatchCancelRequest`.
package struct WatchCancelRequest: ProtobufMessage {
    package var watchId: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(watchId: Int64 = 0) {
        self.watchId = watchId
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: watchId = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(watchId, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.WatchProgressRequest`.
package struct WatchProgressRequest: ProtobufMessage {
    package var unknownFields: [UInt8] = []

    package init() {}

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while try reader.nextTag() != nil { try reader.keep(in: &unknownFields) }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.WatchResponse`.
package struct WatchResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var watchId: Int64 = 0
    /// The answer to a create_request.
    package var created = false
    /// The last response of this watch.
    package var canceled = false
    /// Not 0: what the watch wanted to begin with is compacted, and this is the first revision that there is.
    package var compactRevision: Int64 = 0
    package var cancelReason = ""
    /// More parts of this response follow.
    package var fragment = false
    package var events: [Event] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        header: ResponseHeader? = nil, watchId: Int64 = 0, created: Bool = false, canceled: Bool = false,
        compactRevision: Int64 = 0, cancelReason: String = "", fragment: Bool = false, events: [Event] = []
    ) {
        self.header = header
        self.watchId = watchId
        self.created = created
        self.canceled = canceled
        self.compactRevision = compactRevision
        self.cancelReason = cancelReason
        self.fragment = fragment
        self.events = events
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x10: watchId = try reader.int64()
            case 0x18: created = try reader.bool()
            case 0x20: canceled = try reader.bool()
            case 0x28: compactRevision = try reader.int64()
            case 0x32: cancelReason = try reader.string()
            case 0x38: fragment = try reader.bool()
            case 0x5a: events.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.int64(watchId, field: 2)
        writer.bool(created, field: 3)
        writer.bool(canceled, field: 4)
        writer.int64(compactRevision, field: 5)
        writer.string(cancelReason, field: 6)
        writer.bool(fragment, field: 7)
        writer.repeated(.message(), events, field: 11)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseGrantRequest`.
package struct LeaseGrantRequest: ProtobufMessage {
    /// Seconds.
    package var ttl: Int64 = 0
    /// 0: the server chooses.
    package var id: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(ttl: Int64 = 0, id: Int64 = 0) {
        self.ttl = ttl
        self.id = id
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: ttl = try reader.int64()
            case 0x10: id = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(ttl, field: 1)
        writer.int64(id, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseGrantResponse`.
package struct LeaseGrantResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var id: Int64 = 0
    /// Seconds; the server's choice.
    package var ttl: Int64 = 0
    package var error = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(header: ResponseHeader? = nil, id: Int64 = 0, ttl: Int64 = 0, error: String = "") {
        self.header = header
        self.id = id
        self.ttl = ttl
        self.error = error
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x10: id = try reader.int64()
            case 0x18: ttl = try reader.int64()
            case 0x22: error = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.int64(id, field: 2)
        writer.int64(ttl, field: 3)
        writer.string(error, field: 4)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseRevokeRequest`.
package struct LeaseRevokeRequest: ProtobufMessage {
    package var id: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(id: Int64 = 0) {
        self.id = id
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: id = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(id, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseRevokeResponse`.
package struct LeaseRevokeResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(header: ResponseHeader? = nil) {
        self.header = header
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseKeepAliveRequest`.
package struct LeaseKeepAliveRequest: ProtobufMessage {
    package var id: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(id: Int64 = 0) {
        self.id = id
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: id = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(id, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseKeepAliveResponse`.
package struct LeaseKeepAliveResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var id: Int64 = 0
    /// Seconds; 0 for a lease that has run out.
    package var ttl: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(header: ResponseHeader? = nil, id: Int64 = 0, ttl: Int64 = 0) {
        self.header = header
        self.id = id
        self.ttl = ttl
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x10: id = try reader.int64()
            case 0x18: ttl = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.int64(id, field: 2)
        writer.int64(ttl, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseTimeToLiveRequest`.
package struct LeaseTimeToLiveRequest: ProtobufMessage {
    package var id: Int64 = 0
    /// The response is to have the lease's keys.
    package var keys = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(id: Int64 = 0, keys: Bool = false) {
        self.id = id
        self.keys = keys
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: id = try reader.int64()
            case 0x10: keys = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(id, field: 1)
        writer.bool(keys, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `etcdserverpb.LeaseTimeToLiveResponse`.
package struct LeaseTimeToLiveResponse: ProtobufMessage {
    package var header: ResponseHeader?
    package var id: Int64 = 0
    /// Seconds that are left; -1 for a lease that has run out.
    package var ttl: Int64 = 0
    package var grantedTTL: Int64 = 0
    package var keys: [[UInt8]] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        header: ResponseHeader? = nil, id: Int64 = 0, ttl: Int64 = 0, grantedTTL: Int64 = 0, keys: [[UInt8]] = []
    ) {
        self.header = header
        self.id = id
        self.ttl = ttl
        self.grantedTTL = grantedTTL
        self.keys = keys
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &header)
            case 0x10: id = try reader.int64()
            case 0x18: ttl = try reader.int64()
            case 0x20: grantedTTL = try reader.int64()
            case 0x2a: keys.append(try reader.data())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(header, field: 1)
        writer.int64(id, field: 2)
        writer.int64(ttl, field: 3)
        writer.int64(grantedTTL, field: 4)
        writer.repeated(.data, keys, field: 5)
        writer.unknown(unknownFields)
    }
}
