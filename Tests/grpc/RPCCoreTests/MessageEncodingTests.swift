import Bytes
import RPCCore
import Testing

@Suite struct MessageEncodingTests {
    private static let text = Array(String(repeating: "the same again, and again: ", count: 20).utf8)
    /// By Python's gzip and zlib.
    private static let gzip = "H4sIAAAAAAACAyvJSFUoTsxNVUhMT8zM01FIzEuBMK0USkalRrYUAO2WGMYcAgAA"
    private static let zlib = "eNoryUhVKE7MTVVITE/MzNNRSMxLgTCtFEpGpUa2FABE27aB"

    /// What becomes of one frame.
    private func content(
        _ frame: [UInt8], _ encoding: MessageEncoding, max: Int = 1000
    ) -> Result<[UInt8], RPCError> {
        var deframer = MessageDeframer(maxMessageBytes: max)
        deframer.encoding = encoding
        var received: [ReceivedMessage] = []
        do throws(RPCError) {
            try deframer.receive(frame.span) { message throws(RPCError) in received.append(message) }
            return .success(try received[0].content())
        } catch {
            return .failure(error)
        }
    }

    private func sealed(_ payload: [UInt8], as encoding: MessageEncoding) throws -> [UInt8] {
        var message = OutgoingMessage(copying: payload.span)
        try message.seal(as: encoding)
        return message.buffer
    }

    @Test func namesAreReadBothWays() {
        for encoding in MessageEncoding.allCases {
            let name = encoding.rawValue
            #expect(MessageEncoding(name.utf8.span) == encoding)
            #expect(MessageEncodings.all.contains(encoding))
        }
        for name in ["", "GZIP", "gzipp", "snappy", "x-gzip", "identity,gzip"] {
            #expect(MessageEncoding(name.utf8.span) == nil)
        }
        #expect(MessageEncodings(acceptHeader: MessageEncoding.acceptHeader.utf8.span) == .all)
    }

    private static let gzipToo: MessageEncodings = [.identity, .gzip]
    private static let deflateToo: MessageEncodings = [.identity, .deflate]
    private static let headers: [(String, MessageEncodings)] = [
        ("", .identity), ("identity", .identity), ("gzip", gzipToo), ("deflate", deflateToo),
        ("identity,deflate,gzip", .all), ("identity, deflate, gzip", .all), ("gzip,deflate", .all),
        (" gzip , deflate ", .all), ("snappy", .identity), ("snappy,gzip", gzipToo), (",,gzip,", gzipToo),
        ("gzip;q=0", .identity), ("identity;deflate;gzip", .identity), ("identity, deflate, gzap", deflateToo),
        ("GZIP", .identity),
    ]

    @Test(arguments: headers)
    func whatAPeerUnderstands(header: String, encodings: MessageEncodings) {
        #expect(MessageEncodings(acceptHeader: header.utf8.span) == encodings)
    }

    @Test func whatOthersHaveCompressed() throws {
        let gzip = try #require(Base64.decode(Self.gzip))
        let zlib = try #require(Base64.decode(Self.zlib))
        #expect(content(frame(gzip, flag: 1), .gzip) == .success(Self.text))
        #expect(content(frame(zlib, flag: 1), .deflate) == .success(Self.text))
        // The flag decides, message by message.
        #expect(content(frame(gzip, flag: 0), .gzip) == .success(gzip))
    }

    @Test func aMessageIsCompressedWhereThatMakesItSmaller() throws {
        for encoding in [MessageEncoding.gzip, .deflate] {
            let compressed = try sealed(Self.text, as: encoding)
            #expect(compressed[0] == 1)
            #expect(compressed.count < Self.text.count / 5)
            #expect(content(compressed, encoding) == .success(Self.text))
            for small: [UInt8] in [[], [1], [1, 2, 3]] { #expect(try sealed(small, as: encoding) == frame(small)) }
        }
        #expect(try sealed(Self.text, as: .identity) == frame(Self.text))
        var plain = OutgoingMessage(copying: Self.text.span)
        plain.isCompressed = false
        try plain.seal(as: .gzip)
        #expect(plain.buffer == frame(Self.text))
    }

    @Test func theFlagNeedsAnEncoding() {
        #expect(
            content(frame([1], flag: 1), .identity)
                == .failure(
                    RPCError(.internal, "message has the compressed flag, but no grpc-encoding was agreed on")))
        #expect(
            content(frame([1], flag: 3), .gzip)
                == .failure(RPCError(.internal, "message begins with flag byte 3, expected 0 or 1")))
    }

    @Test func theLimitHoldsBeforeAndAfterExpanding() throws {
        let gzip = try #require(Base64.decode(Self.gzip))
        #expect(content(frame(gzip, flag: 1), .gzip, max: Self.text.count) == .success(Self.text))
        #expect(
            content(frame(gzip, flag: 1), .gzip, max: Self.text.count - 1)
                == .failure(
                    RPCError(
                        .resourceExhausted,
                        "message of 48 bytes, compressed as gzip, expands to more than the limit of 539 bytes")))
        // Not one byte of it is wanted then.
        #expect(
            content([1, 0, 0, 0, 48], .gzip, max: 47)
                == .failure(RPCError(.resourceExhausted, "message of 48 bytes is over the limit of 47")))
    }

    @Test func whatIsNoCompressedMessageIsInternal() throws {
        let gzip = try #require(Base64.decode(Self.gzip))
        let cases: [([UInt8], String)] = [
            (Array(gzip.dropLast()), "message of 47 bytes, compressed as gzip, is not complete"),
            ([], "message of 0 bytes, compressed as gzip, is not complete"),
            (gzip + [0, 0], "message of 50 bytes, compressed as gzip, has 2 bytes behind its end"),
            (
                [9, 9, 9, 9], "message of 4 bytes, compressed as gzip, cannot be expanded: incorrect header check"
            ),
        ]
        for (payload, reason) in cases {
            #expect(content(frame(payload, flag: 1), .gzip) == .failure(RPCError(.internal, reason)))
        }
    }

    /// Whoever does not read makes the other side stop, however small the messages were made.
    @Test func aQueueCountsWhatWasOnTheWire() throws {
        let gzip = try #require(Base64.decode(Self.gzip))
        let stream = frame(gzip, flag: 1) + frame([1, 2, 3]) + frame(gzip, flag: 1)
        var deframer = MessageDeframer(maxMessageBytes: 1000)
        deframer.encoding = .gzip
        var queue = MessageQueue()
        queue.receive(dataBytes: stream.count)
        try deframer.receive(stream.span) { message throws(RPCError) in queue.append(message) }
        #expect(deframer.messageBytes == 48 + 3 + 48)
        let taken = queue.take()
        let first = try #require(taken)
        #expect(try first.message.content() == Self.text)
        #expect(first.freed == 53)
        #expect(queue.lastWasCompressed)
        #expect(queue.take()?.freed == 8)
        #expect(!queue.lastWasCompressed)
        #expect(queue.take()?.freed == 53)
        #expect(queue.lastWasCompressed)
        #expect(queue.take()?.freed == nil)
    }
}
