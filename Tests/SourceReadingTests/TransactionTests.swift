import Holdings
import SourceReading
import TestSupport
import Testing

/// Holdings that are the sums of transactions.
@Suite(.requiresServer) struct TransactionTests {
    private static let side = HoldingsMapping.Side(column: "side", buy: ["B", "Buy"], sell: ["s", "ПРОДАЖА"])

    private static func mapping(
        _ side: HoldingsMapping.Side? = side, amount: String? = "amount", minAmount: Double = 0
    ) throws -> SourceMapping {
        var mapping = try SourceMapping.long(amount: amount, dating: .trades(column: "day"), minAmount: minAmount)
        mapping.holdings.kind = .transactions(side)
        return mapping
    }

    @Test(arguments: ["date", "timestamp", "timestamptz"])
    func countUpToAndIncludingTheDay(type: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric(18, 2), day \(type));
                insert into dwh.holdings values
                    (1, 'A', 0.10, '2026-01-05'), (1, 'A', 0.20, '2026-06-29'), (1, 'A', -0.30, '2026-06-30 00:00'),
                    (1, 'B', 5, '2026-06-30'), (1, 'B', 7, '2026-07-01'), (2, 'A', 3, '2026-07-01'),
                    (2, 'C', -4, '2026-03-01'), (3, 'C', 1, null), (3, 'C', -2, '2026-06-01'), (3, 'C', 2, '2026-06-02');
                insert into dwh.holdings values (4, 'D', 1, '2026-06-30 23:59:59');
                """)
            let input = try await database.read(Self.mapping(nil))
            #expect(input.held == ["1 B 5.0", "4 D 1.0"])
            #expect(input.productTexts == ["A", "B", "C", "D"] && input.clientTexts == ["1", "2", "3", "4"])
            #expect(
                input.findings.map(\.code) == [.shortPosition, .undatedTransaction])
            #expect(input.finding(.shortPosition)?.examples == ["2 / C"])
            #expect(input.finding(.undatedTransaction)?.occurrences == 1 && input.holdingsSetAside == 1)
            let before = try await database.read(Self.mapping(nil), asOf: BusinessDate("2026-06-29"))
            #expect(before.held == ["1 A 0.3"])
            let after = try await database.read(Self.mapping(nil), asOf: BusinessDate("2026-07-01"))
            #expect(after.held == ["1 B 12.0", "2 A 3.0", "4 D 1.0"])
        }
    }

    @Test func aWordSaysWhatWasBoughtAndSold() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, side text, day date);
                insert into dwh.holdings (client_id, product_id, amount, side, day)
                select c, p, a, s, '2026-06-30' from (values
                    (1, 'A', 10, 'B'), (1, 'A', 4, ' sell'), (1, 'B', 0.1, 'buy'), (1, 'B', 0.2, 'BUY '),
                    (1, 'B', 0.3, 'Продажа'), (2, 'A', 5, 'b'), (2, 'A', -5, 'b'), (2, 'B', 6, 'B'), (2, 'B', 2, 'S'),
                    (2, 'B', -2, 'S'), (3, 'C', 7, 'dividend'), (3, 'C', 7, 'dividend'), (3, 'C', 7, null), (3, 'D', 1, 'fee'),
                    (3, 'A', null, 'B'), (3, 'A', 'NaN', 'S')) t(c, p, a, s);
                """)
            let input = try await database.read(Self.mapping())
            // "sell" is no word of the mapping, nor are dividends and fees.
            #expect(input.held == ["1 A 10.0", "2 B 6.0"])
            let unknown = try #require(input.finding(.unknownSide))
            #expect(unknown.severity == .error && unknown.occurrences == 5)
            #expect(unknown.examples == ["dividend", " sell", "NULL", "fee"])
            #expect(unknown.message.contains("holdings.sides.buy") && unknown.message.contains("holdings.sides.sell"))
            #expect(input.finding(.negativeAmount)?.occurrences == 2)
            #expect(input.finding(.nullAmount)?.occurrences == 1 && input.finding(.nanAmount)?.occurrences == 1)
            #expect(input.finding(.signedSide) == nil && input.finding(.duplicateHolding) == nil)
            #expect(input.holdingsSetAside == 5)
        }
    }

    /// A sign that says what the word says would turn every sale into a purchase.
    @Test(arguments: [("S", -1, .signedSide), ("B", -1, .signedSide), ("S", 1, nil)] as [(String, Int, Finding.Code?)])
    func aSideAndASignAreOneTooMany(word: String, sign: Int, code: Finding.Code?) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount integer, side text, day date);
                insert into dwh.holdings
                select i, 'A', case side when '\(word)' then \(sign) else 1 end * i, side, '2026-06-01'
                from generate_series(1, 9) i, unnest(array['B', 'S']) side;
                insert into dwh.holdings values (1, 'A', 4, 'S', '2026-06-01');
                """)
            let input = try await database.read(Self.mapping())
            #expect(input.findings.first { $0.severity == .error && $0.code == .signedSide }?.code == code)
            #expect(code == nil || input.finding(.signedSide)?.occurrences == 9)
        }
    }

    @Test func withoutAmountsRowsAreCounted() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, side char(4), day date);
                insert into dwh.holdings select 1, 'A', s, '2026-06-01' from unnest(array['B', 'B', 'S']) s;
                insert into dwh.holdings select 1, 'B', s, '2026-06-01' from unnest(array['B', 'S']) s;
                """)
            #expect(try await database.read(Self.mapping(amount: nil)).held == ["1 A 1.0"])
        }
    }

    @Test func aColumnThatIsNoDayIsNamed() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                "create table dwh.holdings (client_id bigint, product_id text, amount numeric, side integer, day text)")
            #expect(await database.sourceError(try Self.mapping())?.key == "holdings.trade_date")
            try await database.execute("alter table dwh.holdings drop day")
            #expect(await database.sourceError(try Self.mapping())?.key == "holdings.trade_date")
            try await database.execute("alter table dwh.holdings drop side, add day date")
            #expect(await database.sourceError(try Self.mapping())?.key == "holdings.side")
        }
    }

    /// Thousands of pairs and several days beside the server's own sums.
    @Test(
        arguments: ["numeric(18, 2)", "numeric(38, 18)", "bigint", "money"], [true, false])
    func holdsWhatTheServerSums(type: String, isSided: Bool) async throws {
        try await TestServer.withMigratedDatabase { database in
            // Half of the positions are closed again, by as much as was bought.
            try await database.execute(
                """
                select setseed(0.21);
                create table dwh.bought as
                select c as client_id, 'P' || p as product_id, (random() * 1000)::numeric::\(type) as amount,
                       date '2026-01-01' + (random() * 200)::integer as day
                from generate_series(1, 400) c, generate_series(1, 8) p, generate_series(1, 3) n
                where random() < 0.7;
                create table dwh.holdings as
                select client_id::bigint, product_id, amount, day, 'b' as side from dwh.bought
                union all
                select client_id, product_id, amount, day + (random() * 60)::integer, ' S'
                from dwh.bought where client_id % 2 = 0
                union all
                select client_id, product_id, 1::numeric::\(type), day + 3, 'S' from dwh.bought where client_id % 5 = 0;
                create view dwh.signed as
                select client_id, product_id, day,
                       case side when 'b' then 1 else -1 end * amount::numeric as signed from dwh.holdings;
                """)
            var mapping = try isSided ? Self.mapping() : Self.mapping(nil, amount: "signed")
            if !isSided { mapping.holdings.source = try .named("dwh.signed") }
            for day in ["2026-02-15", "2026-05-01", "2026-12-31"] {
                let input = try await database.read(mapping, asOf: BusinessDate(day))
                func sums(_ condition: String) async throws -> [[String?]] {
                    try await database.rows(
                        """
                        select client_id, product_id, sum(signed)::float8 from dwh.signed where day <= '\(day)'
                        group by 1, 2 having sum(signed) \(condition) 0 order by 1, 2
                        """)
                }
                let expected = try await sums(">").map { row in
                    "\(row[0] ?? "") \(row[1] ?? "") \(Double(row[2] ?? "") ?? .nan)"
                }
                #expect(expected.count > 300)
                #expect(input.held == expected)
                #expect(try await sums("<").count == input.finding(.shortPosition)?.occurrences ?? 0)
            }
        }
    }

    @Test func tradesOfTheFutureMakeNoSourceFresh() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric, day date, loaded_at timestamptz);
                insert into dwh.holdings values
                    (1, 'A', 1, current_date - 3, now()), (1, 'A', 1, current_date + 10, now() + interval '1 day');
                """)
            let holdings = try Self.mapping(nil).holdings
            let (trades, loads) = try await database.withSession(as: .runner) { session in
                (
                    try SourceAge.ofHoldings(holdings, column: "day", session: session),
                    try SourceAge.ofHoldings(holdings, column: "loaded_at", session: session)
                )
            }
            #expect(try (2.5 * 86_400...4.5 * 86_400).contains(#require(trades)))
            #expect(try #require(loads) < 0)
        }
    }

    @Test(arguments: [("  Buy ", "buy"), ("КУПЛЯ", "купля"), ("", ""), (" \t", ""), ("a b", "a b")])
    func foldsWords(word: String, folded: String) {
        #expect(HoldingsMapping.Side.folded(word) == folded)
    }
}
