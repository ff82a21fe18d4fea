import Holdings
import SourceReading
import TestSupport
import Testing

/// Sums of the amounts of one client and product, beside the server's own sums of numeric.
@Suite(.requiresServer) struct AmountSumTests {
    /// A client who has sold in parts what it bought, a type and how its amounts are written.
    @Test(arguments: ["numeric(18, 2)", "numeric", "money", "double precision", "real", "dwh.cents"])
    func aPositionClosedInPartsIsClosed(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create domain dwh.cents as numeric(12, 2);
                create table dwh.holdings (client_id bigint, product_id text, amount \(type));
                insert into dwh.holdings values
                    (7, 'A', '0.10'), (7, 'A', '0.20'), (7, 'A', '-0.30'), (7, 'B', '50'), (8, 'A', '0.10'),
                    (8, 'A', '0.20'), (8, 'A', '-0.29');
                """)
            let input = try await database.read(.long())
            #expect(input.held.map { $0.split(separator: " ").prefix(2).joined() } == ["7B", "8A"])
            #expect(input.quality.pairsNotHeld.count == 1 && input.quality.negativeSums.count == 0)
        }
    }

    @Test func smallRemaindersOfLargePositionsAreHeld() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.wide (
                    client_id bigint, exact numeric(38, 20), whole bigint, cash money, "double" double precision,
                    "real" real, unit smallint);
                insert into dwh.wide values
                    (1, 123456789012345678.00000000000000000001, 9223372036854775807, '92233720368547758.07', 1e9, 1e5, 3),
                    (1, -123456789012345678, -9223372036854775806, '-92233720368547758.06', 0.01, 0.5, -2),
                    (1, null, null, null, -1e9, -1e5, null),
                    (2, 1e17, -9223372036854775808, '-92233720368547758.08', 1e9, 1e5, 5),
                    (2, -1e17, 9223372036854775807, '92233720368547758.07', -1e9, -1e5, -5),
                    (2, null, 1, '0.01', null, null, null);
                """)
            let input = try await database.read(.wide("*"))
            #expect(
                input.held == [
                    "1 cash 0.01", "1 double 0.01", "1 exact 1e-20", "1 real 0.5", "1 unit 1.0", "1 whole 1.0",
                ])
            #expect(input.quality.pairsNotHeld.count == 6)
        }
    }

    /// Thousands of pairs of each type beside `sum(amount)` in numeric, and a single row beside the server's own cast.
    @Test(arguments: [
        ("numeric(38, 10)", "round((random() - 0.5)::numeric * power(10::numeric, (random() * 20)::integer), 10)"),
        ("numeric(38, 38)", "round(random()::numeric * random()::numeric * random()::numeric, 38) - 0.1"),
        ("numeric", "(random() - 0.5)::numeric * power(10::numeric, (random() * 120 - 60)::integer)"),
        ("numeric(18, 2)", "round((random() - 0.4)::numeric * 1000000, 2)"),
        ("bigint", "((random() - 0.5) * 1.8e19)::numeric::bigint"), ("integer", "(random() * 100 - 50)::integer"),
        ("smallint", "(random() * 6 - 3)::smallint"),
        ("money", "((random() - 0.5) * power(10::numeric, (random() * 15)::integer)::float8)::numeric::money"),
    ])
    func sumsWhatTheServerSums(type: String, amount: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            // A third is closed.
            try await database.execute(
                """
                select setseed(0.17);
                create table dwh.parts as
                select p as client_id, (\(amount))::\(type) as amount
                from generate_series(1, 3000) p, generate_series(1, 1 + p % 4) n;
                create table dwh.holdings as
                select client_id, 'A' as product_id, amount from dwh.parts
                union all
                select client_id, 'A', (-(amount::numeric))::\(type) from dwh.parts where client_id % 3 = 0;
                """)
            let input = try await database.read(.long())
            let exact = type == "money" ? "amount::numeric" : "amount"
            let expected = try await database.rows(
                """
                select client_id, sum(\(exact)::numeric)::float8 from dwh.holdings
                group by 1 having sum(\(exact)::numeric) > 0 order by 1
                """
            ).map { row in "\(row[0] ?? "") A \(Double(row[1] ?? "") ?? .nan)" }
            #expect(expected.count > 500)
            #expect(input.held == expected)
            #expect(
                try await database.value(
                    """
                    select count(*) from (
                        select from dwh.holdings group by client_id having sum(\(exact)::numeric) < 0) as short
                    """) == "\(input.quality.negativeSums.count)")
        }
    }

    /// What was sold is what the server's own sum of floating point numbers says.
    @Test(arguments: ["real", "double precision"])
    func aPositionClosedByTheServersSumIsClosed(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                select setseed(0.4);
                create table dwh.holdings as
                select p as client_id, 'A' as product_id, round((random() * 1000)::numeric, 2)::\(type) as amount
                from generate_series(1, 1000) p, generate_series(1, 1 + p % 30);
                insert into dwh.holdings select client_id, 'A', -sum(amount) from dwh.holdings group by 1;
                insert into dwh.holdings values (1001, 'A', 0.5), (1001, 'A', 0.25);
                """)
            #expect(try await database.read(.long()).held == ["1001 A 0.75"])
        }
    }

    @Test func theOrderOfRowsDoesNotMatter() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                select setseed(0.3);
                create table dwh.raw as
                select (random() * 20)::bigint as client_id, 'P' || (random() * 3)::integer as product_id,
                       ((random() - 0.4) * power(10, (random() * 25)::integer))::numeric as amount
                from generate_series(1, 2000);
                """)
            for type in ["numeric", "double precision", "real"] {
                var fingerprints: Set<String> = []
                for order in ["amount", "amount desc", "random()"] {
                    let query = "select client_id, product_id, amount::\(type) as amount from dwh.raw order by \(order)"
                    fingerprints.insert(try await database.read(.long(.query(query))).fingerprint)
                }
                #expect(fingerprints.count == 1, "\(type)")
            }
        }
    }
}
