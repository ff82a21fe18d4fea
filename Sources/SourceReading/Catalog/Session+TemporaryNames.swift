import Postgres

extension Session {
    /// Lets temporary objects come last in the transaction's `search_path`, so that none can stand for a relation or type
    /// that the configuration names without a schema.
    ///
    /// A session can have such objects from whoever used it before, behind a pooler.
    ///
    /// - Returns: The schemas in which names are looked up now.
    /// - Throws: `PostgresError`.
    @discardableResult
    func pinTemporaryNames() throws -> [String] {
        let schemas =
            try execute("select pg_catalog.unnest(pg_catalog.current_schemas(false))").rows
            .map { try $0.get(at: 0, as: String.self) }.filter { !$0.hasPrefix("pg_temp") } + ["pg_temp"]
        let list = try schemas.map { try escapeLiteral($0) }.joined(separator: ", ")
        try executeScript("set local search_path = \(list)")
        return schemas
    }
}
