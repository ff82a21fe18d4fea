import Holdings
import Recommending
import TestSupport
import Testing

@testable import SourceReading

/// How holdings, clients, products and exclusions may lie in a warehouse.
@Suite(.requiresServer) struct SourceLayoutTests {
    @Test func readsALongRelation() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (2, 'B', 5), (1, 'A', 1.5), (1, 'B', 0), (2, 'A', 0.25), (2, 'B', 2);
                """)
            let input = try await database.read(.long())
            #expect(input.held == ["1 A 1.5", "2 A 0.25", "2 B 7.0"])
            #expect(input.productTexts == ["A", "B"])
            #expect(input.quality.duplicateRows.count == 1)
            let aboveOne = try await database.read(.long(minAmount: 1.5))
            #expect(aboveOne.held == ["2 B 7.0"])
            #expect(aboveOne.clientTexts == ["1", "2"])
        }
    }

    @Test func countsRowsWithoutAmountsAsOne() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text);
                insert into dwh.holdings values (1, 'A'), (1, 'A'), (2, 'B'), (null, 'A'), (3, null);
                """)
            let input = try await database.read(.long(amount: nil))
            #expect(input.held == ["1 A 2.0", "2 B 1.0"])
            #expect(input.holdingsSetAside == 2)
        }
    }

    @Test func readsAWideRelation() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.wide (
                    prod_b numeric, client_id bigint, prod_a integer, name text, "prod_C" boolean, other real);
                insert into dwh.wide values
                    (1.5, 7, 0, 'x', true, 9), (null, 8, 3, 'x', false, 0.5), (null, 9, null, 'x', null, null),
                    (1, null, 1, 'x', true, 1);
                """)
            let glob = try await database.read(.wide("prod_*"))
            #expect(glob.held == ["7 prod_C 1.0", "7 prod_b 1.5", "8 prod_a 3.0"])
            #expect(glob.clientTexts == ["7", "8", "9"])
            #expect(glob.productTexts == ["prod_C", "prod_a", "prod_b"])
            #expect(glob.holdingsSetAside == 1)
            #expect(glob.quality.nullAmounts.count == 0)
            let list = try await database.read(.wide("other", "prod_a"))
            #expect(list.held == ["7 other 9.0", "8 other 0.5", "8 prod_a 3.0"])
            let both = try await database.read(.wide("prod_a", "*a", "prod_*b"))
            #expect(both.productTexts == ["prod_a", "prod_b"])
        }
    }

    /// `*` means the products; key and dates are not among them.
    @Test func leavesKeyAndDatesOutOfAPattern() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.wide (client_id bigint, day date, a integer, b integer);
                insert into dwh.wide values (1, '2026-06-30', 1, 0), (1, '2026-05-31', 5, 5), (2, '2026-06-30', 0, 2);
                """)
            let input = try await database.read(.wide("*", dating: .snapshot(column: "day")))
            #expect(input.held == ["1 a 1.0", "2 b 2.0"])
        }
    }

    @Test(arguments: [
        ("prod_x", "prod_*", true), ("prod_", "prod_*", true), ("xprod_", "prod_*", false), ("abc", "a*c", true),
        ("ac", "a*c", true), ("acb", "a*c", false), ("aa", "a*a", true), ("a", "a*a", false), ("abab", "*ab*ab", true),
        ("ab", "*ab*ab", false), ("abcabc", "a*b*c", true), ("x", "*", true), ("A", "a", false),
        ("é", "e\u{301}", false),
        ("a.c", "a?c", false),
    ])
    func matchesPatterns(name: String, pattern: String, matches: Bool) {
        #expect(HoldingsStatement.matches(name, pattern) == matches)
    }

    @Test func readsAnyQuery() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.trades (client_id bigint, product_id text, day date, amount numeric);
                insert into dwh.trades values
                    (1, 'A', '2026-06-30', 2), (1, 'A', '2026-07-01', 50), (2, 'B', '2026-01-01', 3), (2, 'B', '2026-02-01', -3);
                """)
            let query = """
                with t as (select * from dwh.trades where day <= :as_of) -- :as_of stays here
                select client_id, product_id, sum(amount) as amount, ':as_of' as "q:as_of" from t
                where :as_of::text = '2026-06-30' group by 1, 2 -- the end
                """
            let input = try await database.read(.long(.query(query)))
            #expect(input.held == ["1 A 2.0"])
            #expect(input.clientTexts == ["1", "2"])
        }
    }

    @Test func readsEveryKindOfRelation() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create domain dwh.client_key as bigint check (value > 0);
                create domain dwh.money_amount as numeric(12, 2);
                create table dwh.parted (client_id dwh.client_key, product_id varchar(9), amount dwh.money_amount)
                    partition by list (product_id);
                create table dwh.part_a partition of dwh.parted for values in ('A');
                create table dwh.part_b partition of dwh.parted for values in ('B');
                insert into dwh.parted values (1, 'A', 1), (2, 'B', 2.5);
                create view dwh.seen as select * from dwh.parted where amount > 1;
                create materialized view dwh.kept as select * from dwh.parted;
                create table dwh.parent (client_id bigint, product_id text, amount integer);
                create table dwh.child () inherits (dwh.parent);
                insert into dwh.child values (3, 'C', 4);
                """)
            for (relation, held) in [
                ("dwh.parted", ["1 A 1.0", "2 B 2.5"]), ("dwh.part_b", ["2 B 2.5"]), ("dwh.seen", ["2 B 2.5"]),
                ("dwh.kept", ["1 A 1.0", "2 B 2.5"]), ("dwh.parent", ["3 C 4.0"]),
            ] {
                let input = try await database.read(.long(.named(relation)))
                #expect(input.held == held, "\(relation)")
            }
        }
    }

    @Test func readsClientsProductsAndExclusions() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1), (2, 'B', 1), (9, 'C', 1);
                create table dwh.clients (id integer, who text);
                insert into dwh.clients values (1, 'Zoe'), (1, 'Adam'), (1, null), (2, null), (3, 'Zoe'), (null, 'X');
                create table dwh.products (id varchar, title text, open boolean);
                insert into dwh.products values
                    ('A', 'Fund A', true), ('B', 'Fund B', true), ('B', 'Bonds', false), ('D', null, null), ('E', 'E', true);
                create table dwh.barred (client_id bigint, product_id text);
                insert into dwh.barred values (1, 'E'), (2, null), (null, 'A'), (77, 'A'), (1, 'nowhere');
                """)
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "id", manager: "who")
            mapping.products = ProductsMapping(
                source: try .named("dwh.products"), id: "id", name: "title", available: "open")
            mapping.exclusions = ExclusionsMapping(query: "select *, 'no' as reason from dwh.barred")
            let input = try await database.read(mapping)
            #expect(input.clientTexts == ["1", "2", "3", "9"])
            #expect((0..<4).map { input.roster.manager(ofClient: $0) } == ["Adam", nil, "Zoe", nil])
            #expect(input.productTexts == ["A", "B", "C", "D", "E"])
            #expect(input.roster.productNames == ["Fund A", "Bonds", nil, nil, "E"])
            // A is excluded for all, B not available in one row, C unknown, D of unknown availability.
            #expect((0..<5).map { input.policy.isOffered(product: $0) } == [false, false, false, false, true])
            #expect((0..<4).map { input.policy.isExcluded(client: $0) } == [false, true, false, false])
            #expect(Array(input.policy.excludedProducts(ofClient: 0)) == [4])
            #expect(input.finding(.nullKey)?.occurrences == 1)
            #expect(input.finding(.duplicateClient)?.occurrences == 2)
            #expect(input.finding(.duplicateClient)?.examples == ["1"])
            #expect(input.finding(.duplicateProduct)?.examples == ["B"])
            #expect(input.unlistedClients?.examples == ["9"])
            #expect(input.unlistedProducts?.examples == ["C"])
            #expect(input.finding(.unknownExclusion)?.occurrences == 2)
        }
    }

    @Test func readsAnEmptyRelation() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute("create table dwh.holdings (client_id bigint, product_id text, amount numeric)")
            let input = try await database.read(.long())
            #expect(input.roster.clients.count == 0)
            #expect(input.roster.products.count == 0)
            #expect(input.holdings.pairCount == 0)
            let dated = try await database.read(
                .long(.query("select *, date '2026-01-01' as d from dwh.holdings"), dating: .snapshot(column: "d")))
            #expect(dated.snapshotDate == nil)
        }
    }
}
