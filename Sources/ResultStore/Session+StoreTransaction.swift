package import Postgres

extension Session {
    /// A transaction over Peerfolio's own tables: names pinned, and limits so that it never queues or hangs.
    ///
    /// Limits are set with SET LOCAL in the same round trip as BEGIN, so that they hold behind a pooler in transaction
    /// mode and leave nothing behind in its session.
    ///
    /// - Parameters:
    ///   - statementTimeout: The server's limit for each statement.
    ///   - body: The statements.
    package func storeTransaction<Value>(
        statementTimeout: Duration = .seconds(30), _ body: (Session) throws -> Value
    ) throws -> Value {
        let milliseconds = statementTimeout / .milliseconds(1)
        operationTimeout = statementTimeout + .seconds(10)
        let mode = TransactionMode.readWrite
            .pinningNames
            .setting("lock_timeout", "2s")
            .setting("statement_timeout", "\(Int(milliseconds))ms")
            .setting("idle_in_transaction_session_timeout", "60s")
            // Partitions multiply cost estimates: compiling the sweep took seconds, running it takes milliseconds.
            .setting("jit", "off")
        return try transaction(mode, body)
    }
}

/// What every part of the store works over: a session outside a transaction, with the server's limit for each statement.
struct StoreSession {
    let session: Session
    let statementTimeout: Duration

    init(_ session: Session, _ statementTimeout: Duration) {
        self.session = session
        self.statementTimeout = statementTimeout
    }

    func transaction<Value>(_ body: (Session) throws -> Value) throws -> Value {
        try session.storeTransaction(statementTimeout: statementTimeout, body)
    }
}
