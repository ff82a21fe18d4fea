import Postgres
import TestSupport
import Testing

@testable import SourceReading

/// Ids of which the warehouse takes different texts for one are refused, all columns at once.
@Suite(.requiresServer, .requiresExtension("citext")) struct EqualIDsTests {
    private static let tables = """
        create extension citext;
        create collation dwh.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        create collation dwh.sorted (provider = icu, locale = 'de');
        create domain dwh.code as text collate dwh.ci; create domain dwh.outer_code as dwh.code;
        create domain dwh.word as citext;
        create table dwh.good (client_id text, product_id text collate dwh.sorted, amount real);
        create table dwh.holdings (client_id citext, product_id varchar(9) collate dwh.ci, amount real);
        create table dwh.clients (id dwh.word); create table dwh.products (id dwh.outer_code, "Name" citext);
        create table dwh.parts (product dwh.code, component text, weight real);
        """

    private static func mapping(_ holdings: String) throws -> SourceMapping {
        var mapping = try SourceMapping.long(.named(holdings))
        mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "id")
        mapping.products = ProductsMapping(
            source: try .named("dwh.products"), id: "id", name: "Name", components: try .named("dwh.parts"))
        mapping.exclusions = ExclusionsMapping(
            query: "select 'A'::citext as client_id, 'B' collate dwh.ci as product_id")
        return mapping
    }

    @Test func namesAllOfThem() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let error = await database.sourceError(try Self.mapping("dwh.holdings"))
            #expect(error?.code == .type && error?.key == "holdings.client")
            let columns = [
                "holdings.client: \"client_id\" (citext)", "holdings.product: \"product_id\" (collation \"ci\")",
                "clients.id: \"id\" (citext)", "products.id: \"id\" (collation \"ci\")",
                "products.components: \"product\" (collation \"ci\")", "exclusions.query: \"client_id\" (citext)",
                "exclusions.query: \"product_id\" (collation \"ci\")", "lower(\"client_id\")::text",
            ]
            for column in columns {
                #expect(error?.message.contains(column) == true, "\(column): \(error?.message ?? "")")
            }
            #expect(error?.message.contains("component\" (") == false && error?.message.contains("Name") == false)

            let others = await database.sourceError(try Self.mapping("dwh.good"))
            #expect(others?.key == "clients.id" && others?.message.contains("holdings.") == false)
        }
    }

    /// What is compared is what the statement returns, whatever the column is.
    @Test func looksAtWhatIsMapped() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute(
                """
                insert into dwh.holdings values ('a', 'x', 1), ('A', 'x', 2), ('b', 'y', 3);
                create view dwh.seen as select * from dwh.holdings;
                """)
            for source in ["dwh.seen", "dwh.holdings"] {
                #expect(await database.sourceError(try .long(.named(source)))?.code == .type, "\(source)")
            }
            let error = await database.sourceError(try .long(.query("select * from dwh.seen")))
            #expect(error?.message.contains("\"client_id\" (citext), holdings.product: \"product_id\"") == true)
            let mended = try await database.read(
                .long(
                    .query(
                        """
                        select lower(client_id)::text as client_id, lower(product_id) collate "C" as product_id, amount
                        from dwh.seen
                        """)))
            #expect(mended.held == ["a x 3.0", "b y 3.0"])
            #expect(try await database.read(.long(.named("dwh.good"))).held.isEmpty)
        }
    }
}
