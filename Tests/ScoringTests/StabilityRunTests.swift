import Holdings
import ResultStore
import TestSupport
import Testing

@testable import Scoring

/// How much lists change from run to run, and what `output.hysteresis` does about it.
@Suite(.requiresServer) struct StabilityRunTests {
    /// Ten clients hold A; of the others who do, B has one more holder than C, or one fewer after the change.
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings select i, 'A', 1 from generate_series(1, 100) i;
        insert into dwh.holdings select i, 'B', 1 from generate_series(11, 55) i;
        insert into dwh.holdings select i, 'C', 1 from generate_series(56, 99) i;
        """

    private static let change = """
        update dwh.holdings set product_id = 'C' where product_id = 'B' and client_id between 11 and 12;
        """

    private static let lists = """
        select string_agg(product_id, ' ' order by rank) from peerfolio_bi.recommendations where client_id <= 10
        group by client_id order by client_id
        """

    @Test func keepsASuggestionUnlessItIsBeatenByTheMargin() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let overrides = ["output.top_n=1", "output.hysteresis=0.1"]
            try await database.run(SmallWarehouse.yaml, overrides: overrides)
            let first = try await database.rows(Self.lists)
            #expect(first == [[String?]](repeating: ["B"], count: 10))

            // B has 43 holders now and C 46: not a tenth more.
            try await database.execute(Self.change)
            let kept = try await database.run(SmallWarehouse.yaml, overrides: overrides + ["execution.chunk=1"])
            #expect(try await database.rows(Self.lists) == first)
            let score = try await database.value(
                "select distinct round(score::numeric, 4) from peerfolio_bi.recommendations where client_id <= 10")
            #expect(score == "0.4831")
            try await Self.expectExplained(database, client: 3, overrides)
            try await database.execute("update peerfolio.runs set slot = null where run_id = 1")
            let gap = try await Explainer(try database.installation(SmallWarehouse.yaml)).explain(client: "3")
            #expect(gap.lacksEarlierLists == true)
            #expect(gap.recommendations.map(\.competingScore) == [nil])

            // The same without a margin.
            let moved = try await database.run(SmallWarehouse.yaml, overrides: ["output.top_n=1"])
            #expect(try await database.rows(Self.lists) == [[String?]](repeating: ["C"], count: 10))
            let changes = try #require(moved.change)
            #expect(changes.previousRunID == kept.runID)
            #expect(changes.clientsCompared == 100)
            #expect(changes.listsChanged >= 10)
            // And now C has the margin.
            try await database.run(SmallWarehouse.yaml, overrides: overrides)
            #expect(try await database.rows(Self.lists) == [[String?]](repeating: ["C"], count: 10))
        }
    }

    private static func expectExplained(
        _ database: TestDatabase, client: Int, _ overrides: [String]
    ) async throws {
        let explanation = try await Explainer(try database.installation(SmallWarehouse.yaml, overrides: overrides))
            .explain(client: "\(client)")
        let written = try await database.rows(
            "select product_id, score from peerfolio_bi.recommendations where client_id = \(client) order by rank")
        #expect(explanation.lacksEarlierLists == false)
        #expect(explanation.recommendations.map(\.competingScore) == explanation.recommendations.map { $0.score * 1.1 })
        #expect(explanation.recommendations.map(\.product) == written.compactMap { $0[0] })
        #expect(explanation.recommendations.map(\.score) == written.compactMap { $0[1].flatMap(Double.init) })
    }

    /// What is not offered any more goes, whatever the margin.
    @Test func dropsWhatMayNotBeOffered() async throws {
        let exclusions = "\nexclusions: {query: \"select null::bigint as client_id, 'B' as product_id, '' as reason\"}"
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let overrides = ["output.top_n=1", "output.hysteresis=1"]
            try await database.run(SmallWarehouse.yaml, overrides: overrides)
            try await database.run(SmallWarehouse.yaml + exclusions, overrides: overrides)
            #expect(try await database.rows(Self.lists) == [[String?]](repeating: ["C"], count: 10))
        }
    }

    /// The figures of the summary, the run log and the view, worked out in SQL in another way.
    @Test(arguments: [true, false])
    func measuresEveryRun(publishes: Bool) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(FlatRows.script + Self.tables)
            let asOf = BusinessDate("2026-06-30")
            let first = try await database.run(SmallWarehouse.yaml)
            #expect(first.change == nil)
            try await database.execute(
                Self.change + """
                    insert into dwh.holdings values (1, 'C', 1), (200, 'A', 1), (201, 'B', 1);
                    delete from dwh.holdings where client_id = 100;
                    """)
            let second = try await database.run(
                SmallWarehouse.yaml, options: RunOptions(asOf: asOf, publishes: publishes))
            let change = try #require(second.change)
            let expected = try await database.rows(
                """
                with now as (select * from flat.recommendations where run_id = 2),
                before as (select * from flat.recommendations where run_id = 1),
                both_runs as (select client_id from flat.run_clients where run_id = 1
                              intersect select client_id from flat.run_clients where run_id = 2)
                select (select count(*) from both_runs),
                    (select count(*) from both_runs k where exists (
                        (select rank, product_id from now where client_id = k.client_id
                         except select rank, product_id from before where client_id = k.client_id)
                        union all
                        (select rank, product_id from before where client_id = k.client_id
                         except select rank, product_id from now where client_id = k.client_id))),
                    (select count(*) from now join both_runs using (client_id)),
                    (select count(*) from now n join both_runs using (client_id) where not exists (
                        select from before b where b.client_id = n.client_id and b.product_id = n.product_id)),
                    (select count(*) from now n join before b using (client_id, rank) where rank = 1),
                    (select count(*) from now n join before b using (client_id, rank)
                     where rank = 1 and n.product_id <> b.product_id)
                """)
            let figures = [
                change.clientsCompared, change.listsChanged, change.suggestionsCompared, change.suggestionsNew,
                change.firstChoiceCompared, change.firstChoiceChanged,
            ]
            #expect([figures.map { "\($0)" }] == expected)
            #expect(change.listsChanged > 0 && change.listsChanged < change.clientsCompared)
            #expect(change.suggestionsNew > 0)
            let logged = try await database.rows(
                """
                select clients_compared, lists_changed, suggestions_compared, suggestions_new, first_choices_compared,
                       first_choices_changed from peerfolio.runs where run_id = 2
                """)
            #expect(logged == expected)
            let history = try await database.rows(
                """
                select run_id, compared_run_id, changed_list_share, new_suggestion_share, changed_first_choice_share
                from peerfolio_bi.run_history order by run_id
                """, as: .reader)
            #expect(history[0] == ["1", nil, nil, nil, nil])
            #expect(history[1][1] == "1")
            #expect(history[1][2].flatMap(Double.init) == change.changedListShare)
            #expect(history[1][3].flatMap(Double.init) == change.newSuggestionShare)
            #expect(history[1][4].flatMap(Double.init) == change.changedFirstChoiceShare)
            let record = try await database.withSession(as: .runner) { try RunHistory($0).newestAttempt(of: 2) }
            #expect(record?.changedListShare == change.changedListShare)
        }
    }
}
