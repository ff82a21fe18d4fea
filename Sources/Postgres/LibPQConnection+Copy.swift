import CLibPQ
import Foundation

extension LibPQConnection {
    /// The most bytes that one `PQputCopyData` gets.
    ///
    /// Larger buffers are no faster (measured: 32 to 64 KiB are best), and libpq copies each into its own.
    static let copyChunkByteCount = 64 * 1024

    /// Starts a COPY and checks its direction.
    func startCopy(_ sql: String, expecting direction: ExecStatusType, _ patience: inout Patience) throws {
        try start(&patience) { PQsendQuery($0, sql) }
        guard let first = try nextResult(&patience) else {
            throw closeAsLost(reportedBy: nil)
        }
        if first.status == direction {
            return
        }
        if first.isError {
            throw try error(endingWith: first, &patience)
        }
        close()
        throw PostgresError(
            code: .protocolViolation,
            message: "the statement is not the expected COPY; the connection was closed"
        )
    }

    /// Reads a command's remaining results after an error, and returns the error to throw.
    private func error(endingWith failure: LibPQResult, _ patience: inout Patience) throws -> any Error {
        while try nextResult(&patience) != nil {}
        if isClosed {
            return closeAsLost(reportedBy: failure)
        }
        let error = failure.error()
        let wasInterrupted = error.sqlState == SQLState.queryCanceled && interrupt?.isRaised == true
        return wasInterrupted ? CancellationError() : error
    }

    /// Reads the next message of a COPY OUT and passes it on.
    ///
    /// - Returns: Whether there was one; after the last one, ``finish(_:)`` tells how the COPY ended.
    func getCopyData(
        _ patience: inout Patience,
        _ receive: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        let handle = try open()
        while true {
            if patience.heedsInterrupt, interrupt?.isRaised == true {
                try stop(&patience)
            }
            var message: UnsafeMutablePointer<CChar>?
            let byteCount = PQgetCopyData(handle, &message, 1)
            if byteCount > 0 {
                defer { PQfreemem(message) }
                try receive(UnsafeRawBufferPointer(start: message, count: Int(byteCount)))
                return true
            }
            if byteCount < 0 || PQstatus(handle) == CONNECTION_BAD {
                return false
            }
            // A COPY that is being stopped does not get more time because its data goes on flowing.
            if patience.heedsInterrupt {
                patience.restart()
            }
            try awaitInput(&patience)
        }
    }

    /// Stops a COPY OUT and reads what is under way, so that the connection is free again, or closes it.
    func abandonCopyOut() {
        guard !isClosed else { return }
        var patience = Patience.stopping
        do {
            try stop(&patience)
            while try getCopyData(&patience, { _ in }) {}
            _ = try finish(&patience)
        } catch {
            closeUnlessServerError(error)
        }
    }

    /// Sends bytes of a COPY IN and waits until the socket has taken them.
    func putCopyData(_ bytes: UnsafeRawBufferPointer) throws {
        var patience = Patience(limit: operationTimeout, heedsInterrupt: false)
        var rest = bytes[...]
        while !rest.isEmpty {
            if interrupt?.isRaised == true {
                throw CancellationError()
            }
            let handle = try open()
            let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.copyChunkByteCount))
            rest = rest.dropFirst(chunk.count)
            let pointer = chunk.assumingMemoryBound(to: CChar.self).baseAddress
            // 0 would say that libpq cannot queue more; with an empty queue that does not happen.
            guard PQputCopyData(handle, pointer, Int32(chunk.count)) == 1 else {
                throw closeAsLost(reportedBy: nil)
            }
            try flushCopyData(&patience)
        }
    }

    /// Writes queued COPY data, each step with the whole time limit.
    private func flushCopyData(_ patience: inout Patience) throws {
        let handle = try open()
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: break
            default: throw closeAsLost(reportedBy: nil)
            }
            patience.restart()
            switch waitForSocket(Int16(POLLIN | POLLOUT), until: patience.deadline, heeding: interrupt) {
            case .ready(let events):
                // Notices of triggers arrive here, and the end of a connection.
                if events & Int16(POLLIN) != 0, PQconsumeInput(handle) == 0 {
                    throw closeAsLost(reportedBy: nil)
                }
            case .interrupted: throw CancellationError()
            case .timedOut: throw closeAfterTimeout(patience)
            }
        }
    }

    /// Ends a COPY IN and returns the number of rows that the server took.
    func endCopyIn() throws -> Int {
        var patience = Patience(limit: operationTimeout, heedsInterrupt: true)
        guard PQputCopyEnd(try open(), nil) == 1 else {
            throw closeAsLost(reportedBy: nil)
        }
        try flush(&patience)
        return try finish(&patience).first?.affectedRows ?? 0
    }

    /// Makes a COPY IN fail on the server, so that it takes no row and the connection is free again, or closes it.
    func abandonCopyIn() {
        guard !isClosed else { return }
        var patience = Patience.stopping
        do {
            // A server that waits for a lock would not read the end of the COPY.
            try stop(&patience)
            guard PQputCopyEnd(try open(), "canceled by the client") == 1 else {
                throw closeAsLost(reportedBy: nil)
            }
            try flush(&patience)
            _ = try finish(&patience)
        } catch {
            closeUnlessServerError(error)
        }
    }

    /// After a COPY was abandoned its own error is expected; anything else has left the connection in disorder.
    private func closeUnlessServerError(_ error: any Error) {
        if (error as? PostgresError)?.code == .server { return }
        if error is CancellationError, transactionStatus != PQTRANS_ACTIVE { return }
        close()
    }
}
