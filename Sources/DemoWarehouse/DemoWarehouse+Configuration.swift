import Configuration

extension DemoWarehouse {
    /// A commented configuration file, `peerfolio.yaml`, for the demo.
    ///
    /// - Parameters:
    ///   - schema: The schema that the demo was written to.
    ///   - connection: A libpq conninfo or URI without a password; empty for the `PG*` environment.
    /// - Returns: YAML.
    public static func configuration(schema: String = defaultSchema, connection: String = "") -> String {
        let prefix = schema == defaultSchema ? schema : "\"\(schema.replacing("\"", with: "\"\""))\""
        func relation(_ table: String) -> String {
            schema == defaultSchema ? "\(prefix).\(table)" : "\(prefix).\(table)".yamlQuoted
        }
        return """
            # Peerfolio's configuration for the demo warehouse.
            # Any libpq conninfo or URI; "" means the PG* environment variables. Passwords belong there or in .pgpass.
            connection: \(connection.yamlQuoted)

            # Who holds what: one row per client, product and period.
            holdings:
              relation: \(relation("client_holdings"))
              client: client_id
              product: product_id
              amount: market_value
              valid_from: valid_from
              valid_to: valid_to

            # All clients, so that those without holdings get recommendations as well.
            clients:
              relation: \(relation("clients"))
              id: client_id
              manager: manager

            # Names for reports, and which products may be offered.
            products:
              relation: \(relation("products"))
              id: product_id
              name: name
              available: is_available

            # What must not be offered to whom. Any SELECT of these three columns; NULL means all.
            exclusions:
              query: \("SELECT client_id, product_id, reason FROM \(prefix).exclusions".yamlQuoted)

            # The defaults, ready to be changed.
            model:
              encoding: binary
              distance: cosine
              decimals: 4
              k: 200
              informative: true
              min_overlap: 1
            output:
              top_n: 5

            """
    }
}
