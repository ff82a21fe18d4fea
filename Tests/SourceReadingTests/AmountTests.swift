import Holdings
import SourceReading
import TestSupport
import Testing

/// Amounts of every type and every odd value: a finding, never an end of the read and never silently something else.
@Suite(.requiresServer) struct AmountTests {
    @Test(arguments: [
        ("smallint", "7", 7.0), ("integer", "-7", -7), ("bigint", "9007199254740993", 9007199254740992),
        ("real", "0.1", Double(Float(0.1))), ("double precision", "1e308", 1e308),
        ("double precision", "5e-324", .leastNonzeroMagnitude),
        ("numeric", "12345.678", 12345.678), ("numeric", "1.7976931348623157e308", .greatestFiniteMagnitude),
        ("numeric(20, 4)", "0.0001", 0.0001), ("money", "1234.56", 1234.56), ("boolean", "true", 1),
        ("boolean", "false", 0),
        ("numeric", "0", 0), ("numeric", "-0.5", -0.5),
    ])
    func readsEveryType(type: String, literal: String, amount: Double) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount \(type));
                insert into dwh.holdings values (1, 'A', '\(literal)');
                """)
            let input = try await database.read(.long())
            #expect(input.held == (amount > 0 ? ["1 A \(amount)"] : []))
            #expect(input.quality.negativeAmounts.count == (amount < 0 ? 1 : 0))
            #expect(input.quality.rowsSetAside == 0)
        }
    }

    @Test(arguments: ["numeric", "double precision", "real"])
    func setsOddAmountsAside(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            // PostgreSQL 14 brought infinite numerics; real is the first that cannot hold 1e300.
            let hasInfinity = try await TestServer.version() >= 140_000 || type != "numeric"
            let infinity = hasInfinity ? "Infinity" : "1e400"
            let huge = type == "numeric" ? "'1e400'" : "'Infinity'"
            let tiny = type == "numeric" ? "'1e-400'" : "'Infinity'"
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount \(type));
                insert into dwh.holdings values
                    (1, 'A', null), (1, 'B', 'NaN'), (1, 'C', '\(infinity)'), (1, 'D', '-\(infinity)'),
                    (1, 'E', \(huge)), (1, 'F', \(tiny)), (1, 'G', -2), (1, 'H', 3), (1, 'H', -1), (1, 'A', 4);
                """)
            let input = try await database.read(.long())
            #expect(input.held == ["1 A 4.0", "1 H 2.0"])
            #expect(input.quality.nullAmounts.count == 1)
            #expect(input.quality.notANumberAmounts.count == 1)
            #expect(input.quality.infiniteAmounts.count == 4)
            #expect(input.quality.negativeAmounts.count == 2)
            #expect(input.quality.duplicateRows.count == 1)
            #expect(input.quality.rowsSetAside == 6)
            #expect(input.productTexts == ["A", "B", "C", "D", "E", "F", "G", "H"])
        }
    }

    @Test func aSumBeyondDoublePrecisionIsAFinding() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount double precision);
                insert into dwh.holdings values (1, 'A', 1.7e308), (1, 'A', 1.7e308), (1, 'B', 1);
                """)
            let input = try await database.read(.long())
            #expect(input.held == ["1 B 1.0"])
            #expect(input.quality.infiniteAmounts.count == 1)
        }
    }

    /// A large number and many small ones sum up to different doubles in different orders.
    @Test func sumsDuplicatesInOneOrder() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.raw (client_id bigint, product_id text, amount double precision);
                insert into dwh.raw select 1, 'A', case when i = 1 then 1e16 else 1.0 / i end from generate_series(1, 50) i;
                create table dwh.up as select * from dwh.raw order by amount;
                create table dwh.down as select * from dwh.raw order by amount desc;
                """)
            let up = try await database.read(.long(.named("dwh.up")))
            let down = try await database.read(.long(.named("dwh.down")))
            #expect(up.held == down.held)
            #expect(up.held != ["1 A 1e+16"])
            #expect(up.fingerprint == down.fingerprint)
        }
    }
}
