// Written by protoc-gen-sample from grpc/channelz/v1/channelz.proto: change that, then run `make proto`.

import Protobuf
import ProtobufRPC
package import RPCCore
package import RPCServer

/// `grpc.channelz.v1.Channelz`: the names of its methods.
package enum Channelz {
    package static let service = "grpc.channelz.v1.Channelz"
    package static let getTopChannels = MethodDescriptor(service: service, method: "GetTopChannels")
    package static let getServers = MethodDescriptor(service: service, method: "GetServers")
    package static let getServer = MethodDescriptor(service: service, method: "GetServer")
    package static let getServerSockets = MethodDescriptor(service: service, method: "GetServerSockets")
    package static let getChannel = MethodDescriptor(service: service, method: "GetChannel")
    package static let getSubchannel = MethodDescriptor(service: service, method: "GetSubchannel")
    package static let getSocket = MethodDescriptor(service: service, method: "GetSocket")
}

/// What a server of `grpc.channelz.v1.Channelz` does.
package protocol ChannelzService {
    /// The channels that the program has made.
    func getTopChannels(
        _ request: GetTopChannelsRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetTopChannelsResponse

    /// The servers of the process.
    func getServers(_ request: GetServersRequest, _ context: ServerContext) async throws(RPCError) -> GetServersResponse

    /// One server; NOT_FOUND if there is none.
    func getServer(_ request: GetServerRequest, _ context: ServerContext) async throws(RPCError) -> GetServerResponse

    /// The connections of one server.
    func getServerSockets(
        _ request: GetServerSocketsRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetServerSocketsResponse

    /// One channel; NOT_FOUND if there is none.
    func getChannel(_ request: GetChannelRequest, _ context: ServerContext) async throws(RPCError) -> GetChannelResponse

    /// One subchannel; NOT_FOUND if there is none.
    func getSubchannel(
        _ request: GetSubchannelRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetSubchannelResponse

    /// One connection, or a server's listening socket; NOT_FOUND if there is none.
    func getSocket(_ request: GetSocketRequest, _ context: ServerContext) async throws(RPCError) -> GetSocketResponse
}

extension RPCRouter {
    /// Serves `grpc.channelz.v1.Channelz`; `isApplication` is false for what probes call all the time.
    package mutating func add(_ service: some ChannelzService, isApplication: Bool = true) {
        unary(Channelz.getTopChannels, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: GetTopChannelsRequest = try decodeRequest(bytes, of: Channelz.getTopChannels)
            try await service.getTopChannels(request, context).append(to: &reply)
        }
        unary(Channelz.getServers, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: GetServersRequest = try decodeRequest(bytes, of: Channelz.getServers)
            try await service.getServers(request, context).append(to: &reply)
        }
        unary(Channelz.getServer, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: GetServerRequest = try decodeRequest(bytes, of: Channelz.getServer)
            try await service.getServer(request, context).append(to: &reply)
        }
        unary(Channelz.getServerSockets, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: GetServerSocketsRequest = try decodeRequest(bytes, of: Channelz.getServerSockets)
            try await service.getServerSockets(request, context).append(to: &reply)
        }
        unary(Channelz.getChannel, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: GetChannelRequest = try decodeRequest(bytes, of: Channelz.getChannel)
            try await service.getChannel(request, context).append(to: &reply)
        }
        unary(Channelz.getSubchannel, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: GetSubchannelRequest = try decodeRequest(bytes, of: Channelz.getSubchannel)
            try await service.getSubchannel(request, context).append(to: &reply)
        }
        unary(Channelz.getSocket, isApplication: isApplication) {
            (bytes: [UInt8], context: ServerContext, reply: inout [UInt8]) async throws(RPCError) in
            let request: GetSocketRequest = try decodeRequest(bytes, of: Channelz.getSocket)
            try await service.getSocket(request, context).append(to: &reply)
        }
    }
}
