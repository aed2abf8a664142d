import RPCClient
package import RPCCore
package import RPCServer
import RPCTransport

/// `grpc.channelz.v1.Channelz` (gRFC A14): what a process has, and how it is. Each thing is asked on its own loop, so that
/// an answer is of one moment for each channel, and not for all.
package struct ChannelzServer: ChannelzService {
    /// An answer that names so many subchannels has no further channel: clients take 4 MiB.
    private static let mostSubchannels = 20_000

    private let directory: ChannelzDirectory

    package init(_ directory: ChannelzDirectory) {
        self.directory = directory
    }

    private func missing(_ kind: String, _ number: Int) -> RPCError {
        RPCError(.notFound, "there is no \(kind) with the id \(number), or no more")
    }

    // MARK: Channels

    package func getTopChannels(
        _ request: GetTopChannelsRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetTopChannelsResponse {
        let page = try ChannelzPage(
            from: request.startChannelId, named: "start_channel_id", maxResults: request.maxResults)
        let (entries, isLast) = page.cut(directory.channels, by: \.number)
        var answer = GetTopChannelsResponse(end: isLast)
        var subchannels = 0
        for entry in entries {
            let report = await entry.ask(\.report)
            subchannels += report.subchannels.count
            if subchannels > ChannelzServer.mostSubchannels, !answer.channel.isEmpty {
                answer.end = false
                break
            }
            answer.channel.append(ChannelMessage(report, entry.events(entry.number), directory.clock))
        }
        return answer
    }

    package func getChannel(
        _ request: GetChannelRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetChannelResponse {
        let number = try ChannelzPage.number(request.channelId, "channel_id")
        guard let entry = directory.channels.first(where: { $0.number == number }) else {
            throw missing("channel", number)
        }
        let report = await entry.ask(\.report)
        return GetChannelResponse(channel: ChannelMessage(report, entry.events(number), directory.clock))
    }

    package func getSubchannel(
        _ request: GetSubchannelRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetSubchannelResponse {
        let number = try ChannelzPage.number(request.subchannelId, "subchannel_id")
        for entry in directory.channels {
            let report = await entry.ask { $0.subchannel(number) }
            guard let report else { continue }
            return GetSubchannelResponse(subchannel: Subchannel(report, entry.events(entry.number), directory.clock))
        }
        throw missing("subchannel", number)
    }

    // MARK: Servers

    package func getServers(
        _ request: GetServersRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetServersResponse {
        let page = try ChannelzPage(
            from: request.startServerId, named: "start_server_id", maxResults: request.maxResults)
        let (servers, isLast) = page.cut(directory.servers, by: \.number)
        var answer = GetServersResponse(end: isLast)
        for server in servers { answer.server.append(Server(server, await server.calls(), directory.clock)) }
        return answer
    }

    package func getServer(
        _ request: GetServerRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetServerResponse {
        let server = try server(request.serverId)
        return GetServerResponse(server: Server(server, await server.calls(), directory.clock))
    }

    package func getServerSockets(
        _ request: GetServerSocketsRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetServerSocketsResponse {
        let server = try server(request.serverId)
        let page = try ChannelzPage(
            from: request.startSocketId, named: "start_socket_id", maxResults: request.maxResults)
        // One more shows whether there are more.
        let names = await server.sockets(from: page.first, most: page.limit + 1)
        let (sockets, isLast) = page.cut(names, by: \.number)
        return GetServerSocketsResponse(socketRef: sockets.map { SocketRef($0) }, end: isLast)
    }

    private func server(_ id: Int64) throws(RPCError) -> RPCServer {
        let number = try ChannelzPage.number(id, "server_id")
        guard let server = directory.servers.first(where: { $0.number == number }) else {
            throw missing("server", number)
        }
        return server
    }

    // MARK: Sockets

    package func getSocket(
        _ request: GetSocketRequest, _ context: ServerContext
    ) async throws(RPCError) -> GetSocketResponse {
        let number = try ChannelzPage.number(request.socketId, "socket_id")
        for server in directory.servers {
            if server.listenerNumber == number { return GetSocketResponse(socket: Socket(listenerOf: server)) }
            let report = await server.socket(number)
            if let report { return GetSocketResponse(socket: Socket(report, directory.clock)) }
        }
        for entry in directory.channels {
            let report = await entry.ask { $0.socket(number) }
            if let report { return GetSocketResponse(socket: Socket(report, directory.clock)) }
        }
        throw missing("socket", number)
    }
}
