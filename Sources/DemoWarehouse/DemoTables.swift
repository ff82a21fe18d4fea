import Postgres

/// The demo's tables in one transaction: created, filled, then keyed.
struct DemoTables {
    private let session: Session
    private let schema: String
    private let quotedSchema: String

    /// The comment by which a demo schema is recognized.
    static let marker = "Peerfolio demo warehouse"

    init(session: Session, schema: String) throws {
        self.session = session
        self.schema = schema
        quotedSchema = try session.escapeIdentifier(schema)
    }

    /// Creates empty tables without keys, after dropping those of an earlier demo.
    func replace() throws {
        let existing = try session.execute(
            "SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1",
            [.text(schema)]
        )
        if let row = existing.rows.first {
            guard try row.getIfPresent("comment", as: String.self) == Self.marker else {
                throw DemoWarehouseError.schemaIsNotADemo(schema)
            }
            try dropTables()
        } else {
            try session.executeScript("CREATE SCHEMA \(quotedSchema)")
        }
        try session.executeScript(
            """
            COMMENT ON SCHEMA \(quotedSchema) IS '\(Self.marker)';
            CREATE TABLE \(quotedSchema).clients (
                client_id bigint NOT NULL,
                segment text NOT NULL,
                manager text NOT NULL,
                risk_level smallint NOT NULL CHECK (risk_level BETWEEN 1 AND 5),
                customer_since date NOT NULL
            );
            CREATE TABLE \(quotedSchema).products (
                product_id text NOT NULL,
                name text NOT NULL,
                category text NOT NULL,
                risk_level smallint NOT NULL CHECK (risk_level BETWEEN 1 AND 5),
                is_available boolean NOT NULL
            );
            CREATE TABLE \(quotedSchema).client_holdings (
                client_id bigint NOT NULL,
                product_id text NOT NULL,
                valid_from date NOT NULL,
                valid_to date CHECK (valid_to > valid_from),
                market_value numeric(14, 2) NOT NULL
            );
            CREATE TABLE \(quotedSchema).exclusions (
                exclusion_id integer NOT NULL,
                client_id bigint,
                product_id text,
                reason text NOT NULL
            );
            """
        )
    }

    private func dropTables() throws {
        do {
            // Without CASCADE: a view that somebody built on the demo is not ours to drop.
            try session.executeScript(
                """
                DROP TABLE IF EXISTS \(quotedSchema).clients, \(quotedSchema).products,
                    \(quotedSchema).client_holdings, \(quotedSchema).exclusions
                """
            )
        } catch let error as PostgresError where error.sqlState == "2BP01" {
            throw DemoWarehouseError.earlierDemoInUse(schema)
        }
    }

    /// Adds keys, comments and statistics; later than the rows, since that is faster.
    func finish() throws {
        try session.executeScript(
            """
            ALTER TABLE \(quotedSchema).clients ADD PRIMARY KEY (client_id);
            ALTER TABLE \(quotedSchema).products ADD PRIMARY KEY (product_id);
            ALTER TABLE \(quotedSchema).client_holdings
                ADD PRIMARY KEY (client_id, product_id, valid_from),
                ADD FOREIGN KEY (client_id) REFERENCES \(quotedSchema).clients,
                ADD FOREIGN KEY (product_id) REFERENCES \(quotedSchema).products;
            ALTER TABLE \(quotedSchema).exclusions
                ADD PRIMARY KEY (exclusion_id),
                ADD FOREIGN KEY (client_id) REFERENCES \(quotedSchema).clients,
                ADD FOREIGN KEY (product_id) REFERENCES \(quotedSchema).products;

            COMMENT ON TABLE \(quotedSchema).clients IS 'All clients, those without holdings included.';
            COMMENT ON COLUMN \(quotedSchema).clients.client_id IS 'Identifies the client.';
            COMMENT ON COLUMN \(quotedSchema).clients.segment IS 'retail, affluent, private or business.';
            COMMENT ON COLUMN \(quotedSchema).clients.manager IS 'Name of the manager who looks after the client.';
            COMMENT ON COLUMN \(quotedSchema).clients.risk_level IS 'Risk that the client accepts, 1 (low) to 5.';
            COMMENT ON COLUMN \(quotedSchema).clients.customer_since IS 'First day as a client.';
            COMMENT ON TABLE \(quotedSchema).products IS 'All products, those no longer sold included.';
            COMMENT ON COLUMN \(quotedSchema).products.product_id IS 'Identifies the product.';
            COMMENT ON COLUMN \(quotedSchema).products.name IS 'Name for clients.';
            COMMENT ON COLUMN \(quotedSchema).products.category IS 'Kind of product.';
            COMMENT ON COLUMN \(quotedSchema).products.risk_level IS 'Risk of the product, 1 (low) to 5.';
            COMMENT ON COLUMN \(quotedSchema).products.is_available IS 'Whether the product may be sold.';
            COMMENT ON TABLE \(quotedSchema).client_holdings IS 'Who held what, when, at which value.';
            COMMENT ON COLUMN \(quotedSchema).client_holdings.client_id IS 'The client.';
            COMMENT ON COLUMN \(quotedSchema).client_holdings.product_id IS 'The product.';
            COMMENT ON COLUMN \(quotedSchema).client_holdings.valid_from IS 'First day on which the row is valid.';
            COMMENT ON COLUMN \(quotedSchema).client_holdings.valid_to
                IS 'First day on which the row is no longer valid; NULL while it is.';
            COMMENT ON COLUMN \(quotedSchema).client_holdings.market_value IS 'Value of the position.';
            COMMENT ON TABLE \(quotedSchema).exclusions IS 'What must not be offered to whom.';
            COMMENT ON COLUMN \(quotedSchema).exclusions.exclusion_id IS 'Identifies the exclusion.';
            COMMENT ON COLUMN \(quotedSchema).exclusions.client_id IS 'The client; NULL means all.';
            COMMENT ON COLUMN \(quotedSchema).exclusions.product_id IS 'The product; NULL means all.';
            COMMENT ON COLUMN \(quotedSchema).exclusions.reason IS 'Why, in words.';

            ANALYZE \(quotedSchema).clients, \(quotedSchema).products, \(quotedSchema).client_holdings,
                \(quotedSchema).exclusions;
            """
        )
    }

    /// Fills one table with the rows that `encode` appends, and returns how many they were.
    func copy(into table: String, _ encode: (BinaryCopyEncoder) throws -> Void) throws -> Int {
        try session.copyIn("COPY \(quotedSchema).\(table) FROM STDIN (FORMAT binary)") { writer in
            let encoder = BinaryCopyEncoder(writer)
            try encode(encoder)
            try encoder.finish()
        }
    }
}
