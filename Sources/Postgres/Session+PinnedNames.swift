import CLibPQ

extension Session {
    /// Runs statements of our own under settings that make them mean the same on any server, such as a `search_path` in
    /// which a name without a schema is one of PostgreSQL's own.
    ///
    /// In another schema of the `search_path` there can be a function or an operator that fits its arguments better than
    /// PostgreSQL's own, such as `quote_ident(name)`: it would be called instead, with the rights of whoever runs this.
    ///
    /// - Parameter body: The statements. Outside of a transaction they run in one that is read-only; inside of one the
    ///   settings are as they were afterwards.
    /// - Throws: What the closure throws, and ``PostgresError``; a transaction is of no use any more then.
    public func withPinnedNames<Value>(_ body: (Session) throws -> Value) throws -> Value {
        guard connection.transactionStatus == PQTRANS_INTRANS else {
            return try transaction(TransactionMode(isReadOnly: true).pinningNames, body)
        }
        let names = TransactionMode.Setting.pinned.map(\.name)
        let current = names.map { "pg_catalog.current_setting('\($0)')" }.joined(separator: ", ")
        let values = try execute("select \(current)").rows[0].values
        try executeScript(TransactionMode.Setting.pinned.map { try localSetting($0) }.joined(separator: "; "))
        let value = try body(self)
        let restored = names.enumerated().map { "set_config('\($1)', $\($0 + 1), true)" }.joined(separator: ", ")
        try execute("select \(restored)", values.map { .textOrNull($0) })
        return value
    }
}
