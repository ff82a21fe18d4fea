import Holdings
import TestSupport
import Testing

@testable import SourceReading

/// Schemas, relations and columns with any name, as a run reads them: planned, locked, and copied.
@Suite(.requiresServer) struct SourceNameTests {
    private static let names = [
        #"My "odd" one"#, "Großes Schema", "with space", "UPPER", "dots.in.it", "select", "it's", #"back\slash"#,
        "日本語", "semi;colon--", "tab\there", "new\nline", "%s", ":as_of", "$1", "é", "e\u{301}",
    ]

    @Test(arguments: names)
    func readsAnyName(name: String) async throws {
        let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create schema \(quoted);
                grant usage on schema \(quoted) to peerfolio_test_runner;
                create table \(quoted).\(quoted) (
                    \(quoted) bigint, "p \(name.replacing("\"", with: "\"\""))" text, "a \(name.replacing("\"", with: "\"\""))" real,
                    "d \(name.replacing("\"", with: "\"\""))" date);
                insert into \(quoted).\(quoted) values (1, 'A', 2, '2026-06-01'), (1, 'B', 2, '2026-07-01');
                grant select on \(quoted).\(quoted) to peerfolio_test_runner;
                """)
            let relation = SourceRelation.relation(try RelationName(schema: name, name: name))
            let mapping = SourceMapping(
                holdings: HoldingsMapping(
                    source: relation, client: name, layout: .long(product: "p " + name, amount: "a " + name),
                    dating: .snapshot(column: "d " + name)),
                clients: ClientsMapping(source: relation, id: name, manager: "p " + name),
                products: ProductsMapping(source: relation, id: "p " + name, name: "p " + name))
            let input = try await database.read(mapping)
            #expect(input.held == ["1 A 2.0"])

            let wide = SourceMapping(
                holdings: HoldingsMapping(source: relation, client: name, layout: .wide(products: ["a *"])))
            #expect(try await database.read(wide).productTexts == ["a " + name])
        }
    }

    /// PostgreSQL keeps columns apart that Swift's strings hold equal.
    @Test func tellsCanonicallyEqualColumnsApart() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.wide (client_id bigint, "é" integer, "e\u{301}" integer);
                insert into dwh.wide values (1, 1, 2);
                """)
            #expect(try await database.read(.wide("é")).held == ["1 é 1.0"])
            let both = try await database.read(.wide("*"))
            #expect(both.roster.products.count == 2)
            #expect(both.holdings.amounts == [2, 1])
            try await database.execute("alter table dwh.wide drop column \"é\"")
            let error = await database.sourceError(
                .init(
                    holdings: HoldingsMapping(
                        source: try .named("dwh.wide"), client: "client_id", layout: .long(product: "é", amount: nil))))
            #expect(error?.code == .column)
        }
    }

    @Test func followsTheSearchPath() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount real);
                insert into dwh.holdings values (1, 'A', 1);
                do $$ begin execute format('alter database %I set search_path to dwh', current_database()); end $$;
                """)
            #expect(try await database.read(.long(.named("holdings"))).held == ["1 A 1.0"])
        }
    }
}
