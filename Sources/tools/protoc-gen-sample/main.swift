import Protobuf
import System

// protoc writes a request to standard input, and reads the answer from standard output.
do throws(SystemError) {
    let input = try FileSystem.read("/dev/stdin", limit: .max)
    do {
        let answer = Plugin.answer(try CodeGeneratorRequest(decoding: input))
        Program.Output.standard.write(answer.encoded)
    } catch {
        Program.Output.error.write("protoc-gen-sample: standard input is no CodeGeneratorRequest of protoc: \(error)\n")
        Program.exit(1)
    }
} catch {
    Program.Output.error.write("protoc-gen-sample: \(error)\n")
    Program.exit(1)
}
