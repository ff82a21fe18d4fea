import Holdings
import Postgres
import Recommending
import TestSupport
import Testing

@testable import SourceReading

/// Numeric ids, as every migration from Oracle has them: read whatever their size, and refused where they are not whole.
@Suite(.requiresServer) struct NumericIDTests {
    /// In the server's order.
    private static let whole = [
        "-100000000000000000000000000000000000000000001", "-9223372036854775809", "-9223372036854775808", "-10000",
        "-1",
        "0", "1", "9999", "10000", "20000", "100000000", "9223372036854775807", "9223372036854775808",
        "18000000000000000001", "123456789012345678901234567890123456789",
    ]

    @Test(arguments: ["numeric", "numeric(60)", "numeric(60, 5)", "dwh.key", "dwh.outer_key"])
    func readsThemInTheServersOrder(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create domain dwh.key as numeric; create domain dwh.outer_key as dwh.key;
                create table dwh.holdings (client_id \(type), product_id \(type), amount real);
                insert into dwh.holdings
                select c::numeric, p::numeric, 1
                from unnest('{\(Self.whole.shuffled().joined(separator: ","))}'::text[]) c, unnest('{7,-7}'::text[]) p
                """)
            let input = try await database.read(.long())
            #expect(input.roster.clients.type == .numeric && input.roster.products.type == .numeric)
            #expect(input.clientTexts == Self.whole)
            #expect(input.productTexts == ["-7", "7"])
            for text in Self.whole {
                #expect(input.roster.clients.index(ofText: text) == Self.whole.firstIndex(of: text).map(Int32.init))
            }
        }
    }

    /// The decimals of a numeric are no part of its value.
    @Test func oneNumberIsOneClient() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id numeric, product_id integer, amount numeric);
                insert into dwh.holdings values (1, 7, 1), (1.0, 7, 2), (1.000, 8, 4), (10, 7, 8), (1e1, 8, 16);
                create table dwh.clients (id integer, manager text);
                insert into dwh.clients values (1, 'Ada'), (10, 'Bob');
                create table dwh.products (id numeric(5, 2));
                """)
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "id", manager: "manager")
            mapping.exclusions = ExclusionsMapping(
                query: "select 1.00 as client_id, 8 as product_id union all select 1.5, null union all select 'NaN', 7")
            let input = try await database.read(mapping)
            #expect(input.held == ["1 7 3.0", "1 8 4.0", "10 7 8.0", "10 8 16.0"])
            #expect((0..<2).map { input.roster.manager(ofClient: $0) } == ["Ada", "Bob"])
            #expect(input.unlistedClients?.count == 0)
            #expect(Array(input.policy.excludedProducts(ofClient: 0)) == [1])
            #expect(input.finding(.unknownExclusion)?.occurrences == 2)
            // The other way round, numbers without a limit would have to become some with one.
            mapping.products = ProductsMapping(source: try .named("dwh.products"), id: "id")
            let error = await database.sourceError(mapping)
            #expect(error?.code == .type && error?.key == "products.id")
            for word in ["bigint", "numeric", "\"id\"::bigint"] { #expect(error?.message.contains(word) == true) }
        }
    }

    @Test(arguments: [("holdings.client", 0), ("holdings.product", 1), ("clients.id", 2), ("products.id", 3)])
    func namesTheColumnOfWhatIsNotWhole(key: String, place: Int) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id numeric, product_id numeric, amount real);
                insert into dwh.holdings select c, p, 1 from generate_series(1, 9) c, generate_series(1, 3) p;
                create table dwh.clients (client_no numeric); create table dwh.products (product_no numeric);
                """)
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "client_no")
            mapping.products = ProductsMapping(source: try .named("dwh.products"), id: "product_no")
            let table = ["holdings", "holdings", "clients", "products"][place]
            let column = ["client_id", "product_id", "client_no", "product_no"][place]
            let version: Int = try await database.withSession { $0.serverVersion }
            // Numeric has been infinite since PostgreSQL 14.
            for value in ["12.75", "-0.5", "NaN"] + (version >= 140_000 ? ["Infinity"] : []) {
                let other = place == 0 ? ", product_id" : place == 1 ? ", client_id" : ""
                try await database.execute(
                    """
                    insert into dwh.\(table) (\(column)\(other))
                    values ('\(value)'\(other.isEmpty ? "" : ", 1"))
                    """)
                let error = await database.sourceError(mapping)
                #expect(error?.code == .values && error?.key == key)
                #expect(error?.message.contains("\"\(column)\"") == true && error?.message.contains(value) == false)
                #expect(error?.shownMessage?.contains(value) == true)
                try await database.execute("delete from dwh.\(table) where \(column) = '\(value)'")
            }
        }
    }

    /// What an index does not take is refused here, not when it is to be written.
    @Test(arguments: [("holdings.client", "client_id"), ("holdings.product", "product_id")])
    func refusesWhatNoIndexTakes(key: String, column: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id text, product_id text, amount real);
                insert into dwh.holdings
                select 'c' || c, 'p' || p, 1 from generate_series(1, 9) c, generate_series(1, 3) p;
                update dwh.holdings set \(column) = repeat('Kunde ', 433) || 'no'
                where \(column) = left(\(column), 1) || 3;
                """)
            #expect(try await database.read(.long()).roster.clients.count == 9)
            try await database.execute(
                "update dwh.holdings set \(column) = \(column) || 'x' where length(\(column)) > 9")
            let error = await database.sourceError(try .long())
            #expect(error?.code == .values && error?.key == key)
            for word in ["\"\(column)\"", "2601", "2600"] { #expect(error?.message.contains(word) == true) }
            #expect(error?.message.contains("Kunde") == false)
            #expect(error?.shownMessage?.contains("Kunde Kunde") == true)
        }
    }

    @Test func readsEnumsAsTexts() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create type dwh.fund as enum ('Zoe', 'Ada'); create domain dwh.vehicle as dwh.fund;
                create table dwh.holdings (client_id bigint, product_id dwh.vehicle, amount real);
                insert into dwh.holdings values (1, 'Zoe', 1), (2, 'Ada', 1);
                create table dwh.products (id text, name text);
                insert into dwh.products values ('Zoe', 'Fund Z');
                """)
            try await database.execute("grant usage on type dwh.fund, dwh.vehicle to public")
            var mapping = try SourceMapping.long()
            mapping.products = ProductsMapping(source: try .named("dwh.products"), id: "id", name: "name")
            let input = try await database.read(mapping)
            #expect(input.productTexts == ["Ada", "Zoe"] && input.roster.productNames == [nil, "Fund Z"])
        }
    }
}
