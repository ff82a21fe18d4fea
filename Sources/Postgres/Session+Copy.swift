import CLibPQ

extension Session {
    /// Runs a `COPY … TO STDOUT` and passes on each message as it arrives; nothing is kept.
    ///
    /// ``operationTimeout`` limits the time without any byte, so a COPY may take as long as data flows.
    ///
    /// - Parameters:
    ///   - sql: The one COPY statement.
    ///   - receive: Gets each message, valid during the call. The server sends one row per message in general.
    ///     If it throws, the COPY is stopped, and the connection is free again.
    /// - Throws: What `receive` throws, ``PostgresError``, or `CancellationError`. Rows that were received before belong
    ///   to a COPY that failed.
    public func copyOut(_ sql: String, _ receive: (UnsafeRawBufferPointer) throws -> Void) throws {
        try Self.refuseNUL(in: sql)
        var patience = Patience(limit: operationTimeout, heedsInterrupt: true)
        try connection.startCopy(sql, expecting: PGRES_COPY_OUT, &patience)
        do {
            while try connection.getCopyData(&patience, receive) {}
        } catch {
            connection.abandonCopyOut()
            throw error
        }
        _ = try connection.finish(&patience)
    }

    /// Runs a `COPY … FROM STDIN` with the data that `body` writes.
    ///
    /// ``operationTimeout`` limits the time without any byte, and then the time until the server has ended the COPY.
    ///
    /// - Parameters:
    ///   - sql: The one COPY statement.
    ///   - body: Writes the data. If it throws, the COPY takes no row, and the connection is free again.
    /// - Returns: The number of rows that the server took.
    /// - Throws: What `body` throws, ``PostgresError``, or `CancellationError`.
    public func copyIn(_ sql: String, _ body: (CopyInWriter) throws -> Void) throws -> Int {
        try Self.refuseNUL(in: sql)
        var patience = Patience(limit: operationTimeout, heedsInterrupt: true)
        try connection.startCopy(sql, expecting: PGRES_COPY_IN, &patience)
        do {
            try body(CopyInWriter(connection))
            if connection.interrupt?.isRaised == true {
                throw CancellationError()
            }
        } catch {
            connection.abandonCopyIn()
            throw error
        }
        return try connection.endCopyIn()
    }
}

/// Takes the data of a COPY to the server; valid inside the closure of ``Session/copyIn(_:_:)`` only.
public struct CopyInWriter {
    private let connection: LibPQConnection

    init(_ connection: LibPQConnection) {
        self.connection = connection
    }

    /// Sends bytes, in any pieces, and returns when the socket has taken them.
    ///
    /// - Throws: ``PostgresError``, or `CancellationError` when the task was cancelled.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        try connection.putCopyData(bytes)
    }
}
