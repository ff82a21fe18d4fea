public import Postgres

extension DemoWarehouse {
    /// How many rows were written.
    public struct Summary: Sendable, Hashable {
        /// Rows of `clients`.
        public let clientCount: Int
        /// Rows of `products`.
        public let productCount: Int
        /// Rows of `client_holdings`, all periods.
        public let holdingCount: Int
        /// Rows of `exclusions`.
        public let exclusionCount: Int
    }

    /// The schema that is used when none is named.
    public static let defaultSchema = "demo"

    /// Writes the tables `clients`, `products`, `client_holdings` and `exclusions` in one transaction.
    ///
    /// An earlier demo in the same schema is replaced; it is recognized by the comment on the schema. Other objects in
    /// that schema stay.
    ///
    /// - Parameters:
    ///   - connection: A connection whose role may create a schema in the database.
    ///   - schema: The name of the schema, as PostgreSQL keeps it.
    /// - Returns: How many rows were written.
    /// - Throws: `DemoWarehouseError` if the schema holds something else, or if views depend on the earlier demo;
    ///   `PostgresError`; `CancellationError`. The database is then as it was.
    @discardableResult
    public func write(
        to connection: PostgresConnection,
        schema: String = DemoWarehouse.defaultSchema
    ) async throws -> Summary {
        let clients = clients()
        return try await connection.withSession { session in
            try session.transaction(.readWrite.setting("lock_timeout", "5s")) { session in
                let tables = try DemoTables(session: session, schema: schema)
                try tables.replace()
                let summary = Summary(
                    clientCount: try tables.copy(into: "clients") { try $0.append(clients) },
                    productCount: try tables.copy(into: "products") { try $0.append(DemoProduct.catalogue) },
                    holdingCount: try tables.copy(into: "client_holdings") { try $0.appendHoldings(of: clients) },
                    exclusionCount: try tables.copy(into: "exclusions") { try $0.appendExclusions(of: clients) }
                )
                // Keys and statistics take as long as there are rows: 25 s for a million clients.
                session.operationTimeout += .seconds(summary.clientCount / 5_000)
                try tables.finish()
                return summary
            }
        }
    }
}
