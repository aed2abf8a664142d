package import Events
import HTTP
package import HTTPTransport
import JSON
import RPCCore
import ServiceKit
package import Telemetry
import Timing

/// `/trouble` on the admin port: POST begins trouble, or ends it; GET tells. Belongs to the service's first loop.
package final class TroubleEndpoint {
    private let troubles: TroubleSwitch
    private let log: Log
    private let loop: EventLoop
    private var timer: Timer?

    package init(_ troubles: TroubleSwitch, log: Log, on loop: EventLoop) {
        self.troubles = troubles
        self.log = log
        self.loop = loop
    }

    package func add(to router: inout HTTPRouter) {
        router.on(.get, "/trouble") { [self] _ in answer }
        router.on(.post, "/trouble") { [self] request in
            do throws(Trouble.Problem) {
                set(try Trouble.request(request.head.queryParameters))
                return answer
            } catch {
                return .text(.badRequest, "\(error.message)\n")
            }
        }
    }

    package func end() {
        timer?.cancel()
        timer = nil
        troubles.set(nil)
    }

    private func set(_ request: Trouble.Request) {
        switch request {
        case .begin(let trouble):
            troubles.set(trouble)
            let timer = timer ?? Timer(on: loop) { [weak self] in self?.timeIsUp() }
            timer.schedule(after: trouble.time)
            self.timer = timer
            log.warn("Trouble on purpose: \(trouble.sentence)")
        case .end:
            guard troubles.current != nil else { return }
            end()
            log.warn("Trouble is over: switched off")
        }
    }

    private func timeIsUp() {
        guard let time = troubles.current?.trouble.time else { return }
        end()
        log.warn("Trouble is over, after \(DurationText.format(time))")
    }

    private var answer: HTTPResponse {
        let current = troubles.current
        let left = timer.map { $0.deadline - loop.now } ?? .zero
        return .json(.ok) { writer in
            writer.member("on", current != nil)
            guard let current else { return }
            writer.member("delay", DurationText.format(current.trouble.delay))
            writer.member("fail", current.trouble.fail)
            writer.member("code", current.trouble.code.name)
            writer.member("secondsLeft", Double(max(left, .zero).nanoseconds / 1_000_000) / 1_000)
            writer.member("calls", current.calls)
            writer.member("failed", current.failed)
        }
    }
}
