import Postgres
import Scoring
import TestSupport
import Testing

/// The job on real amounts: values in euro, and units with their defects.
@Suite(.requiresServer, .requiresFarTrans) struct MeasuredAmountsTests {
    @Test(arguments: zip(["share", "log"], ["manhattan", "euclidean"]))
    func recommendsFromValues(encoding: String, distance: String) async throws {
        try await Bank.open([.laterValues]) { bank in
            let summary = try await bank.run(
                """
                holdings: { relation: bank.later_values, client: customer_id, product: isin, amount: value_eur }
                model: { encoding: \(encoding), distance: \(distance) }
                """)
            #expect(summary.clients == 16_422)
            #expect(summary.holdings == 36_600)
            let rows = try await bank.number("select count(*) from peerfolio_bi.recommendations")
            #expect(rows == summary.recommendations)
            for (name, sql) in Self.violations {
                #expect(try await bank.number(sql) == 0, "\(name)")
            }
        }
    }

    /// Statements that count what must never be seen in the views.
    private static let violations = [
        (
            "scores beyond 0...1",
            "select count(*) from peerfolio_bi.recommendations where not (score > 0 and score <= 1)"
        ),
        (
            "clients without suggestions",
            """
            select count(*) from bank.later_values v
             where not exists (select from peerfolio_bi.recommendations r where r.client_id = v.customer_id)
            """
        ),
        (
            "ranks with gaps or beyond the fifth",
            """
            select count(*) from (select client_id from peerfolio_bi.recommendations group by client_id
                                  having min(rank) <> 1 or max(rank) <> count(*) or max(rank) > 5) as clients
            """
        ),
        (
            "products suggested to somebody who holds them",
            """
            select count(*) from peerfolio_bi.recommendations r
              join bank.later_values v on v.customer_id = r.client_id and v.isin = r.product_id
            """
        ),
        (
            "products suggested twice to one client",
            """
            select count(*) - count(distinct (client_id, product_id)) from peerfolio_bi.recommendations
            """
        ),
        (
            "rows out of order",
            """
            select count(*) from (
                select rank, row_number() over (partition by client_id
                                                order by score desc, base_rate desc, product_id collate "C") as place
                  from peerfolio_bi.recommendations) as placed
             where rank <> place
            """
        ),
        (
            "more peers than places, or than peers",
            """
            select count(*) from peerfolio_bi.recommendations
             where peers > 200 or peers_holding > peers or (reason_code = 'PEERS') <> (peers_holding > 0)
            """
        ),
    ]

    /// Units bought minus units sold: of what was sold, zero or dust is left, and of missing purchases a negative number.
    @Test(arguments: ["0", "0.000001"])
    func countsTheDefectsOfUnits(minAmount: String) async throws {
        try await Bank.open([.positions, .customers, .assets]) { bank in
            // Only customers whose capacity the bank knows, and stocks: the rest is unknown to these relations.
            let known = "select customer_id from bank.customers where investment_capacity not like 'Predicted%'"
            let stocks = "select isin, asset_name from bank.assets where asset_category = 'Stock'"
            let summary = try await bank.run(
                """
                holdings:
                  relation: bank.positions
                  client: customer_id
                  product: isin
                  amount: net_units
                  min_amount: \(minAmount)
                clients: { query: "\(known)", id: customer_id }
                products: { query: "\(stocks)", id: isin, name: asset_name }
                """)

            let held = "bank.positions where net_units > \(minAmount)"
            let clients = "(select customer_id from bank.positions union \(known)) as clients"
            let products = "(select isin from bank.positions union select isin from (\(stocks)) as stocks) as products"
            let clientCount = try await bank.number("select count(*) from \(clients)")
            let holderCount = try await bank.number("select count(distinct customer_id) from \(held)")
            #expect(summary.clients == clientCount)
            #expect(summary.clientsWithPortfolio == holderCount)
            #expect(summary.holdings == (try await bank.number("select count(*) from \(held)")))
            #expect(summary.products == (try await bank.number("select count(*) from \(products)")))

            let expected = [
                "NEGATIVE_AMOUNT": try await bank.number("select count(*) from bank.positions where net_units < 0"),
                "UNKNOWN_CLIENT": try await bank.number(
                    "select count(distinct customer_id) from bank.positions where customer_id not in (\(known))"),
                "UNKNOWN_PRODUCT": try await bank.number(
                    """
                    select count(distinct isin) from bank.positions
                     where isin not in (select isin from bank.assets where asset_category = 'Stock')
                    """),
                "EMPTY_PORTFOLIOS": clientCount - holderCount,
                "HELD_BY_NOBODY": try await bank.number(
                    "select count(*) from \(products) where isin not in (select isin from \(held))"),
            ]
            #expect(expected["NEGATIVE_AMOUNT"] == 222)
            #expect(expected.values.allSatisfy { $0 > 0 })
            let findings = try await bank.query { session in
                let result = try session.execute("select code, occurrences from peerfolio_bi.run_findings")
                return Dictionary(
                    uniqueKeysWithValues: try result.rows.map { row in
                        (try row.get("code", as: String.self), try row.get("occurrences", as: Int.self))
                    })
            }
            #expect(findings == expected)
        }
    }
}
