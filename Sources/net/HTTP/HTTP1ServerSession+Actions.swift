package import Timing

extension HTTP1ServerSession {
    package enum Action: Equatable {
        /// A whole request: start its handler, whose answer goes to `respond` at once or later, and then say
        /// `handlerStarted`. Until that nothing else is begun, however many requests have come.
        case handle(HTTPRequestHead, body: [UInt8])
        /// No request, and so the last: `respond` at once.
        case refuse(HTTP1Error)
        /// Write `output`, and empty it.
        case write
        /// The same, and then send the file: `fileSent`, now or later, and if it is later `fileStarted`.
        case sendFile
        /// The client has caught up: the body that `holdsProducer` held back may go on.
        case resumeProducer
        /// Nobody waits for what the handler does.
        case cancelHandler
        case report(Report)
        case pauseReading
        case resumeReading
        /// Call `timerFired` then, and no more at any time that was named before.
        case setTimer(Instant)
        /// End the stream in order, with RST, or at once. `closed` will follow, perhaps before the next action.
        case finish
        case abort
        case close
        /// The stream has closed. The last action.
        case end
    }

    /// A request that is over.
    package struct Report: Equatable {
        package var status: HTTPStatus
        /// What could be read of its request line.
        package var line: HTTP1RequestLine?
        /// When its header was complete; nil if it never was.
        package var headArrival: Instant?
        /// What was wrong with it if no handler saw it, or why its response was cut off.
        package var problem: String?
        /// False for a client that is cut off because it does not take responses that have been told of already.
        package var isRequest = true
    }

    /// What is to be done now. `pending` is what the stream still has of the output; `write`, `sendFile` and `refuse` come
    /// again until they are carried out.
    package mutating func next(pending: Int, at now: Instant) -> Action? {
        if handler == .cancelling {
            handler = .cancelled
            return .cancelHandler
        }
        if let report = pendingReport {
            pendingReport = nil
            return .report(report)
        }
        if handler == .starting, !isProducing { return nil }
        if phase == .reading, output.count + pending <= bounds.pendingOutputBytes, let action = read(at: now) {
            return action
        }
        return advance(pending: pending) ?? settle(pending: pending, at: now)
    }

    private var isProducing: Bool {
        switch phase {
        case .streaming(.running), .streaming(.held), .streaming(.released): true
        case .streaming(.begun), .reading, .waiting, .refusing, .handling, .sendingFile, .ending, .ended, .closing,
            .closed:
            false
        }
    }

    /// Takes from the parser what there is, up to a whole request.
    private mutating func read(at now: Instant) -> Action? {
        do {
            while let event = try parser.next() {
                switch event {
                case .head(let head):
                    // Who has begun to send the body does not wait (RFC 9110 section 10.1.1).
                    if head.expectsContinue, head.framing != .length(0), parser.bufferedByteCount == 0 {
                        output.append(contentsOf: HTTP1ResponseSerializer.continueResponse)
                    }
                    exchange.head = head
                    exchange.arrival = now
                case .body(let piece): exchange.append(piece)
                case .end: return handle()
                }
            }
            phase = .waiting
        } catch {
            refuse(error)
        }
        return nil
    }

    private mutating func handle() -> Action? {
        guard let head = exchange.head else { return nil }
        phase = .handling
        handler = .starting
        requests += 1
        timeout.stop()
        return .handle(head, body: exchange.takeBody())
    }

    /// What takes the response, or the connection, one step further.
    private mutating func advance(pending: Int) -> Action? {
        switch phase {
        case .waiting: if input == .ended { phase = .ending(.finish) }
        case .refusing: if let error = exchange.refusal { return .refuse(error) }
        case .sendingFile(.ready): return .sendFile
        case .streaming(.released):
            phase = .streaming(.running)
            return .resumeProducer
        case .ending(.abort):
            phase = .ended
            return .abort
        case .ending(.close):
            phase = .ended
            return .close
        case .closing:
            phase = .closed
            return .end
        case .ended, .closed: return nil
        case .reading, .handling, .streaming, .sendingFile, .ending(.finish): break
        }
        if !output.isEmpty { return .write }
        switch phase {
        case .ending(.finish) where pending == 0:
            phase = .ended
            return .finish
        case .streaming(.running) where pending > bounds.pendingOutputBytes: phase = .streaming(.held)
        case .reading, .waiting, .refusing, .handling, .streaming, .sendingFile, .ending, .ended, .closing, .closed:
            break
        }
        return nil
    }

    /// Nothing is left to do but to wait for what comes.
    private mutating func settle(pending: Int, at now: Instant) -> Action? {
        adjustTimeout(pending: pending, at: now)
        switch (input, wantsInput(pending: pending)) {
        case (.flowing, false):
            input = .paused
            return .pauseReading
        case (.paused, true):
            input = .flowing
            return .resumeReading
        case (.flowing, true), (.paused, false), (.ended, _): break
        }
        return timeout.nextAlarm().map(Action.setTimer)
    }

    private mutating func adjustTimeout(pending: Int, at now: Instant) {
        switch phase {
        case .handling, .refusing: return
        case .ended, .closing, .closed: return timeout.stop()
        case .sendingFile: return timeout.begin(.output, limits.responseWriteTime, at: now)
        case .reading, .waiting, .streaming, .ending: break
        }
        // A peer that does not take its responses has until then, whatever it sends meanwhile.
        if pending > 0 { return timeout.begin(.output, limits.responseWriteTime, at: now) }
        timeout.stop(.output)
        guard phase == .waiting else { return }
        if exchange.head != nil {
            timeout.begin(.body, limits.bodyReadTime, at: now)
        } else if !parser.isBetweenMessages {
            timeout.begin(.header, limits.headerReadTime, at: now)
        } else if requests > 0 {
            timeout.begin(.request, limits.idleTime, at: now)
        }
    }

    private func wantsInput(pending: Int) -> Bool {
        switch phase {
        case .waiting: true
        // Held back by its output.
        case .reading: false
        // Even of a client that is behind: its end, which cancels the work, has to be seen.
        case .handling, .streaming, .sendingFile: parser.bufferedByteCount <= bounds.pipelinedBytes
        // What comes is dropped, and need not even be read from one that takes nothing.
        case .ending: input == .flowing && pending <= bounds.pendingOutputBytes
        case .refusing, .ended, .closing, .closed: input != .paused
        }
    }
}
