import CLibPQ
import Foundation

extension LibPQConnection {
    /// Sends one command and collects its results.
    ///
    /// - Parameters:
    ///   - heedsInterrupt: Whether a cancelled task stops the command.
    ///   - send: Calls one of the `PQsend` functions and returns its result.
    /// - Returns: The results without an error, at least one.
    /// - Throws: The first error, `CancellationError` if the command was stopped by the interrupt.
    func run(heedsInterrupt: Bool = true, send: (OpaquePointer) -> Int32) throws -> [LibPQResult] {
        var patience = Patience(limit: operationTimeout, heedsInterrupt: heedsInterrupt)
        try start(&patience, send: send)
        return try finish(&patience)
    }

    /// Sends one command and flushes it to the socket.
    func start(_ patience: inout Patience, send: (OpaquePointer) -> Int32) throws {
        let handle = try open()
        if patience.heedsInterrupt, interrupt?.isRaised == true {
            throw CancellationError()
        }
        guard send(handle) == 1 else {
            throw closeAsLost(reportedBy: nil)
        }
        try flush(&patience)
    }

    /// Writes libpq's output buffer to the socket, reading along, so that neither side waits for the other for ever.
    ///
    /// An interrupt is noticed by the waiting for results that follows: what is half sent cannot be taken back.
    func flush(_ patience: inout Patience) throws {
        let handle = try open()
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            default: throw closeAsLost(reportedBy: nil)
            }
            let heeded = patience.heedsInterrupt ? interrupt : nil
            switch waitForSocket(Int16(POLLIN | POLLOUT), until: patience.deadline, heeding: heeded) {
            case .ready(let events):
                if events & Int16(POLLIN) != 0, PQconsumeInput(handle) == 0 {
                    throw closeAsLost(reportedBy: nil)
                }
            case .interrupted: try stop(&patience)
            case .timedOut: try endWait(&patience)
            }
        }
    }

    /// Waits for the next result of a command, or `nil` when there is none left.
    func nextResult(_ patience: inout Patience) throws -> LibPQResult? {
        let handle = try open()
        // A broken connection is not waited for: what has arrived of the server's last words is still to be read.
        while PQisBusy(handle) == 1, PQstatus(handle) != CONNECTION_BAD {
            try awaitInput(&patience)
        }
        return PQgetResult(handle).map { LibPQResult(owning: $0) }
    }

    /// Waits until bytes have come in or the connection has broken.
    func awaitInput(_ patience: inout Patience) throws {
        let heeded = patience.heedsInterrupt ? interrupt : nil
        switch waitForSocket(Int16(POLLIN), until: patience.deadline, heeding: heeded) {
        case .ready: PQconsumeInput(try open())
        case .interrupted: try stop(&patience)
        case .timedOut: try endWait(&patience)
        }
    }

    /// Collects the results of a command to their end.
    ///
    /// - Throws: The first error; the connection is closed if it has broken.
    func finish(_ patience: inout Patience) throws -> [LibPQResult] {
        var results: [LibPQResult] = []
        var failure: LibPQResult?
        while let result = try nextResult(&patience) {
            switch result.status {
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // libpq would return this status for ever.
                close()
                throw PostgresError(
                    code: .protocolViolation,
                    message: "the statement began a COPY; use copyIn or copyOut; the connection was closed"
                )
            default:
                if result.isError {
                    failure = failure ?? result
                } else {
                    results.append(result)
                }
            }
        }
        if isClosed {
            throw closeAsLost(reportedBy: failure)
        }
        guard let failure else {
            return results
        }
        let error = failure.error()
        if error.sqlState == SQLState.queryCanceled, interrupt?.isRaised == true {
            throw CancellationError()
        }
        throw error
    }

    /// Stops the running command after an interrupt; its end is then waited for with the patience of clean-up.
    ///
    /// - Throws: `CancellationError` if the server could not be told; the connection is closed then.
    func stop(_ patience: inout Patience) throws {
        // Shorter than what follows: a server that does not even take the request is not there any more.
        guard requestCancel(within: .seconds(3)) else {
            close()
            throw CancellationError()
        }
        patience = .stopping
    }

    /// Ends a wait whose deadline has passed: asks once more where the command is being stopped, or gives up.
    private func endWait(_ patience: inout Patience) throws {
        guard let next = patience.nextStop else {
            throw closeAfterTimeout(patience)
        }
        // The server ignores a request that overtakes the command it is meant for.
        try stop(&patience)
        patience = next
    }

    /// Closes a connection whose peer does not answer, and returns the error to throw.
    func closeAfterTimeout(_ patience: Patience) -> any Error {
        if interrupt?.isRaised == true {
            close()
            return CancellationError()
        }
        // The server may be alive and at work for nothing, holding locks.
        _ = requestCancel(within: .seconds(1))
        close()
        return PostgresError(
            code: .timeout,
            message: "the server did not answer within \(patience.limit); the connection was closed"
        )
    }

    /// Closes a broken connection and returns the error to throw, with the server's last words if there were any.
    func closeAsLost(reportedBy result: LibPQResult?) -> PostgresError {
        var lost = PostgresError(
            code: .connectionLost,
            message: "the connection to the server was lost; open a new one and try again"
        )
        if let error = result?.error(), error.sqlState != nil {
            lost = error
            lost.code = .connectionLost
        }
        close()
        return lost
    }
}
