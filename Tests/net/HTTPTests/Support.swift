import Bytes
import HTTP

/// Everything a parser made of some input, with body pieces joined: how input was cut must not show in it.
struct RequestTranscript: Equatable {
    var requests: [(head: HTTPRequestHead, body: [UInt8], ended: Bool)] = []
    var error: HTTP1Error?

    static func == (left: RequestTranscript, right: RequestTranscript) -> Bool {
        left.error == right.error
            && left.requests.elementsEqual(right.requests) {
                $0.head == $1.head && $0.body == $1.body && $0.ended == $1.ended
            }
    }

    /// Feeds `input` in pieces of the sizes that `nextSize` gives.
    init(_ input: [UInt8], limits: HTTP1Limits = .defaults, nextSize: () -> Int = { .max }) {
        var parser = HTTP1RequestParser(limits: limits)
        var rest = input[...]
        while !rest.isEmpty, error == nil {
            let piece = rest.prefix(max(nextSize(), 1))
            rest = rest.dropFirst(piece.count)
            parser.feed(Array(piece))
            drain(&parser)
        }
    }

    init(_ input: String, limits: HTTP1Limits = .defaults) {
        self.init(Array(input.utf8), limits: limits)
    }

    private mutating func drain(_ parser: inout HTTP1RequestParser) {
        do {
            while let event = try parser.next() {
                switch event {
                case .head(let head): requests.append((head, [], false))
                case .body(let piece): requests[requests.count - 1].body += piece
                case .end:
                    requests[requests.count - 1].ended = true
                    parser.startNextRequest()
                }
            }
        } catch {
            self.error = error
        }
    }
}

struct ResponseTranscript: Equatable {
    var head: HTTPResponseHead?
    var body: [UInt8] = []
    var ended = false
    var keepAlive = false
    var error: HTTP1Error?

    init(
        _ input: [UInt8], to method: HTTPMethod = .get, limits: HTTP1Limits = .defaults, closing: Bool = false,
        nextSize: () -> Int = { .max }
    ) {
        var parser = HTTP1ResponseParser(to: method, limits: limits)
        var rest = input[...]
        do {
            while !rest.isEmpty {
                let piece = rest.prefix(max(nextSize(), 1))
                rest = rest.dropFirst(piece.count)
                parser.feed(Array(piece))
                while let event = try parser.next() { note(event) }
            }
            if closing, let event = try parser.inputClosed() { note(event) }
        } catch {
            self.error = error
        }
        keepAlive = parser.keepAlive
    }

    private mutating func note(_ event: HTTP1Event<HTTPResponseHead>) {
        switch event {
        case .head(let head): self.head = head
        case .body(let piece): body += piece
        case .end: ended = true
        }
    }
}

func mutated(_ seed: [UInt8], with random: inout SplitMix64) -> [UInt8] {
    var bytes = seed
    for _ in 0..<Int.random(in: 1...4, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        let interesting: [UInt8] = [0x00, 0x0A, 0x0D, 0x20, 0x09, 0x3A, 0x2C, 0x30, 0x66, 0x7F, 0xFF]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[index] = interesting.randomElement(using: &random) ?? 0
        case 2 where bytes.count > 1: bytes.remove(at: index)
        default: bytes.insert(interesting.randomElement(using: &random) ?? 0, at: index)
        }
    }
    return bytes
}
