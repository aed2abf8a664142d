"""gRPC's own introspection, asked for with the stubs of grpcio-channelz."""

import ipaddress
from contextlib import contextmanager

import grpc
from grpc_channelz.v1 import channelz_pb2 as messages, channelz_pb2_grpc

from .client import OPTIONS

STATES = messages.ChannelConnectivityState.State


class Channelz:
    """What one program says of itself on its admin port."""

    def __init__(self, channel: grpc.Channel):
        self.stub = channelz_pb2_grpc.ChannelzStub(channel)

    def channels(self, **page: int):
        return self.stub.GetTopChannels(messages.GetTopChannelsRequest(**page), timeout=10)

    def servers(self, **page: int):
        return self.stub.GetServers(messages.GetServersRequest(**page), timeout=10)

    def channel(self, number: int):
        return self.stub.GetChannel(messages.GetChannelRequest(channel_id=number), timeout=10).channel

    def subchannel(self, number: int):
        return self.stub.GetSubchannel(messages.GetSubchannelRequest(subchannel_id=number), timeout=10).subchannel

    def server(self, number: int):
        return self.stub.GetServer(messages.GetServerRequest(server_id=number), timeout=10).server

    def server_sockets(self, number: int, **page: int):
        return self.stub.GetServerSockets(messages.GetServerSocketsRequest(server_id=number, **page), timeout=10)

    def socket(self, number: int):
        return self.stub.GetSocket(messages.GetSocketRequest(socket_id=number), timeout=10).socket

    def subchannels(self) -> list:
        """Those of all channels."""
        return [
            self.subchannel(ref.subchannel_id) for channel in self.channels().channel for ref in channel.subchannel_ref]

    def server_connections(self) -> list:
        """Those of the one server."""
        server, = self.servers().server
        return [self.socket(ref.socket_id) for ref in self.server_sockets(server.ref.server_id).socket_ref]


@contextmanager
def channelz(program):
    with grpc.insecure_channel(program.address("admin"), OPTIONS) as channel:
        yield Channelz(channel)


def calls(data) -> tuple[int, int, int]:
    return data.calls_started, data.calls_succeeded, data.calls_failed


def total(counts) -> tuple[int, ...]:
    return tuple(map(sum, zip(*counts)))


def address(message) -> str:
    """`127.0.0.1:8080`"""
    return f"{ipaddress.ip_address(message.tcpip_address.ip_address)}:{message.tcpip_address.port}"
