import CLibPQ

extension Session {
    /// Runs statements about the catalog in which a name without a schema is one of PostgreSQL's own.
    ///
    /// In another schema of the `search_path` there can be a function or an operator that fits its arguments better than
    /// PostgreSQL's own, such as `quote_ident(name)`: it would be called instead, with the rights of whoever runs this.
    ///
    /// - Parameter body: The statements. Outside of a transaction they run in one that is read-only; inside of one the
    ///   `search_path` is as it was afterwards.
    /// - Throws: What the closure throws, and ``PostgresError``; a transaction is of no use any more then.
    public func withPinnedNames<Value>(_ body: (Session) throws -> Value) throws -> Value {
        guard connection.transactionStatus == PQTRANS_INTRANS else {
            return try transaction(TransactionMode(isReadOnly: true).pinningNames, body)
        }
        let path: String = try execute("select pg_catalog.current_setting('search_path')").rows[0].get(at: 0)
        try executeScript("set local search_path = pg_catalog, pg_temp")
        let value = try body(self)
        try execute("select set_config('search_path', $1, true)", [.text(path)])
        return value
    }
}
