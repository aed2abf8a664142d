package import RPCCore

/// `sample.service.HelloWorld`: the names of its methods.
package enum HelloWorld {
    package static let service = "sample.service.HelloWorld"
    package static let sayHello = MethodDescriptor(service: service, method: "SayHello")
    package static let streamHello = MethodDescriptor(service: service, method: "StreamHello", type: .serverStreaming)
}
