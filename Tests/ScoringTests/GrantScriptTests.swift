import Configuration
import Postgres
import SourceReading
import TestSupport
import Testing

@testable import Scoring

/// A warehouse whose configuration uses every kind of source.
enum RightsWarehouse {
    static let yaml = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount, valid_from: since, valid_to: until}
        clients: {relation: dwh.clients, id: client_id, manager: manager, attributes: {age: 0.5}, risk: risk}
        products: {query: "select p.product_id, p.name, r.risk from shop.products p left join shop.risks r using (product_id)", id: product_id, name: name, risk: risk, components: shop.components}
        exclusions: {query: "select client_id, null as product_id, 'no' as reason from dwh.clients where is_closed"}
        freshness: {column: loaded_at, max_age: 100h}
        checks: {max_rejected: 1}
        """

    static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric, since date, until date,
            loaded_at timestamptz default now(), note text);
        insert into dwh.holdings (client_id, product_id, amount) select i, 'P' || (i % 4), 1 from generate_series(1, 20) i;
        create table dwh.clients (client_id bigint, manager text, age integer, risk integer, is_closed boolean, iban text);
        insert into dwh.clients select i, 'M' || i % 2, i, 5, false, 'X' || i from generate_series(1, 20) i;
        create schema shop;
        create table shop.products (product_id text, name text, cost numeric);
        insert into shop.products select 'P' || i, 'Product ' || i, i from generate_series(0, 4) i;
        create table shop.risks (product_id text, risk integer, author text);
        insert into shop.risks select 'P' || i, i, 'a' from generate_series(0, 4) i;
        create table shop.components (product text, component text, weight numeric, source text);
        insert into shop.components values ('P4', 'P1', 1, 'x'), ('P4', 'P2', 1, 'x');
        create table dwh.secret (a text);
        """
}

/// What `grants` prints is enough for a login without any other right, and no more than that.
@Suite(.requiresServer) struct GrantScriptTests {
    struct Layout: Sendable, CustomTestStringConvertible {
        let name: String
        let tables: String
        let yaml: String
        /// Statements that the login may not run all the same.
        let refused: [String]

        var testDescription: String { name }
    }

    static let layouts = [
        Layout(
            name: "every kind of source", tables: RightsWarehouse.tables, yaml: RightsWarehouse.yaml,
            refused: [
                "select note from dwh.holdings", "select * from dwh.holdings", "select iban from dwh.clients",
                "select a from dwh.secret", "select cost from shop.products", "select author from shop.risks",
                "select source from shop.components", "update dwh.holdings set amount = 1", "delete from dwh.clients",
                "insert into shop.products values ('x')", "truncate dwh.holdings", "drop table dwh.secret",
            ]),
        Layout(
            name: "long", tables: SmallWarehouse.tables + "alter table dwh.holdings add column note text;",
            yaml: SmallWarehouse.yaml, refused: ["select note from dwh.holdings"]),
        Layout(
            name: "wide, with a pattern and a snapshot, in odd letters",
            tables: #"""
                create schema "Odd ""Schema";
                create table "Odd ""Schema"."M x" (id bigint, day date, prod_a numeric, "prod_B" numeric,
                    "prod ""c" numeric, notes text);
                insert into "Odd ""Schema"."M x"
                select i, '2026-01-01', i % 2, (i + 1) % 2, i % 3, 'n' from generate_series(1, 30) i;
                """#,
            yaml: #"""
                holdings: {relation: '"Odd ""Schema"."M x"', client: id, products: "prod*", as_of: day}
                """#,
            refused: [
                #"select notes from "Odd ""Schema"."M x""#, #"select count(t) from "Odd ""Schema"."M x" as t"#,
            ]),
        Layout(
            name: "queries, views, partitions and freshness",
            tables: """
                create table dwh.positions (day date, client_id bigint, product_id text, amount numeric, trader text)
                    partition by range (day);
                create table dwh.positions_all partition of dwh.positions for values from (minvalue) to (maxvalue);
                insert into dwh.positions
                select date '2026-01-01', i, 'P' || (i % 4), 1, 't' from generate_series(1, 20) i;
                create table dwh.people (id bigint, name text, boss text);
                insert into dwh.people select i, 'N' || i, 'B' from generate_series(1, 20) i;
                create view dwh.clients as select id, boss, name from dwh.people;
                create table dwh.loads (finished timestamptz, operator text);
                insert into dwh.loads values (now(), 'x');
                create table dwh.sanctions (client_id bigint, product_id text, reason text, informant text);
                create function dwh."is it?
                select 1 / 0; --"() returns boolean language sql as 'select true';
                """,
            yaml: """
                holdings:
                  query: "select client_id, product_id, amount from dwh.positions where day <= :as_of"
                  client: client_id
                  product: product_id
                  amount: amount
                clients: {relation: dwh.clients, id: id, manager: boss}
                exclusions:
                  query: |
                    select client_id, product_id, reason as "any.*" from dwh.sanctions
                    where reason ~ '^it''s.*' and dwh."is it?
                    select 1 / 0; --"()
                freshness: {query: "select max(finished) from dwh.loads -- the newest"}
                """,
            refused: [
                "select trader from dwh.positions", "select amount from dwh.positions_all",
                "select name from dwh.clients", "select id from dwh.people", "select operator from dwh.loads",
                "select informant from dwh.sanctions",
            ]),
        Layout(
            name: "materialized views",
            tables: """
                create table dwh.positions (client_id bigint, product_id text, amount numeric, trader text);
                insert into dwh.positions select i, 'P' || (i % 4), 1, 't' from generate_series(1, 20) i;
                create materialized view dwh.holdings as select * from dwh.positions;
                create materialized view dwh.closed as select client_id, product_id, trader from dwh.positions limit 1;
                """,
            yaml: """
                holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
                exclusions: {query: "select client_id, product_id, 'closed' as reason from dwh.closed"}
                """,
            refused: [
                "select trader from dwh.holdings", "select trader from dwh.closed",
                "select client_id from dwh.positions",
            ]),
    ]

    @Test(arguments: layouts) func whatItPrintsIsEnoughAndNoMore(layout: Layout) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(layout.tables)
            // A name that has to be quoted, and that no other test has.
            let login = "Peer\"folio \(UInt64.random(in: 0...UInt64.max))"
            let quoted = "\"" + login.replacing("\"", with: "\"\"") + "\""
            try await database.execute("create role \(quoted) login")
            let escaped = login.replacing("'", with: "\\'")
            let conninfo = "\(database.conninfo()) user='\(escaped)'"
            let installation = try Installation(
                ServiceConfiguration(yaml: layout.yaml, overrides: ["connection=\(conninfo)"]))
            let refusal = await #expect(throws: ScoringError.self) {
                _ = try await ScoringRun(installation, options: RunOptions(isForced: true)).execute()
            }
            #expect(refusal?.code == .rightsMissing)
            #expect(refusal?.message.contains("GRANT peerfolio_runner TO \(quoted)") == true)

            let before = try await database.rows("select relname from pg_class order by 1")
            let script = try await database.withSession { try GrantScript(installation).text(role: login, $0) }
            #expect(try await database.rows("select relname from pg_class order by 1") == before)
            try await database.execute(script)

            let report = try await ServiceCheck(installation).report(asOf: nil)
            #expect(report.isReady && report.warnings.isEmpty)
            let summary = try await ScoringRun(installation, options: RunOptions(isForced: true)).execute()
            #expect(summary.published && summary.recommendations > 0)
            #expect(try await database.published() == [["1", "\(summary.recommendations)"]])
            // What it grants is there, so that a DBA who runs it again changes nothing, and it asks for the same.
            let again = try await installation.withSession { try GrantScript(installation).text(role: nil, $0) }
            #expect(again == script)

            for statement in layout.refused {
                let error = await #expect(throws: PostgresError.self, "\(statement)") {
                    try await installation.withSession { try $0.executeScript("begin; \(statement); rollback") }
                }
                #expect(error?.sqlState == "42501", "\(statement)")
            }
        }
    }

    /// Printed for a configuration whose relation does not exist, it would be of no use.
    @Test func mistakesInTheMappingAreSaid() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            for (key, value) in [("holdings.relation", "dwh.holding"), ("holdings.client", "klient")] {
                let installation = try database.installation(
                    SmallWarehouse.yaml, overrides: ["\(key)=\(value)"], as: .superuser)
                let error = await #expect(throws: SourceError.self) {
                    _ = try await installation.withSession { try GrantScript(installation).text(role: nil, $0) }
                }
                #expect(error?.key == key)
            }
        }
    }

    /// Who may not use the schemas of a query cannot say which columns it reads, and says who can.
    @Test func aQueryThatCannotBeLookedIntoIsSaid() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                SmallWarehouse.tables
                    + "create schema closed; create table closed.x (client_id bigint, product_id text);")
            let query = "exclusions.query=select client_id, product_id, '' as reason from closed.x"
            let installation = try database.installation(SmallWarehouse.yaml, overrides: [query])
            let error = await #expect(throws: SourceError.self) {
                _ = try await installation.withSession { try GrantScript(installation).text(role: nil, $0) }
            }
            #expect(error?.key == "exclusions.query")
            #expect(error?.message.contains("as a DBA") == true)
            // The check names the schema, the relation, and who can say more.
            let missing = await #expect(throws: ScoringError.self) {
                _ = try await ServiceCheck(installation).report(asOf: nil)
            }
            for words in ["USAGE ON SCHEMA closed", "SELECT ON closed.x", "which columns exclusions.query needs"] {
                #expect(missing?.message.contains(words) == true, "\(missing?.message ?? "")")
            }
        }
    }

    /// Rights that were taken from the group are given back.
    @Test func itGivesBackWhatTheGroupHasLost() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.execute("revoke update (slot) on peerfolio.runs from peerfolio_runner")
            let installation = try database.installation(SmallWarehouse.yaml)
            let script = try await installation.withSession { try GrantScript(installation).text(role: nil, $0) }
            #expect(script.contains("\nGRANT UPDATE (slot) ON peerfolio.runs TO peerfolio_runner;\n"))
            try await database.execute(script)
            #expect(try await ServiceCheck(installation).report(asOf: nil).isReady)
        }
    }
}

/// What the script says of a source that lies elsewhere; nothing is read, so no other server is needed.
@Suite(.requiresServer) struct GrantScriptForeignTableTests {
    @Test func foreignTablesAreGranted() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create foreign data wrapper elsewhere;
                create server elsewhere foreign data wrapper elsewhere;
                create foreign table dwh.holdings (client_id bigint, product_id text, amount numeric, note text)
                    server elsewhere;
                """)
            let installation = try database.installation(SmallWarehouse.yaml, as: .superuser)
            let script = try await installation.withSession {
                try GrantScript(installation).text(role: "app", $0)
            }
            #expect(script.contains("\nGRANT SELECT (client_id, product_id, amount) ON dwh.holdings TO app;\n"))
        }
    }
}
