import Postgres
import TestSupport
import Testing

@testable import DemoWarehouse

@Suite struct DemoWarehouseTests {
    /// The same bytes on every machine: a change here changes every figure in the documentation.
    @Test func generatesTheSameBytesAlways() throws {
        let clients = DemoWarehouse().clients()
        let checksums = [
            try Self.checksum { try $0.append(clients) },
            try Self.checksum { try $0.append(DemoProduct.catalogue) },
            try Self.checksum { try $0.appendHoldings(of: clients) },
            try Self.checksum { try $0.appendExclusions(of: clients) },
        ]
        #expect(
            checksums == [
                0x7B8F_FA42_BD26_1303, 0xC3EB_ADD2_8D83_2DB1,
                0xB0CF_D6DD_9AC0_321B, 0x6FA9_78C8_046D_4FC3,
            ]
        )
    }

    @Test func looksLikeAnInvestmentCompany() {
        let clients = DemoWarehouse().clients()
        let open = clients.map { $0.holdings.count { $0.validTo == nil } }
        #expect(clients.count == 30_000)
        #expect(Set(clients.map(\.id)).count == 30_000)
        #expect(Set(clients.map(\.manager)).count == 40)
        #expect(DemoProduct.catalogue.count == 31)
        #expect(DemoProduct.catalogue.count { !$0.isAvailable } == 2)
        let mean = Double(open.reduce(0, +)) / 30_000
        #expect((3.2...3.4).contains(mean), "\(mean)")
        let empty = open.count { $0 == 0 }
        #expect((300...900).contains(empty), "\(empty)")
        let rows = clients.reduce(0) { $0 + $1.holdings.count }
        #expect((150_000...260_000).contains(rows), "\(rows)")
        #expect((500...1500).contains(clients.count { !$0.exclusions.isEmpty }))
        #expect(clients.allSatisfy { (1...5).contains($0.riskLevel) })
    }

    @Test func datesHoldingsWithoutGapsOrOverlaps() {
        for client in DemoWarehouse(clientCount: 2000).clients() {
            for (earlier, later) in zip(client.holdings, client.holdings.dropFirst())
            where earlier.product == later.product {
                #expect(earlier.validTo == later.validFrom)
            }
            for holding in client.holdings {
                #expect(holding.validFrom >= max(.firstOfRecords, client.customerSince))
                #expect(holding.validFrom < holding.validTo ?? (.lastOfRecords + 1))
                #expect(holding.validTo ?? .lastOfRecords <= .lastOfRecords)
                #expect((1...99_999_999_999_999).contains(holding.marketValueCents))
            }
        }
    }

    @Test func beginsEqualWhateverItsSize() {
        #expect(
            DemoWarehouse(clientCount: 100).clients() == Array(DemoWarehouse(clientCount: 500).clients().prefix(100))
        )
        #expect(DemoWarehouse(clientCount: 100, seed: 1).clients() != DemoWarehouse(clientCount: 100).clients())
    }

    @Test(.requiresServer, arguments: ["demo", "My \"odd\" schema"])
    func loadsTwice(schema: String) async throws {
        try await TestServer.withConnection { connection in
            let warehouse = DemoWarehouse(clientCount: 1000)
            let first = try await warehouse.write(to: connection, schema: schema)
            #expect(try await Self.rowCounts(connection, schema) == first)
            let total = try await Self.totalCents(connection, schema)
            #expect(total == warehouse.clients().flatMap(\.holdings).reduce(0) { $0 + $1.marketValueCents })
            #expect(try await warehouse.write(to: connection, schema: schema) == first)
            #expect(try await Self.rowCounts(connection, schema) == first)
            #expect(try await Self.totalCents(connection, schema) == total)
            #expect(first.clientCount == 1000)
            #expect(first.productCount == 31)
        }
    }

    @Test(.requiresServer) func leavesAnotherSchemaAlone() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession {
                try $0.executeScript("CREATE SCHEMA demo; CREATE TABLE demo.clients AS SELECT 7 AS client_id")
            }
            await #expect(throws: DemoWarehouseError.schemaIsNotADemo("demo")) {
                try await DemoWarehouse(clientCount: 10).write(to: connection)
            }
            let rows = try await connection.withSession {
                try $0.execute("SELECT client_id FROM demo.clients").rows.count
            }
            #expect(rows == 1)
        }
    }

    @Test(.requiresServer) func leavesViewsOnAnEarlierDemoAlone() async throws {
        try await TestServer.withConnection { connection in
            let warehouse = DemoWarehouse(clientCount: 10)
            try await warehouse.write(to: connection)
            try await connection.withSession {
                try $0.executeScript("CREATE VIEW public.report AS SELECT * FROM demo.client_holdings")
            }
            await #expect(throws: DemoWarehouseError.earlierDemoInUse("demo")) {
                try await warehouse.write(to: connection)
            }
            let count = try await connection.withSession {
                try $0.execute("SELECT count(DISTINCT client_id) AS n FROM public.report").rows[0].get(
                    "n",
                    as: Int.self
                )
            }
            #expect((1...10).contains(count))
        }
    }

    /// PostgreSQL reads every amount as the text that it stands for.
    @Test(.requiresServer) func writesAmountsExactly() async throws {
        let cents: [Int64] = [0, 1, 99, 100, 12_345, 999_999, 1_000_000, 100_000_000, 12_345_678_901_234]
        try await TestServer.withConnection { connection in
            let texts = try await connection.withSession { session in
                try session.executeScript("CREATE TABLE amounts (amount numeric(14, 2))")
                _ = try session.copyIn("COPY amounts FROM STDIN (FORMAT binary)") { writer in
                    let encoder = BinaryCopyEncoder(writer)
                    for cents in cents {
                        try encoder.beginRow(fieldCount: 1)
                        try encoder.appendNumeric(cents: cents)
                    }
                    try encoder.finish()
                }
                return try session.execute("SELECT amount FROM amounts").rows.map {
                    try $0.get("amount", as: String.self)
                }
            }
            #expect(
                texts == [
                    "0.00", "0.01", "0.99", "1.00", "123.45", "9999.99", "10000.00", "1000000.00", "123456789012.34",
                ]
            )
        }
    }

    /// FNV-1a over the bytes of a COPY.
    private static func checksum(_ encode: (BinaryCopyEncoder) throws -> Void) throws -> UInt64 {
        var checksum: UInt64 = 0xCBF2_9CE4_8422_2325
        try withoutActuallyEscaping({ (bytes: UnsafeRawBufferPointer) in
            for byte in bytes {
                checksum = (checksum ^ UInt64(byte)) &* 0x100_0000_01B3
            }
        }) { flush in
            let encoder = BinaryCopyEncoder(flush: flush)
            try encode(encoder)
            try encoder.finish()
        }
        return checksum
    }

    private static func rowCounts(
        _ connection: PostgresConnection,
        _ schema: String
    ) async throws -> DemoWarehouse.Summary {
        try await connection.withSession { session in
            let quoted = try session.escapeIdentifier(schema)
            func count(_ table: String) throws -> Int {
                try session.execute("SELECT count(*) AS n FROM \(quoted).\(table)").rows[0].get("n")
            }
            return DemoWarehouse.Summary(
                clientCount: try count("clients"),
                productCount: try count("products"),
                holdingCount: try count("client_holdings"),
                exclusionCount: try count("exclusions")
            )
        }
    }

    private static func totalCents(_ connection: PostgresConnection, _ schema: String) async throws -> Int64 {
        try await connection.withSession { session in
            let quoted = try session.escapeIdentifier(schema)
            let sql = "SELECT (sum(market_value) * 100)::bigint AS cents FROM \(quoted).client_holdings"
            return try session.execute(sql).rows[0].get("cents")
        }
    }
}
