import Bytes
import Protobuf
import System

// Reads messages of type EveryField from standard input, each behind its length: four bytes, big-endian. Answers each with
// a byte and a text of the same form: 0 and the message encoded anew, or 1 and what is wrong with it.
struct Answers {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ message: [UInt8]) {
        do throws(ProtobufError) {
            append(0, try EveryField(decoding: message).encoded)
        } catch {
            append(1, Array(error.description.utf8))
        }
    }

    private mutating func append(_ status: UInt8, _ text: [UInt8]) {
        bytes.append(status)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
        bytes += text
    }
}

let input = try FileSystem.read("/dev/stdin", limit: .max)
var answers = Answers()
var position = 0
while position < input.count {
    let end = position + 4 + Int(input.span.bigEndian(at: position))
    answers.append(Array(input[position + 4..<end]))
    position = end
}
Program.Output.standard.write(answers.bytes)
