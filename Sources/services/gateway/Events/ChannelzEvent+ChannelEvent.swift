import Addresses
import Channelz
import HTTP2
import LoadBalancing
import RPCClient
import RPCTransport

extension ChannelzEvent {
    /// In the same words as everywhere.
    init(_ event: ChannelEvent, _ message: String) {
        self.init(
            channel: event.channelNumber, subchannel: event.subchannelNumber,
            subchannelName: event.address?.description ?? "", description: message, isWarning: event.isProblem,
            unixNanoseconds: event.unixNanoseconds)
    }
}

extension ChannelEvent {
    /// Something is not as it should be; a server that closes gracefully is.
    fileprivate var isProblem: Bool {
        switch kind {
        case .lookupFailed, .connectFailed, .connectionLost: true
        case .goAway(_, let goAway, _, _): goAway.code != .noError
        case .state(_, let state, _): state == .transientFailure
        case .addresses, .connected, .connectionClosed: false
        }
    }
}
