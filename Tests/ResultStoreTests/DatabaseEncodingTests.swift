import ResultStore
import TestSupport
import Testing

@testable import SourceReading

/// Databases in other encodings than UTF-8.
@Suite(.requiresServer) struct DatabaseEncodingTests {
    private static let table = """
        create table dwh.holdings (client_id text, product_id text, amount numeric, name text);
        insert into dwh.holdings values ('a', 'A', 1, 'x'), ('b', 'B', 1, 'x');
        """

    @Test func latin1ComesBackByteForByte() async throws {
        try await TestServer.withMigratedDatabase(clientType: "text", encoding: "LATIN1") { database in
            try await database.execute(Self.table)
            try await database.execute(
                "insert into dwh.holdings values ('Zoë', 'Grün', 1, 'ä'), ('Zoë', 'A', 1, 'ä'), ('ÿ', 'A', 1, 'ä')")
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.holdings"), id: "client_id", manager: "name")
            let lease = try await database.publishRun(mapping)
            let written = try await database.rows(
                """
                select encode(convert_to(client_id, 'LATIN1'), 'hex'), manager from peerfolio.run_clients
                where run_id = \(lease.runID) order by 1
                """)
            #expect(written == [["5a6feb", "ä"], ["61", "x"], ["62", "x"], ["ff", "ä"]])
        }
    }

    @Test(arguments: ["client_id", "product_id", "manager", "name"])
    func invalidUTF8IsRefused(column: String) async throws {
        try await TestServer.withMigratedDatabase(clientType: "text", encoding: "SQL_ASCII") { database in
            try await database.execute(Self.table)
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.holdings"), id: "client_id", manager: "name")
            mapping.products = ProductsMapping(
                source: try .named("dwh.holdings"), id: "product_id", name: column == "name" ? "name" : nil)
            let good = try await database.read(mapping)
            #expect(good.held == ["a A 1.0", "b B 1.0"])

            let broken = column == "manager" ? "name" : column
            if column == "name" { mapping.clients?.manager = nil }
            try await database.execute("update dwh.holdings set \(broken) = E'caf\\xE9' where client_id = 'b'")
            let error = await database.sourceError(mapping)
            #expect(error?.code == .invalidText)
            #expect(error?.message.contains("SQL_ASCII") == true)
        }
    }

    /// Valid UTF-8 in such a database is what its owner meant.
    @Test func sqlASCIIWithUTF8Works() async throws {
        try await TestServer.withMigratedDatabase(clientType: "text", encoding: "SQL_ASCII") { database in
            try await database.execute(Self.table)
            try await database.execute("insert into dwh.holdings values ('Zoë', 'A', 1, 'ä'), ('b', '日本', 1, 'ä')")
            let lease = try await database.publishRun(.long())
            let written = try await database.value(
                """
                select string_agg(encode(client_id::bytea, 'hex'), ' ' order by client_id) from peerfolio.run_clients
                where run_id = \(lease.runID)
                """)
            #expect(written == "5a6fc3ab 61 62")
        }
    }
}
