// Written by protoc-gen-sample from grpc/channelz/v1/channelz.proto: change that, then run `make proto`.

package import Protobuf

/// A channel has channels and subchannels, or it has sockets.
package struct ChannelMessage: ProtobufMessage {
    package var ref: ChannelRef?
    package var data: ChannelData?
    package var channelRef: [ChannelRef] = []
    package var subchannelRef: [SubchannelRef] = []
    package var socketRef: [SocketRef] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        ref: ChannelRef? = nil, data: ChannelData? = nil, channelRef: [ChannelRef] = [],
        subchannelRef: [SubchannelRef] = [], socketRef: [SocketRef] = []
    ) {
        self.ref = ref
        self.data = data
        self.channelRef = channelRef
        self.subchannelRef = subchannelRef
        self.socketRef = socketRef
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &ref)
            case 0x12: try reader.message(into: &data)
            case 0x1a: channelRef.append(try reader.message())
            case 0x22: subchannelRef.append(try reader.message())
            case 0x2a: socketRef.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(ref, field: 1)
        writer.message(data, field: 2)
        writer.repeated(.message(), channelRef, field: 3)
        writer.repeated(.message(), subchannelRef, field: 4)
        writer.repeated(.message(), socketRef, field: 5)
        writer.unknown(unknownFields)
    }
}

/// A part of a channel that calls are balanced over.
package struct Subchannel: ProtobufMessage {
    package var ref: SubchannelRef?
    package var data: ChannelData?
    package var channelRef: [ChannelRef] = []
    package var subchannelRef: [SubchannelRef] = []
    package var socketRef: [SocketRef] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        ref: SubchannelRef? = nil, data: ChannelData? = nil, channelRef: [ChannelRef] = [],
        subchannelRef: [SubchannelRef] = [], socketRef: [SocketRef] = []
    ) {
        self.ref = ref
        self.data = data
        self.channelRef = channelRef
        self.subchannelRef = subchannelRef
        self.socketRef = socketRef
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &ref)
            case 0x12: try reader.message(into: &data)
            case 0x1a: channelRef.append(try reader.message())
            case 0x22: subchannelRef.append(try reader.message())
            case 0x2a: socketRef.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(ref, field: 1)
        writer.message(data, field: 2)
        writer.repeated(.message(), channelRef, field: 3)
        writer.repeated(.message(), subchannelRef, field: 4)
        writer.repeated(.message(), socketRef, field: 5)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.ChannelConnectivityState`.
package struct ChannelConnectivityState: ProtobufMessage {
    package var state: ChannelConnectivityState.State = .unknown
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(state: ChannelConnectivityState.State = .unknown) {
        self.state = state
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: state = try reader.enumeration()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.enumeration(state, field: 1)
        writer.unknown(unknownFields)
    }

    /// `grpc.channelz.v1.ChannelConnectivityState.State`.
    package enum State: ProtobufEnum {
        case unknown
        case idle
        case connecting
        case ready
        case transientFailure
        case shutdown
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .unknown
                case 1: .idle
                case 2: .connecting
                case 3: .ready
                case 4: .transientFailure
                case 5: .shutdown
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .unknown: 0
            case .idle: 1
            case .connecting: 2
            case .ready: 3
            case .transientFailure: 4
            case .shutdown: 5
            case .unrecognized(let number): number
            }
        }
    }
}

/// Of a channel, or of a subchannel.
package struct ChannelData: ProtobufMessage {
    package var state: ChannelConnectivityState?
    package var target = ""
    package var trace: ChannelTrace?
    package var callsStarted: Int64 = 0
    /// With OK.
    package var callsSucceeded: Int64 = 0
    /// With any other status.
    package var callsFailed: Int64 = 0
    package var lastCallStartedTimestamp: ProtoTimestamp?
    /// 0 where nothing is said of it.
    package var maxConnectionsPerSubchannel: UInt32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        state: ChannelConnectivityState? = nil, target: String = "", trace: ChannelTrace? = nil,
        callsStarted: Int64 = 0, callsSucceeded: Int64 = 0, callsFailed: Int64 = 0,
        lastCallStartedTimestamp: ProtoTimestamp? = nil, maxConnectionsPerSubchannel: UInt32 = 0
    ) {
        self.state = state
        self.target = target
        self.trace = trace
        self.callsStarted = callsStarted
        self.callsSucceeded = callsSucceeded
        self.callsFailed = callsFailed
        self.lastCallStartedTimestamp = lastCallStartedTimestamp
        self.maxConnectionsPerSubchannel = maxConnectionsPerSubchannel
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &state)
            case 0x12: target = try reader.string()
            case 0x1a: try reader.message(into: &trace)
            case 0x20: callsStarted = try reader.int64()
            case 0x28: callsSucceeded = try reader.int64()
            case 0x30: callsFailed = try reader.int64()
            case 0x3a: try reader.message(into: &lastCallStartedTimestamp)
            case 0x40: maxConnectionsPerSubchannel = try reader.uint32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(state, field: 1)
        writer.string(target, field: 2)
        writer.message(trace, field: 3)
        writer.int64(callsStarted, field: 4)
        writer.int64(callsSucceeded, field: 5)
        writer.int64(callsFailed, field: 6)
        writer.message(lastCallStartedTimestamp, field: 7)
        writer.uint32(maxConnectionsPerSubchannel, field: 8)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.ChannelTraceEvent`.
package struct ChannelTraceEvent: ProtobufMessage {
    /// For people.
    package var description = ""
    package var severity: ChannelTraceEvent.Severity = .ctUnknown
    package var timestamp: ProtoTimestamp?
    /// Whom of the channel's children it is about.
    package var childRef: ChildRef?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        description: String = "", severity: ChannelTraceEvent.Severity = .ctUnknown, timestamp: ProtoTimestamp? = nil,
        childRef: ChildRef? = nil
    ) {
        self.description = description
        self.severity = severity
        self.timestamp = timestamp
        self.childRef = childRef
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: description = try reader.string()
            case 0x10: severity = try reader.enumeration()
            case 0x1a: try reader.message(into: &timestamp)
            case 0x22:
                var content = ChannelRef()
                if case .channelRef(let old)? = childRef {
                    content = old
                    childRef = nil
                }
                try reader.message(into: &content)
                childRef = .channelRef(content)
            case 0x2a:
                var content = SubchannelRef()
                if case .subchannelRef(let old)? = childRef {
                    content = old
                    childRef = nil
                }
                try reader.message(into: &content)
                childRef = .subchannelRef(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(description, field: 1)
        writer.enumeration(severity, field: 2)
        writer.message(timestamp, field: 3)
        if case .channelRef(let value)? = childRef { writer.value(.message(), value, field: 4) }
        if case .subchannelRef(let value)? = childRef { writer.value(.message(), value, field: 5) }
        writer.unknown(unknownFields)
    }

    /// Which of them `childRef` is.
    package enum ChildRef: Hashable, Sendable {
        case channelRef(ChannelRef)
        case subchannelRef(SubchannelRef)
    }

    /// `grpc.channelz.v1.ChannelTraceEvent.Severity`.
    package enum Severity: ProtobufEnum {
        case ctUnknown
        case ctInfo
        case ctWarning
        case ctError
        /// A number that has no name here.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            self =
                switch rawValue {
                case 0: .ctUnknown
                case 1: .ctInfo
                case 2: .ctWarning
                case 3: .ctError
                default: .unrecognized(rawValue)
                }
        }

        package var rawValue: Int32 {
            switch self {
            case .ctUnknown: 0
            case .ctInfo: 1
            case .ctWarning: 2
            case .ctError: 3
            case .unrecognized(let number): number
            }
        }
    }
}

/// `grpc.channelz.v1.ChannelTrace`.
package struct ChannelTrace: ProtobufMessage {
    /// Those that are forgotten count, too.
    package var numEventsLogged: Int64 = 0
    /// Of the channel.
    package var creationTimestamp: ProtoTimestamp?
    package var events: [ChannelTraceEvent] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        numEventsLogged: Int64 = 0, creationTimestamp: ProtoTimestamp? = nil, events: [ChannelTraceEvent] = []
    ) {
        self.numEventsLogged = numEventsLogged
        self.creationTimestamp = creationTimestamp
        self.events = events
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: numEventsLogged = try reader.int64()
            case 0x12: try reader.message(into: &creationTimestamp)
            case 0x1a: events.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(numEventsLogged, field: 1)
        writer.message(creationTimestamp, field: 2)
        writer.repeated(.message(), events, field: 3)
        writer.unknown(unknownFields)
    }
}

/// Ids are positive, and no two things in a process have the same one. No reference uses another's field numbers.
package struct ChannelRef: ProtobufMessage {
    package var channelId: Int64 = 0
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(channelId: Int64 = 0, name: String = "") {
        self.channelId = channelId
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: channelId = try reader.int64()
            case 0x12: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(channelId, field: 1)
        writer.string(name, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.SubchannelRef`.
package struct SubchannelRef: ProtobufMessage {
    package var subchannelId: Int64 = 0
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(subchannelId: Int64 = 0, name: String = "") {
        self.subchannelId = subchannelId
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x38: subchannelId = try reader.int64()
            case 0x42: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(subchannelId, field: 7)
        writer.string(name, field: 8)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.SocketRef`.
package struct SocketRef: ProtobufMessage {
    package var socketId: Int64 = 0
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(socketId: Int64 = 0, name: String = "") {
        self.socketId = socketId
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x18: socketId = try reader.int64()
            case 0x22: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(socketId, field: 3)
        writer.string(name, field: 4)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.ServerRef`.
package struct ServerRef: ProtobufMessage {
    package var serverId: Int64 = 0
    package var name = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(serverId: Int64 = 0, name: String = "") {
        self.serverId = serverId
        self.name = name
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x28: serverId = try reader.int64()
            case 0x32: name = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(serverId, field: 5)
        writer.string(name, field: 6)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.Server`.
package struct Server: ProtobufMessage {
    package var ref: ServerRef?
    package var data: ServerData?
    /// On which it listens.
    package var listenSocket: [SocketRef] = []
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(ref: ServerRef? = nil, data: ServerData? = nil, listenSocket: [SocketRef] = []) {
        self.ref = ref
        self.data = data
        self.listenSocket = listenSocket
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &ref)
            case 0x12: try reader.message(into: &data)
            case 0x1a: listenSocket.append(try reader.message())
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(ref, field: 1)
        writer.message(data, field: 2)
        writer.repeated(.message(), listenSocket, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.ServerData`.
package struct ServerData: ProtobufMessage {
    package var trace: ChannelTrace?
    package var callsStarted: Int64 = 0
    /// With OK.
    package var callsSucceeded: Int64 = 0
    /// With any other status.
    package var callsFailed: Int64 = 0
    package var lastCallStartedTimestamp: ProtoTimestamp?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        trace: ChannelTrace? = nil, callsStarted: Int64 = 0, callsSucceeded: Int64 = 0, callsFailed: Int64 = 0,
        lastCallStartedTimestamp: ProtoTimestamp? = nil
    ) {
        self.trace = trace
        self.callsStarted = callsStarted
        self.callsSucceeded = callsSucceeded
        self.callsFailed = callsFailed
        self.lastCallStartedTimestamp = lastCallStartedTimestamp
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &trace)
            case 0x10: callsStarted = try reader.int64()
            case 0x18: callsSucceeded = try reader.int64()
            case 0x20: callsFailed = try reader.int64()
            case 0x2a: try reader.message(into: &lastCallStartedTimestamp)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(trace, field: 1)
        writer.int64(callsStarted, field: 2)
        writer.int64(callsSucceeded, field: 3)
        writer.int64(callsFailed, field: 4)
        writer.message(lastCallStartedTimestamp, field: 5)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.Socket`.
package struct Socket: ProtobufMessage {
    package var ref: SocketRef?
    package var data: SocketData?
    package var local: Address?
    /// Missing where a server listens.
    package var remote: Address?
    /// Missing in clear text.
    package var security: Security?
    /// If it is not the target's.
    package var remoteName = ""
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        ref: SocketRef? = nil, data: SocketData? = nil, local: Address? = nil, remote: Address? = nil,
        security: Security? = nil, remoteName: String = ""
    ) {
        self.ref = ref
        self.data = data
        self.local = local
        self.remote = remote
        self.security = security
        self.remoteName = remoteName
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &ref)
            case 0x12: try reader.message(into: &data)
            case 0x1a: try reader.message(into: &local)
            case 0x22: try reader.message(into: &remote)
            case 0x2a: try reader.message(into: &security)
            case 0x32: remoteName = try reader.string()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(ref, field: 1)
        writer.message(data, field: 2)
        writer.message(local, field: 3)
        writer.message(remote, field: 4)
        writer.message(security, field: 5)
        writer.string(remoteName, field: 6)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.SocketData`.
package struct SocketData: ProtobufMessage {
    package var streamsStarted: Int64 = 0
    /// The answer has come to its end: arrived at a client, left from a server.
    package var streamsSucceeded: Int64 = 0
    package var streamsFailed: Int64 = 0
    package var messagesSent: Int64 = 0
    package var messagesReceived: Int64 = 0
    package var keepAlivesSent: Int64 = 0
    /// By a client.
    package var lastLocalStreamCreatedTimestamp: ProtoTimestamp?
    /// At a server.
    package var lastRemoteStreamCreatedTimestamp: ProtoTimestamp?
    package var lastMessageSentTimestamp: ProtoTimestamp?
    package var lastMessageReceivedTimestamp: ProtoTimestamp?
    /// The connection's window, as the peer grants it to this side.
    package var localFlowControlWindow: ProtoInt64Value?
    /// As this side grants it to the peer.
    package var remoteFlowControlWindow: ProtoInt64Value?
    package var option: [SocketOption] = []
    /// HTTP/2's error code in the GOAWAY that has come, if one has.
    package var receivedGoawayError: ProtoUInt32Value?
    package var peerMaxConcurrentStreams: UInt32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        streamsStarted: Int64 = 0, streamsSucceeded: Int64 = 0, streamsFailed: Int64 = 0, messagesSent: Int64 = 0,
        messagesReceived: Int64 = 0, keepAlivesSent: Int64 = 0, lastLocalStreamCreatedTimestamp: ProtoTimestamp? = nil,
        lastRemoteStreamCreatedTimestamp: ProtoTimestamp? = nil, lastMessageSentTimestamp: ProtoTimestamp? = nil,
        lastMessageReceivedTimestamp: ProtoTimestamp? = nil, localFlowControlWindow: ProtoInt64Value? = nil,
        remoteFlowControlWindow: ProtoInt64Value? = nil, option: [SocketOption] = [],
        receivedGoawayError: ProtoUInt32Value? = nil, peerMaxConcurrentStreams: UInt32 = 0
    ) {
        self.streamsStarted = streamsStarted
        self.streamsSucceeded = streamsSucceeded
        self.streamsFailed = streamsFailed
        self.messagesSent = messagesSent
        self.messagesReceived = messagesReceived
        self.keepAlivesSent = keepAlivesSent
        self.lastLocalStreamCreatedTimestamp = lastLocalStreamCreatedTimestamp
        self.lastRemoteStreamCreatedTimestamp = lastRemoteStreamCreatedTimestamp
        self.lastMessageSentTimestamp = lastMessageSentTimestamp
        self.lastMessageReceivedTimestamp = lastMessageReceivedTimestamp
        self.localFlowControlWindow = localFlowControlWindow
        self.remoteFlowControlWindow = remoteFlowControlWindow
        self.option = option
        self.receivedGoawayError = receivedGoawayError
        self.peerMaxConcurrentStreams = peerMaxConcurrentStreams
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: streamsStarted = try reader.int64()
            case 0x10: streamsSucceeded = try reader.int64()
            case 0x18: streamsFailed = try reader.int64()
            case 0x20: messagesSent = try reader.int64()
            case 0x28: messagesReceived = try reader.int64()
            case 0x30: keepAlivesSent = try reader.int64()
            case 0x3a: try reader.message(into: &lastLocalStreamCreatedTimestamp)
            case 0x42: try reader.message(into: &lastRemoteStreamCreatedTimestamp)
            case 0x4a: try reader.message(into: &lastMessageSentTimestamp)
            case 0x52: try reader.message(into: &lastMessageReceivedTimestamp)
            case 0x5a: try reader.message(into: &localFlowControlWindow)
            case 0x62: try reader.message(into: &remoteFlowControlWindow)
            case 0x6a: option.append(try reader.message())
            case 0x72: try reader.message(into: &receivedGoawayError)
            case 0x78: peerMaxConcurrentStreams = try reader.uint32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(streamsStarted, field: 1)
        writer.int64(streamsSucceeded, field: 2)
        writer.int64(streamsFailed, field: 3)
        writer.int64(messagesSent, field: 4)
        writer.int64(messagesReceived, field: 5)
        writer.int64(keepAlivesSent, field: 6)
        writer.message(lastLocalStreamCreatedTimestamp, field: 7)
        writer.message(lastRemoteStreamCreatedTimestamp, field: 8)
        writer.message(lastMessageSentTimestamp, field: 9)
        writer.message(lastMessageReceivedTimestamp, field: 10)
        writer.message(localFlowControlWindow, field: 11)
        writer.message(remoteFlowControlWindow, field: 12)
        writer.repeated(.message(), option, field: 13)
        writer.message(receivedGoawayError, field: 14)
        writer.uint32(peerMaxConcurrentStreams, field: 15)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.Address`.
package struct Address: ProtobufMessage {
    package var address: AddressCase?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(address: AddressCase? = nil) {
        self.address = address
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a:
                var content = Address.TcpIpAddress()
                if case .tcpipAddress(let old)? = address {
                    content = old
                    address = nil
                }
                try reader.message(into: &content)
                address = .tcpipAddress(content)
            case 0x12:
                var content = Address.UdsAddress()
                if case .udsAddress(let old)? = address {
                    content = old
                    address = nil
                }
                try reader.message(into: &content)
                address = .udsAddress(content)
            case 0x1a:
                var content = Address.OtherAddress()
                if case .otherAddress(let old)? = address {
                    content = old
                    address = nil
                }
                try reader.message(into: &content)
                address = .otherAddress(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if case .tcpipAddress(let value)? = address { writer.value(.message(), value, field: 1) }
        if case .udsAddress(let value)? = address { writer.value(.message(), value, field: 2) }
        if case .otherAddress(let value)? = address { writer.value(.message(), value, field: 3) }
        writer.unknown(unknownFields)
    }

    /// Which of them `address` is.
    package enum AddressCase: Hashable, Sendable {
        case tcpipAddress(Address.TcpIpAddress)
        case udsAddress(Address.UdsAddress)
        case otherAddress(Address.OtherAddress)
    }

    /// `grpc.channelz.v1.Address.TcpIpAddress`.
    package struct TcpIpAddress: ProtobufMessage {
        /// 4 bytes or 16.
        package var ipAddress: [UInt8] = []
        /// -1 for none.
        package var port: Int32 = 0
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(ipAddress: [UInt8] = [], port: Int32 = 0) {
            self.ipAddress = ipAddress
            self.port = port
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x0a: ipAddress = try reader.data()
                case 0x10: port = try reader.int32()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.data(ipAddress, field: 1)
            writer.int32(port, field: 2)
            writer.unknown(unknownFields)
        }
    }

    /// `grpc.channelz.v1.Address.UdsAddress`.
    package struct UdsAddress: ProtobufMessage {
        package var filename = ""
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(filename: String = "") {
            self.filename = filename
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x0a: filename = try reader.string()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.string(filename, field: 1)
            writer.unknown(unknownFields)
        }
    }

    /// `grpc.channelz.v1.Address.OtherAddress`.
    package struct OtherAddress: ProtobufMessage {
        /// For people.
        package var name = ""
        package var value: ProtoAnyMessage?
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(name: String = "", value: ProtoAnyMessage? = nil) {
            self.name = name
            self.value = value
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x0a: name = try reader.string()
                case 0x12: try reader.message(into: &value)
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.string(name, field: 1)
            writer.message(value, field: 2)
            writer.unknown(unknownFields)
        }
    }
}

/// `grpc.channelz.v1.Security`.
package struct Security: ProtobufMessage {
    package var model: Model?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(model: Model? = nil) {
        self.model = model
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a:
                var content = Security.Tls()
                if case .tls(let old)? = model {
                    content = old
                    model = nil
                }
                try reader.message(into: &content)
                model = .tls(content)
            case 0x12:
                var content = Security.OtherSecurity()
                if case .other(let old)? = model {
                    content = old
                    model = nil
                }
                try reader.message(into: &content)
                model = .other(content)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        if case .tls(let value)? = model { writer.value(.message(), value, field: 1) }
        if case .other(let value)? = model { writer.value(.message(), value, field: 2) }
        writer.unknown(unknownFields)
    }

    /// Which of them `model` is.
    package enum Model: Hashable, Sendable {
        case tls(Security.Tls)
        case other(Security.OtherSecurity)
    }

    /// `grpc.channelz.v1.Security.Tls`.
    package struct Tls: ProtobufMessage {
        package var cipherSuite: CipherSuite?
        /// This side's.
        package var localCertificate: [UInt8] = []
        package var remoteCertificate: [UInt8] = []
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(cipherSuite: CipherSuite? = nil, localCertificate: [UInt8] = [], remoteCertificate: [UInt8] = []) {
            self.cipherSuite = cipherSuite
            self.localCertificate = localCertificate
            self.remoteCertificate = remoteCertificate
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x0a: cipherSuite = .standardName(try reader.string())
                case 0x12: cipherSuite = .otherName(try reader.string())
                case 0x1a: localCertificate = try reader.data()
                case 0x22: remoteCertificate = try reader.data()
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            if case .standardName(let value)? = cipherSuite { writer.value(.string, value, field: 1) }
            if case .otherName(let value)? = cipherSuite { writer.value(.string, value, field: 2) }
            writer.data(localCertificate, field: 3)
            writer.data(remoteCertificate, field: 4)
            writer.unknown(unknownFields)
        }

        /// Which of them `cipherSuite` is.
        package enum CipherSuite: Hashable, Sendable {
            /// IANA's name.
            case standardName(String)
            case otherName(String)
        }
    }

    /// `grpc.channelz.v1.Security.OtherSecurity`.
    package struct OtherSecurity: ProtobufMessage {
        /// For people.
        package var name = ""
        package var value: ProtoAnyMessage?
        package var unknownFields: [UInt8] = []

        package init() {}

        package init(name: String = "", value: ProtoAnyMessage? = nil) {
            self.name = name
            self.value = value
        }

        package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
            while let tag = try reader.nextTag() {
                switch tag {
                case 0x0a: name = try reader.string()
                case 0x12: try reader.message(into: &value)
                default: try reader.keep(in: &unknownFields)
                }
            }
        }

        package func write(to writer: inout ProtobufWriter) {
            writer.string(name, field: 1)
            writer.message(value, field: 2)
            writer.unknown(unknownFields)
        }
    }
}

/// What getsockopt(2) answers.
package struct SocketOption: ProtobufMessage {
    /// Such as SO_REUSEPORT.
    package var name = ""
    /// For people.
    package var value = ""
    package var additional: ProtoAnyMessage?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(name: String = "", value: String = "", additional: ProtoAnyMessage? = nil) {
        self.name = name
        self.value = value
        self.additional = additional
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: name = try reader.string()
            case 0x12: value = try reader.string()
            case 0x1a: try reader.message(into: &additional)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.string(name, field: 1)
        writer.string(value, field: 2)
        writer.message(additional, field: 3)
        writer.unknown(unknownFields)
    }
}

/// In SocketOption.additional of SO_RCVTIMEO and SO_SNDTIMEO.
package struct SocketOptionTimeout: ProtobufMessage {
    package var duration: ProtoDuration?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(duration: ProtoDuration? = nil) {
        self.duration = duration
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &duration)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(duration, field: 1)
        writer.unknown(unknownFields)
    }
}

/// In SocketOption.additional of SO_LINGER.
package struct SocketOptionLinger: ProtobufMessage {
    package var active = false
    package var duration: ProtoDuration?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(active: Bool = false, duration: ProtoDuration? = nil) {
        self.active = active
        self.duration = duration
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: active = try reader.bool()
            case 0x12: try reader.message(into: &duration)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.bool(active, field: 1)
        writer.message(duration, field: 2)
        writer.unknown(unknownFields)
    }
}

/// In SocketOption.additional of TCP_INFO: tcp(7).
package struct SocketOptionTcpInfo: ProtobufMessage {
    package var tcpiState: UInt32 = 0
    package var tcpiCaState: UInt32 = 0
    package var tcpiRetransmits: UInt32 = 0
    package var tcpiProbes: UInt32 = 0
    package var tcpiBackoff: UInt32 = 0
    package var tcpiOptions: UInt32 = 0
    package var tcpiSndWscale: UInt32 = 0
    package var tcpiRcvWscale: UInt32 = 0
    package var tcpiRto: UInt32 = 0
    package var tcpiAto: UInt32 = 0
    package var tcpiSndMss: UInt32 = 0
    package var tcpiRcvMss: UInt32 = 0
    package var tcpiUnacked: UInt32 = 0
    package var tcpiSacked: UInt32 = 0
    package var tcpiLost: UInt32 = 0
    package var tcpiRetrans: UInt32 = 0
    package var tcpiFackets: UInt32 = 0
    package var tcpiLastDataSent: UInt32 = 0
    package var tcpiLastAckSent: UInt32 = 0
    package var tcpiLastDataRecv: UInt32 = 0
    package var tcpiLastAckRecv: UInt32 = 0
    package var tcpiPmtu: UInt32 = 0
    package var tcpiRcvSsthresh: UInt32 = 0
    package var tcpiRtt: UInt32 = 0
    package var tcpiRttvar: UInt32 = 0
    package var tcpiSndSsthresh: UInt32 = 0
    package var tcpiSndCwnd: UInt32 = 0
    package var tcpiAdvmss: UInt32 = 0
    package var tcpiReordering: UInt32 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(
        tcpiState: UInt32 = 0, tcpiCaState: UInt32 = 0, tcpiRetransmits: UInt32 = 0, tcpiProbes: UInt32 = 0,
        tcpiBackoff: UInt32 = 0, tcpiOptions: UInt32 = 0, tcpiSndWscale: UInt32 = 0, tcpiRcvWscale: UInt32 = 0,
        tcpiRto: UInt32 = 0, tcpiAto: UInt32 = 0, tcpiSndMss: UInt32 = 0, tcpiRcvMss: UInt32 = 0,
        tcpiUnacked: UInt32 = 0, tcpiSacked: UInt32 = 0, tcpiLost: UInt32 = 0, tcpiRetrans: UInt32 = 0,
        tcpiFackets: UInt32 = 0, tcpiLastDataSent: UInt32 = 0, tcpiLastAckSent: UInt32 = 0,
        tcpiLastDataRecv: UInt32 = 0, tcpiLastAckRecv: UInt32 = 0, tcpiPmtu: UInt32 = 0, tcpiRcvSsthresh: UInt32 = 0,
        tcpiRtt: UInt32 = 0, tcpiRttvar: UInt32 = 0, tcpiSndSsthresh: UInt32 = 0, tcpiSndCwnd: UInt32 = 0,
        tcpiAdvmss: UInt32 = 0, tcpiReordering: UInt32 = 0
    ) {
        self.tcpiState = tcpiState
        self.tcpiCaState = tcpiCaState
        self.tcpiRetransmits = tcpiRetransmits
        self.tcpiProbes = tcpiProbes
        self.tcpiBackoff = tcpiBackoff
        self.tcpiOptions = tcpiOptions
        self.tcpiSndWscale = tcpiSndWscale
        self.tcpiRcvWscale = tcpiRcvWscale
        self.tcpiRto = tcpiRto
        self.tcpiAto = tcpiAto
        self.tcpiSndMss = tcpiSndMss
        self.tcpiRcvMss = tcpiRcvMss
        self.tcpiUnacked = tcpiUnacked
        self.tcpiSacked = tcpiSacked
        self.tcpiLost = tcpiLost
        self.tcpiRetrans = tcpiRetrans
        self.tcpiFackets = tcpiFackets
        self.tcpiLastDataSent = tcpiLastDataSent
        self.tcpiLastAckSent = tcpiLastAckSent
        self.tcpiLastDataRecv = tcpiLastDataRecv
        self.tcpiLastAckRecv = tcpiLastAckRecv
        self.tcpiPmtu = tcpiPmtu
        self.tcpiRcvSsthresh = tcpiRcvSsthresh
        self.tcpiRtt = tcpiRtt
        self.tcpiRttvar = tcpiRttvar
        self.tcpiSndSsthresh = tcpiSndSsthresh
        self.tcpiSndCwnd = tcpiSndCwnd
        self.tcpiAdvmss = tcpiAdvmss
        self.tcpiReordering = tcpiReordering
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: tcpiState = try reader.uint32()
            case 0x10: tcpiCaState = try reader.uint32()
            case 0x18: tcpiRetransmits = try reader.uint32()
            case 0x20: tcpiProbes = try reader.uint32()
            case 0x28: tcpiBackoff = try reader.uint32()
            case 0x30: tcpiOptions = try reader.uint32()
            case 0x38: tcpiSndWscale = try reader.uint32()
            case 0x40: tcpiRcvWscale = try reader.uint32()
            case 0x48: tcpiRto = try reader.uint32()
            case 0x50: tcpiAto = try reader.uint32()
            case 0x58: tcpiSndMss = try reader.uint32()
            case 0x60: tcpiRcvMss = try reader.uint32()
            case 0x68: tcpiUnacked = try reader.uint32()
            case 0x70: tcpiSacked = try reader.uint32()
            case 0x78: tcpiLost = try reader.uint32()
            case 0x80: tcpiRetrans = try reader.uint32()
            case 0x88: tcpiFackets = try reader.uint32()
            case 0x90: tcpiLastDataSent = try reader.uint32()
            case 0x98: tcpiLastAckSent = try reader.uint32()
            case 0xa0: tcpiLastDataRecv = try reader.uint32()
            case 0xa8: tcpiLastAckRecv = try reader.uint32()
            case 0xb0: tcpiPmtu = try reader.uint32()
            case 0xb8: tcpiRcvSsthresh = try reader.uint32()
            case 0xc0: tcpiRtt = try reader.uint32()
            case 0xc8: tcpiRttvar = try reader.uint32()
            case 0xd0: tcpiSndSsthresh = try reader.uint32()
            case 0xd8: tcpiSndCwnd = try reader.uint32()
            case 0xe0: tcpiAdvmss = try reader.uint32()
            case 0xe8: tcpiReordering = try reader.uint32()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.uint32(tcpiState, field: 1)
        writer.uint32(tcpiCaState, field: 2)
        writer.uint32(tcpiRetransmits, field: 3)
        writer.uint32(tcpiProbes, field: 4)
        writer.uint32(tcpiBackoff, field: 5)
        writer.uint32(tcpiOptions, field: 6)
        writer.uint32(tcpiSndWscale, field: 7)
        writer.uint32(tcpiRcvWscale, field: 8)
        writer.uint32(tcpiRto, field: 9)
        writer.uint32(tcpiAto, field: 10)
        writer.uint32(tcpiSndMss, field: 11)
        writer.uint32(tcpiRcvMss, field: 12)
        writer.uint32(tcpiUnacked, field: 13)
        writer.uint32(tcpiSacked, field: 14)
        writer.uint32(tcpiLost, field: 15)
        writer.uint32(tcpiRetrans, field: 16)
        writer.uint32(tcpiFackets, field: 17)
        writer.uint32(tcpiLastDataSent, field: 18)
        writer.uint32(tcpiLastAckSent, field: 19)
        writer.uint32(tcpiLastDataRecv, field: 20)
        writer.uint32(tcpiLastAckRecv, field: 21)
        writer.uint32(tcpiPmtu, field: 22)
        writer.uint32(tcpiRcvSsthresh, field: 23)
        writer.uint32(tcpiRtt, field: 24)
        writer.uint32(tcpiRttvar, field: 25)
        writer.uint32(tcpiSndSsthresh, field: 26)
        writer.uint32(tcpiSndCwnd, field: 27)
        writer.uint32(tcpiAdvmss, field: 28)
        writer.uint32(tcpiReordering, field: 29)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetTopChannelsRequest`.
package struct GetTopChannelsRequest: ProtobufMessage {
    /// The first id of the page: 0, or one more than the last that is known.
    package var startChannelId: Int64 = 0
    /// 0: as many as the server likes.
    package var maxResults: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(startChannelId: Int64 = 0, maxResults: Int64 = 0) {
        self.startChannelId = startChannelId
        self.maxResults = maxResults
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: startChannelId = try reader.int64()
            case 0x10: maxResults = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(startChannelId, field: 1)
        writer.int64(maxResults, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetTopChannelsResponse`.
package struct GetTopChannelsResponse: ProtobufMessage {
    /// By ascending id.
    package var channel: [ChannelMessage] = []
    /// There are no more.
    package var end = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(channel: [ChannelMessage] = [], end: Bool = false) {
        self.channel = channel
        self.end = end
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: channel.append(try reader.message())
            case 0x10: end = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), channel, field: 1)
        writer.bool(end, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetServersRequest`.
package struct GetServersRequest: ProtobufMessage {
    /// The first id of the page: 0, or one more than the last that is known.
    package var startServerId: Int64 = 0
    /// 0: as many as the server likes.
    package var maxResults: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(startServerId: Int64 = 0, maxResults: Int64 = 0) {
        self.startServerId = startServerId
        self.maxResults = maxResults
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: startServerId = try reader.int64()
            case 0x10: maxResults = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(startServerId, field: 1)
        writer.int64(maxResults, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetServersResponse`.
package struct GetServersResponse: ProtobufMessage {
    /// By ascending id.
    package var server: [Server] = []
    /// There are no more.
    package var end = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(server: [Server] = [], end: Bool = false) {
        self.server = server
        self.end = end
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: server.append(try reader.message())
            case 0x10: end = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), server, field: 1)
        writer.bool(end, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetServerRequest`.
package struct GetServerRequest: ProtobufMessage {
    package var serverId: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(serverId: Int64 = 0) {
        self.serverId = serverId
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: serverId = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(serverId, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetServerResponse`.
package struct GetServerResponse: ProtobufMessage {
    package var server: Server?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(server: Server? = nil) {
        self.server = server
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &server)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(server, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetServerSocketsRequest`.
package struct GetServerSocketsRequest: ProtobufMessage {
    package var serverId: Int64 = 0
    /// The first id of the page: 0, or one more than the last that is known.
    package var startSocketId: Int64 = 0
    /// 0: as many as the server likes.
    package var maxResults: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(serverId: Int64 = 0, startSocketId: Int64 = 0, maxResults: Int64 = 0) {
        self.serverId = serverId
        self.startSocketId = startSocketId
        self.maxResults = maxResults
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: serverId = try reader.int64()
            case 0x10: startSocketId = try reader.int64()
            case 0x18: maxResults = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(serverId, field: 1)
        writer.int64(startSocketId, field: 2)
        writer.int64(maxResults, field: 3)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetServerSocketsResponse`.
package struct GetServerSocketsResponse: ProtobufMessage {
    /// By ascending id.
    package var socketRef: [SocketRef] = []
    /// There are no more.
    package var end = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(socketRef: [SocketRef] = [], end: Bool = false) {
        self.socketRef = socketRef
        self.end = end
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: socketRef.append(try reader.message())
            case 0x10: end = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.repeated(.message(), socketRef, field: 1)
        writer.bool(end, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetChannelRequest`.
package struct GetChannelRequest: ProtobufMessage {
    package var channelId: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(channelId: Int64 = 0) {
        self.channelId = channelId
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: channelId = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(channelId, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetChannelResponse`.
package struct GetChannelResponse: ProtobufMessage {
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

/// `grpc.channelz.v1.GetSubchannelRequest`.
package struct GetSubchannelRequest: ProtobufMessage {
    package var subchannelId: Int64 = 0
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(subchannelId: Int64 = 0) {
        self.subchannelId = subchannelId
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: subchannelId = try reader.int64()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(subchannelId, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetSubchannelResponse`.
package struct GetSubchannelResponse: ProtobufMessage {
    package var subchannel: Subchannel?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(subchannel: Subchannel? = nil) {
        self.subchannel = subchannel
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &subchannel)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(subchannel, field: 1)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetSocketRequest`.
package struct GetSocketRequest: ProtobufMessage {
    package var socketId: Int64 = 0
    /// Only what is cheap to find out.
    package var summary = false
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(socketId: Int64 = 0, summary: Bool = false) {
        self.socketId = socketId
        self.summary = summary
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x08: socketId = try reader.int64()
            case 0x10: summary = try reader.bool()
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.int64(socketId, field: 1)
        writer.bool(summary, field: 2)
        writer.unknown(unknownFields)
    }
}

/// `grpc.channelz.v1.GetSocketResponse`.
package struct GetSocketResponse: ProtobufMessage {
    package var socket: Socket?
    package var unknownFields: [UInt8] = []

    package init() {}

    package init(socket: Socket? = nil) {
        self.socket = socket
    }

    package mutating func merge(_ reader: inout ProtobufReader) throws(ProtobufError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 0x0a: try reader.message(into: &socket)
            default: try reader.keep(in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout ProtobufWriter) {
        writer.message(socket, field: 1)
        writer.unknown(unknownFields)
    }
}
