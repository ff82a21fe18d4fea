import CLibPQ

/// One connection to a PostgreSQL server.
///
/// An actor with a thread of its own for as long as it works: waiting for the server holds up nobody else. All work is
/// done in synchronous closures over a ``Session``, so nothing can come between the statements of a transaction.
public actor PostgresConnection {
    private nonisolated let executor = SerialQueueExecutor(label: "peerfolio.postgres.connection")
    private var connection: LibPQConnection?

    /// The executor of this actor, a dispatch queue of its own.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        executor.asUnownedSerialExecutor()
    }

    private init() {}

    /// Connects to a server.
    ///
    /// - Throws: ``PostgresError/Code/connectionFailed``, ``PostgresError/Code/authenticationFailed``,
    ///   ``PostgresError/Code/serverNotVerified`` or ``PostgresError/Code/timeout``; before anything is sent
    ///   ``PostgresError/Code/insecureTransport``, ``PostgresError/Code/insecurePasswordFile`` or
    ///   ``PostgresError/Code/invalidConninfo``; `CancellationError` when the task is cancelled.
    public static func open(_ settings: ConnectionSettings) async throws -> PostgresConnection {
        let connection = PostgresConnection()
        try await connection.connect(settings)
        return connection
    }

    /// Runs one synchronous closure over this connection, in the connection's own thread.
    ///
    /// If the task is cancelled, the statement that runs is stopped on the server and every later one is refused with
    /// `CancellationError`. A transaction that the closure leaves open is rolled back.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws; ``PostgresError/Code/connectionLost`` if the connection is closed;
    ///   `CancellationError` if the task was cancelled before the closure began.
    public func withSession<Value: Sendable>(
        _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        let interrupt = try Interrupt()
        return try await withTaskCancellationHandler {
            try run(body, interrupt)
        } onCancel: {
            interrupt.raise()
        }
    }

    /// Ends the connection; harmless if it has ended already.
    public func close() {
        connection = nil
    }

    private func connect(_ settings: ConnectionSettings) async throws {
        let interrupt = try Interrupt()
        let connection = try await withTaskCancellationHandler {
            let connection = try LibPQConnection.connect(settings, interrupt: interrupt)
            try connection.stayWhenIdle(interrupt)
            return connection
        } onCancel: {
            interrupt.raise()
        }
        self.connection = connection
        connection.warnings.forEach(settings.warn)
    }

    private func run<Value>(_ body: (Session) throws -> Value, _ interrupt: Interrupt) throws -> Value {
        guard let connection, !connection.isClosed else {
            throw PostgresError(code: .connectionLost, message: "the connection is closed; open a new one")
        }
        guard !interrupt.isRaised else { throw CancellationError() }
        let operationTimeout = connection.operationTimeout
        connection.interrupt = interrupt
        defer {
            connection.rollBackIfNeeded()
            connection.interrupt = nil
            connection.operationTimeout = operationTimeout
        }
        return try body(Session(connection))
    }
}
