import Postgres
import Recommending
import TestSupport
import Testing

@testable import SourceReading

/// A mapping that does not fit names its key and what would be right; nothing is read.
@Suite(.requiresServer) struct SourceErrorTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric, note text, day date, code bytea);
        create table dwh.clients (client_id bigint, key text, manager text);
        create table dwh.products (product_id text, number bigint, name text, is_available boolean, state integer);
        create table dwh.wide (client_id bigint, prod_a integer, prod_b text);
        """

    private struct Case: CustomTestStringConvertible, Sendable {
        var code: SourceError.Code
        var key: String
        var words: [String]
        var mapping: @Sendable () throws -> SourceMapping

        var testDescription: String { "\(key) \(code) \(words.joined(separator: " "))" }

        init(
            _ code: SourceError.Code, _ key: String, _ words: String...,
            mapping: @escaping @Sendable () throws -> SourceMapping
        ) {
            (self.code, self.key, self.words, self.mapping) = (code, key, words, mapping)
        }
    }

    private static func with(_ change: (inout SourceMapping) throws -> Void) throws -> SourceMapping {
        var mapping = try SourceMapping.long()
        try change(&mapping)
        return mapping
    }

    private static let cases = [
        Case(.relation, "holdings.relation", "dwh.holding ", "did you mean dwh.holdings?") {
            try .long(.named("dwh.holding"))
        },
        Case(.relation, "holdings.relation", "case included") { try .long(.named("nowhere.at_all")) },
        Case(.column, "holdings.client", "\"client_ID\"", "did you mean \"client_id\"?") {
            try with { $0.holdings.client = "client_ID" }
        },
        Case(.column, "holdings.client", "it has \"client_id\", \"product_id\"") {
            try with { $0.holdings.client = "customer" }
        },
        Case(.column, "holdings.product", "\"produkt_id\"") { try .long(product: "produkt_id") },
        Case(.column, "holdings.amount", "\"ammount\"", "\"amount\"?") { try .long(amount: "ammount") },
        Case(.column, "holdings.as_of", "\"days\"") { try .long(dating: .snapshot(column: "days")) },
        Case(.column, "holdings.valid_from") { try .long(dating: .validity(from: "from_day", to: "day")) },
        Case(.column, "holdings.valid_to") { try .long(dating: .validity(from: "day", to: "to_day")) },
        Case(.column, "holdings.products", "\"prod_c\"", "did you mean") { try .wide("prod_c") },
        Case(.column, "holdings.products", "matches no column of dwh.wide") { try .wide("fund_*") },
        Case(.type, "holdings.client", "type that ids cannot have") { try with { $0.holdings.client = "code" } },
        Case(.type, "holdings.product") { try .long(product: "day") },
        Case(.type, "holdings.amount", "number or a boolean") { try .long(amount: "note") },
        Case(.type, "holdings.products", "\"prod_b\"") { try .wide("prod_*") },
        Case(.type, "holdings.as_of", "a date, a timestamp, or a whole number", "holdings.query", "to_date(\"note\"") {
            try .long(dating: .snapshot(column: "note"))
        },
        Case(.type, "holdings.valid_to", "a date, a timestamp, or a whole number") {
            try .long(dating: .validity(from: "day", to: "note"))
        },
        Case(.type, "holdings.time_zone", "Europe/Nowhere", "pg_timezone_names", "schedule.time_zone") {
            try with { $0.holdings.timeZone = "Europe/Nowhere" }
        },
        Case(.relation, "clients.relation") {
            try with { $0.clients = ClientsMapping(source: try .named("dwh.client"), id: "client_id") }
        },
        Case(.column, "clients.id") {
            try with { $0.clients = ClientsMapping(source: try .named("dwh.clients"), id: "id") }
        },
        Case(.column, "clients.manager") {
            try with {
                $0.clients = ClientsMapping(source: try .named("dwh.clients"), id: "client_id", manager: "boss")
            }
        },
        Case(.type, "clients.id", "ids in holdings, bigint") {
            try with { $0.clients = ClientsMapping(source: try .named("dwh.clients"), id: "key") }
        },
        Case(.type, "products.id", "ids in holdings, text") {
            try with { $0.products = ProductsMapping(source: try .named("dwh.products"), id: "number") }
        },
        Case(.column, "products.name") {
            try with { $0.products = ProductsMapping(source: try .named("dwh.products"), id: "product_id", name: "x") }
        },
        Case(.type, "products.available", "boolean") {
            try with {
                $0.products = ProductsMapping(source: try .named("dwh.products"), id: "product_id", available: "state")
            }
        },
        Case(.column, "exclusions.query", "\"product_id\"") {
            try with { $0.exclusions = ExclusionsMapping(query: "select client_id from dwh.holdings") }
        },
        Case(.type, "exclusions.query", "\"client_id\"", "bigint") {
            try with {
                $0.exclusions = ExclusionsMapping(query: "select 1.5 as client_id, 'A'::text as product_id")
            }
        },
        Case(.relation, "exclusions.query", "\"dwh.nothing\" does not exist", "42P01") {
            try with { $0.exclusions = ExclusionsMapping(query: "select client_id, product_id from dwh.nothing") }
        },
        Case(.relation, "holdings.query", "syntax error", "42601", "near character") { try .long(.query("selec 1")) },
        Case(.relation, "holdings.query", "42601") { try .long(.query("select 1 as client_id; select 2")) },
        Case(.relation, "holdings.query", "42601") { try .long(.query("delete from dwh.holdings returning *")) },
        Case(.column, "holdings.product", "the query's result") { try .long(.query("select 1::bigint as client_id")) },
    ]

    @Test func namesKeyAndRemedy() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            for wrong in Self.cases {
                let error = await database.sourceError(try wrong.mapping())
                #expect(error?.code == wrong.code, "\(wrong.testDescription): \(error?.description ?? "")")
                #expect(error?.key == wrong.key, "\(wrong.testDescription): \(error?.description ?? "")")
                for word in wrong.words {
                    #expect(error?.message.contains(word) == true, "\(word): \(error?.description ?? "")")
                }
            }
        }
    }

    @Test func namesMissingRights() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute(
                """
                create schema locked;
                create table locked.holdings as select * from dwh.holdings;
                create table dwh.secret (client_id bigint, product_id text, amount numeric);
                revoke all on dwh.secret from peerfolio_test_runner;
                grant select (client_id, product_id) on dwh.secret to peerfolio_test_runner;
                create table dwh.hidden as select * from dwh.holdings;
                revoke all on dwh.hidden from peerfolio_test_runner;
                """)
            for relation in ["locked.holdings", "dwh.hidden", "dwh.secret"] {
                let error = await database.sourceError(try .long(.named(relation)))
                #expect(error?.code == .privilege, "\(relation): \(error?.description ?? "")")
                #expect(error?.key == "holdings", "\(relation): \(error?.description ?? "")")
                #expect(error?.message.contains(relation) == true)
                #expect(error?.message.contains("GRANT SELECT") == true)
                #expect(error?.message.contains("USAGE") == true)
            }
            let query = await database.sourceError(try .long(.query("select * from dwh.hidden")))
            #expect(query?.code == .privilege)
            #expect(query?.key == "holdings")
        }
    }

    /// Nothing of a row may get into a message, wherever the conversion fails.
    @Test func keepsDataOutOfMessages() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'Geheim', 1);
                """)
            let query = "select client_id, product_id, product_id::numeric as amount from dwh.holdings"
            let error = await #expect(throws: PostgresError.self) {
                _ = try await database.read(.long(.query(query)))
            }
            #expect(error?.sqlState == "22P02")
            #expect(error.map { !"\($0)".contains("Geheim") && !String(reflecting: $0).contains("Geheim") } == true)
        }
    }

    /// A bare NULL in a query has no type of its own.
    @Test func exclusionsMayBeNullForAll() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute("insert into dwh.holdings values (1, 'A', 1), (2, 'B', 1)")
            var mapping = try SourceMapping.long()
            mapping.exclusions = ExclusionsMapping(
                query: "select null as client_id, 'A' as product_id, 'why' as reason")
            let input = try await database.read(mapping)
            #expect(!input.policy.isOffered(product: 0))
            #expect(input.policy.isOffered(product: 1))
        }
    }
}
