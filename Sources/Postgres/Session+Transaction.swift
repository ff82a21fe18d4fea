import CLibPQ

extension Session {
    /// Runs `body` inside a transaction: commits when it returns, rolls back when it throws.
    ///
    /// BEGIN and the settings take one round trip. The body's error is thrown as it is; an error of BEGIN or COMMIT
    /// says so in ``PostgresError/transactionStep``. If ROLLBACK fails, the connection is closed, which rolls back too.
    /// A task that is cancelled before COMMIT is sent rolls back; afterwards COMMIT is waited for.
    ///
    /// - Precondition: The session is not inside a transaction.
    /// - Throws: ``PostgresError/Code/commitOutcomeUnknown`` if the connection ended after COMMIT was sent;
    ///   ``PostgresError/Code/transactionAborted`` if the server answered COMMIT by rolling back, because the body
    ///   swallowed the error of a statement.
    public func transaction<Value>(
        _ mode: TransactionMode = .readWrite,
        _ body: (Session) throws -> Value
    ) throws -> Value {
        try begin(mode)
        let value: Value
        do {
            value = try body(self)
            if connection.interrupt?.isRaised == true {
                throw CancellationError()
            }
        } catch {
            connection.rollBackIfNeeded()
            throw error
        }
        try commit()
        return value
    }

    private func begin(_ mode: TransactionMode) throws {
        precondition(
            connection.isClosed || connection.transactionStatus == PQTRANS_IDLE,
            "a transaction was begun inside another one"
        )
        do {
            // Not set_config(): as a SELECT it would take the snapshot before the caller can lock its inputs.
            var settings = try mode.settings.map { "; \(try localSetting($0))" }.joined()
            // Work has limits of its own, for each statement and for a run.
            if serverVersion >= 170_000 { settings += "; SET LOCAL transaction_timeout = 0" }
            let level = "BEGIN ISOLATION LEVEL \(mode.isolation.rawValue)"
            do {
                // Said in either case, since default_transaction_read_only may be on.
                try executeScript("\(level) READ \(mode.isReadOnly ? "ONLY" : "WRITE")\(settings)")
            } catch let error as PostgresError where error.sqlState == "0A000" && !mode.isReadOnly {
                // A standby does not even let it be said, and can be read.
                connection.rollBackIfNeeded()
                try executeScript(level + settings)
            }
        } catch {
            connection.rollBackIfNeeded()
            throw error.at(.begin)
        }
    }

    private func commit() throws {
        let tag: String
        do {
            tag = try connection.run(heedsInterrupt: false) { PQsendQuery($0, "COMMIT") }.first?.commandTag ?? ""
        } catch {
            guard connection.isClosed else {
                throw error.at(.commit)
            }
            // A commit takes no time itself, but waits for standbys for as long as it must.
            let isTimeout = (error as? PostgresError)?.code == .timeout
            throw PostgresError(
                code: .commitOutcomeUnknown,
                message: "the connection ended after COMMIT was sent, so the transaction may or may not have been "
                    + "committed; look before trying again"
                    + (isTimeout ? ", and whether a standby that synchronous_standby_names names is down" : ""),
                cause: error
            ).at(.commit)
        }
        guard tag == "COMMIT" else {
            throw PostgresError(
                code: .transactionAborted,
                message: "the transaction was rolled back at COMMIT, because one of its statements had failed"
            ).at(.commit)
        }
    }

    /// The statement that sets a setting until the end of the transaction.
    func localSetting(_ setting: TransactionMode.Setting) throws -> String {
        let values = try setting.values.map { try escapeLiteral($0) }.joined(separator: ", ")
        return "SET LOCAL \(try escapeSettingName(setting.name)) = \(values)"
    }

    /// Quotes the parts of a name such as `plpgsql.extra_errors`.
    private func escapeSettingName(_ name: String) throws -> String {
        try name.split(separator: ".", omittingEmptySubsequences: false)
            .map { try escapeIdentifier(String($0)) }
            .joined(separator: ".")
    }
}

extension LibPQConnection {
    /// Ends a transaction that is open or has failed, or closes the connection.
    func rollBackIfNeeded() {
        guard !isClosed, transactionStatus != PQTRANS_IDLE else { return }
        let timeout = operationTimeout
        defer { operationTimeout = timeout }
        operationTimeout = min(timeout, Self.cancelGrace)
        do {
            _ = try run(heedsInterrupt: false) { PQsendQuery($0, "ROLLBACK") }
        } catch {
            close()
        }
    }
}

extension Error {
    /// This error with the step of the transaction in which it happened, where it is a ``PostgresError``.
    fileprivate func at(_ step: PostgresError.TransactionStep) -> any Error {
        guard var error = self as? PostgresError else { return self }
        error.transactionStep = step
        return error
    }
}
