import Holdings
import TestSupport
import Testing

@testable import Scoring

/// Products that nobody holds yet, from the relations to the views and to `explain`.
@Suite(.requiresServer) struct ComponentsRunTests {
    private static let yaml =
        SmallWarehouse.yaml + """

            products: {relation: dwh.products, id: product_id, name: name, components: dwh.components, attributes: kind}
            output: {top_n: 9}
            """

    private static let tables =
        SmallWarehouse.tables + """
            create table dwh.products (product_id text, name text, kind text);
            insert into dwh.products values ('P0', 'Zero', 'fund'), ('P1', 'One', 'fund'), ('P2', 'Two', 'note'),
                ('P3', 'Three', 'note'), ('B1', 'Bundle', 'bundle'), ('N1', 'New fund', 'fund'), ('X1', 'Else', 'other');
            create table dwh.components (product text, component text, weight numeric);
            insert into dwh.components values ('B1', 'P0', 1), ('B1', 'P1', 1), ('B1', 'P2', 2);
            """

    /// A client's score of a bundle is what the other scores of the client say, worked out in SQL.
    @Test func recommendsWhatNobodyHolds() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let summary = try await database.run(Self.yaml)
            #expect(summary.published)
            let wrong = try await database.rows(
                """
                with parts(product_id, part, weight) as (
                    values ('B1', 'P0', 0.25), ('B1', 'P1', 0.25), ('B1', 'P2', 0.5), ('N1', 'P0', 0.5), ('N1', 'P1', 0.5)
                ), expected as (
                    select c.client_id, p.product_id, sum(p.weight * coalesce(r.score, 0)) as score
                    from peerfolio_bi.clients c cross join parts p
                    left join peerfolio_bi.recommendations r on r.client_id = c.client_id and r.product_id = p.part
                    group by 1, 2
                )
                select client_id, product_id, e.score, r.score from expected e
                full join (select * from peerfolio_bi.recommendations where reason_code = 'COMPONENTS') r
                    using (client_id, product_id)
                where abs(coalesce(e.score, 0) - coalesce(r.score, 0)) > 1e-12
                """)
            #expect(wrong == [])
            let shape = try await database.rows(
                """
                select distinct product_id, reason_code, peers_holding, base_rate, lift, peers > 0,
                       regexp_replace(reason, '[0-9]+ of [0-9]+', 'n of k')
                from peerfolio_bi.recommendations where base_rate = 0 order by 1
                """, as: .reader)
            let ending =
                "products that n of k clients with the most similar portfolios hold on average; nobody holds it yet."
            #expect(
                shape == [
                    ["B1", "COMPONENTS", "0", "0", nil, "t", "Made of \(ending)"],
                    ["N1", "COMPONENTS", "0", "0", nil, "t", "Most like \(ending)"],
                ])
            let demand = try await database.rows(
                "select product_id, scored_from from peerfolio_bi.product_demand where holders = 0 order by 1",
                as: .reader)
            #expect(demand == [["B1", "components"], ["N1", "attributes"], ["X1", nil]])
        }
    }

    @Test func explainsWhatItIsMadeOf() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.run(Self.yaml)
            let explanation = try await Explainer(try database.installation(Self.yaml)).explain(client: "7")
            let written = try await database.rows(
                "select product_id, score from peerfolio_bi.recommendations where client_id = 7 order by rank")
            #expect(explanation.isSameInput == true)
            #expect(explanation.recommendations.map(\.product) == written.compactMap { $0[0] })
            #expect(explanation.recommendations.map(\.score) == written.compactMap { $0[1].flatMap(Double.init) })
            let bundle = try #require(explanation.recommendations.first { $0.product == "B1" })
            #expect(bundle.reasonCode == "COMPONENTS")
            #expect(bundle.scoredFrom == "components")
            #expect(bundle.levels.isEmpty)
            #expect(bundle.lift == nil)
            #expect(bundle.components.map(\.product) == ["P0", "P1", "P2"])
            #expect(bundle.components.map(\.name) == ["Zero", "One", "Two"])
            #expect(bundle.components.map(\.weight) == [0.25, 0.25, 0.5])
            #expect(abs(bundle.components.reduce(0) { $0 + $1.weight * $1.score } - bundle.score) < 1e-12)
            // What the client holds already counts for nothing.
            let held = Set(explanation.portfolio.map(\.product))
            #expect(bundle.components.allSatisfy { ($0.score == 0) == held.contains($0.product) })
            #expect(explanation.recommendations.first { $0.product == "N1" }?.scoredFrom == "attributes")
        }
    }

    @Test(arguments: [
        (Finding.Code.componentCycle, "('P0', 'B1', 1)", ["B1", "P0"]),
        (.unknownComponent, "('B1', 'P9', 1)", ["P9"]),
        (.ownComponent, "('B1', 'B1', 1)", ["B1"]),
        (.invalidWeight, "('B1', 'P3', -1)", ["B1"]),
        (.invalidWeight, "('N1', 'P3', 0)", ["N1"]),
    ])
    func refusesWhatCannotBeRight(code: Finding.Code, row: String, examples: [String]) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables + "insert into dwh.components values \(row);")
            let error = await #expect(throws: ScoringError.self) { try await database.run(Self.yaml) }
            #expect(error?.code == .dataRefused)
            #expect(error?.findings.map(\.code) == [code])
            #expect(examples.allSatisfy { error?.message.contains($0) == false })
            let report = try await ServiceCheck(try database.installation(Self.yaml)).report(asOf: nil)
            #expect(report.refusal != nil)
            #expect(report.findings.first { $0.code == code }?.examples == examples)
            // Forced, the rest goes on.
            let forced = try await database.run(
                Self.yaml, options: RunOptions(asOf: BusinessDate("2026-06-30"), isForced: true))
            #expect(forced.published)
        }
    }
}
