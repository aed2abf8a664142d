import Protobuf

/// From what protoc asks to the files that it is to write.
package enum Plugin {
    package static func answer(_ request: CodeGeneratorRequest) -> CodeGeneratorResponse {
        var response = CodeGeneratorResponse(supportedFeatures: CodeGeneratorResponse.Feature.proto3Optional.bit)
        do throws(PluginError) {
            let options = try PluginOptions(request.parameter)
            let types = TypeIndex(request.protoFile)
            for name in request.fileToGenerate {
                guard let file = request.protoFile.first(where: { $0.name == name }) else {
                    throw PluginError("protoc did not send \(name), which it asks code for")
                }
                response.file += try files(for: file, types, options)
            }
        } catch {
            response.error = error.text
        }
        return response
    }

    private static func files(
        for file: FileDescriptorProto, _ types: TypeIndex, _ options: PluginOptions
    ) throws(PluginError) -> [CodeGeneratorResponse.File] {
        guard file.syntax == "proto3" else {
            let syntax = file.syntax.isEmpty ? "proto2" : file.syntax
            throw PluginError("\(file.name): its syntax is \(syntax), expected `syntax = \"proto3\";`")
        }
        try NameCheck.check(file, types, options.parts)
        let name = options.name ?? SwiftName.ofFile(file.name)
        let comments = Comments(file)
        var files: [CodeGeneratorResponse.File] = []
        func add(_ suffix: String, _ write: (inout CodeWriter) -> Void) {
            var code = CodeWriter()
            code.line("// Written by protoc-gen-sample from \(file.name): change that, then run `make proto`.")
            code.line()
            write(&code)
            files.append(CodeGeneratorResponse.File(name: "\(name).\(suffix).swift", content: code.text))
        }
        if options.parts.contains(.messages), !file.messageType.isEmpty || !file.enumType.isEmpty {
            add("pb") { MessageGenerator(types: types, comments: comments).write(file, to: &$0) }
        }
        let stubs = options.parts.intersection([.client, .server])
        if !stubs.isEmpty, !file.service.isEmpty {
            add("grpc") { ServiceGenerator(types: types, comments: comments, parts: stubs).write(file, to: &$0) }
        }
        if options.parts.contains(.descriptor) {
            add("descriptor") { DescriptorGenerator.write(file, to: &$0) }
        }
        return files
    }
}

extension CodeGeneratorResponse.Feature {
    /// As the response has it.
    var bit: UInt64 { UInt64(truncatingIfNeeded: rawValue) }
}

package struct PluginError: Error {
    let text: String

    init(_ text: String) { self.text = text }
}

/// What stands in front of the output directory: `--sample_out=parts=messages+client,name=Watch:DIRECTORY`.
struct PluginOptions {
    enum Part: String, CaseIterable {
        case messages, client, server, descriptor
    }

    var parts = Set(Part.allCases)
    /// What the files' names begin with, if not with the proto's.
    var name: String?

    init(_ parameter: String) throws(PluginError) {
        for option in parameter.split(separator: ",") {
            let words = option.split(separator: "=", maxSplits: 1).map { String($0) }
            switch (words.first, words.last) {
            case ("name", let value?) where words.count == 2: name = value
            case ("parts", let value?) where words.count == 2:
                parts = []
                for word in value.split(separator: "+") {
                    guard let part = Part(rawValue: String(word)) else {
                        let known = Part.allCases.map(\.rawValue).joined(separator: ", ")
                        throw PluginError("--sample_out has a part \"\(word)\", expected some of \(known)")
                    }
                    parts.insert(part)
                }
            default: throw PluginError("--sample_out has \"\(option)\", expected parts=…+… or name=…")
            }
        }
    }
}
