import TestSupport
import Testing

/// What reports see: the live run, whatever else lies in the tables.
@Suite(.requiresServer) struct ViewTests {
    /// Views over the log and over evaluations, of all channels; the others show the live run and nothing else.
    private static let logs = ["model_quality", "run_findings", "run_health", "run_history", "score_calibration"]

    private static func withDatabase(_ script: String, _ body: (TestDatabase) async throws -> Void) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(script)
            try await body(database)
        }
    }

    /// Every view of the schema, and who may read it.
    private static func views(_ database: TestDatabase) async throws -> [(name: String, role: TestDatabase.Role)] {
        try await database.rows(
            """
            select relname, has_table_privilege('\(TestDatabase.Role.reader.rawValue)', oid, 'select') from pg_class
            where relnamespace = 'peerfolio_bi'::regnamespace and relkind in ('v', 'm', 'r', 'p', 'f') order by 1
            """
        ).map { (try #require($0[0]), $0[1] == "t" ? .reader : .manager) }
    }

    /// All rows of every view as it is seen by those it is for, but for what is measured by the clock.
    private static func contents(_ database: TestDatabase, where condition: String = "true") async throws
        -> [String: [String]]
    {
        var contents: [String: [String]] = [:]
        for (view, role) in try await views(database) {
            contents[view] = try await database.rows(
                """
                select to_jsonb(v) - 'published_seconds_ago' - 'duration_ms' from peerfolio_bi.\(view) v
                where \(condition) order by to_jsonb(v)::text
                """, as: role
            ).compactMap { $0[0] }
        }
        return contents
    }

    // MARK: What lies beside

    /// Whatever else lies in the tables changes no row of any view.
    @Test(arguments: ViewWarehouse.strays) func straysAreSeenByNoView(stray: ViewWarehouse.Stray)
        async throws
    {
        try await Self.withDatabase(ViewWarehouse.published) { database in
            let before = try await Self.contents(database)
            #expect(before.count >= 12 && before.values.allSatisfy { !$0.isEmpty })
            try await database.execute(stray.script)
            let after = try await Self.contents(database)
            for view in before.keys { #expect(after[view] == before[view], "\(view)") }
        }
    }

    /// A channel with all that a channel can have changes no row that is about `live`.
    @Test func anotherChannelIsSeenByNoViewOfThisOne() async throws {
        try await Self.withDatabase(ViewWarehouse.everything) { database in
            let ofLive = """
                coalesce(to_jsonb(v)->>'channel', (select h.channel from peerfolio_bi.run_history h
                                                   where h.run_id = (to_jsonb(v)->>'run_id')::bigint), 'live') = 'live'
                """
            func contents() async throws -> [String: [String]] {
                // Managers read no log.
                try await database.execute(
                    "grant usage on schema peerfolio_bi to peerfolio_manager; grant select on peerfolio_bi.run_history to peerfolio_manager"
                )
                return try await Self.contents(database, where: ofLive)
            }
            let before = try await contents()
            try await database.execute(
                """
                delete from peerfolio.evaluations where channel = 'other';
                delete from peerfolio.schedulers where channel = 'other';
                delete from peerfolio.publication where channel = 'other';
                delete from peerfolio.runs where channel = 'other';
                """)
            let after = try await contents()
            for view in before.keys { #expect(after[view] == before[view], "\(view)") }
        }
    }

    /// Before anything is published there is nothing to see, though a run loads its slot and another channel is live.
    @Test func nothingIsSeenBeforeTheFirstPublication() async throws {
        try await Self.withDatabase(ViewWarehouse.everything) { database in
            try await database.execute(
                """
                update peerfolio.publication
                set live_run_id = null, live_slot = null, previous_run_id = null, previous_slot = null, published_at = null
                where channel = 'live'
                """)
            for (view, rows) in try await Self.contents(database) where !Self.logs.contains(view) {
                #expect(rows == [], "\(view)")
            }
            let health = try await database.rows(
                """
                select channel, live_run_id, live_as_of_date, published_at, published_seconds_ago, running_run_id
                from peerfolio_bi.run_health where channel = 'live'
                """, as: .reader)
            #expect(health == [["live", nil, nil, nil, nil, "5"]])
            let live = try await database.rows(
                "select run_id from peerfolio_bi.run_history where is_live or is_live is null", as: .reader)
            #expect(live == [["7"]])
        }
    }

    /// All views of the live run move together when the pointer moves.
    @Test func everyViewFollowsThePointer() async throws {
        try await Self.withDatabase(ViewWarehouse.everything) { database in
            for (live, day) in [("3", "2026-06-30"), ("2", "2026-06-29"), ("3", "2026-06-30")] {
                let moment = try await database.value(
                    "select published_at from peerfolio.publication where channel = 'live'")
                for (view, role) in try await Self.views(database) where !Self.logs.contains(view) {
                    let seen = try await database.rows(
                        "select distinct run_id, as_of_date, published_at from peerfolio_bi.\(view)", as: role)
                    #expect(seen == [[live, day, moment]], "\(view)")
                }
                try await database.execute("select peerfolio.roll_back()")
            }
        }
    }

    // MARK: What is shown

    private static let expectations = [
        ViewExpectation(
            "recommendations", "client_id, rank, product_id, product_name, score, lift, peers_holding, base_rate",
            // Of a score that is made of several signals, the part of the peers is what lift compares.
            "1, 1, A, Fund A, 0.875, 1.2, 6, 0.5", "1, 2, D, Set, 0.5, , 0, 0.1", "1, 3, C, New, 0.25, , 0, 0",
            "1, 4, B, , 0.125, 0.5, 1, 0.2", "2, 1, B, , 0.5, 0, 0, 0.2", "3, 1, A, Fund A, 0.5, 1, 0, 0.5",
            "4, 1, A, Fund A, 0.5, 1, 0, 0.5"),
        ViewExpectation(
            "clients", "client_id, manager, status, portfolio_size, peers, kth_distance",
            "1, Ana, scored, 2, 10, 0.5", "2, Bruno, scored, 1, 10, 0.5", "3, Ana, fallback, 1, 0, ",
            "4, , no_portfolio, 0, 0, ", "5, Ana, excluded, 3, 10, 0.5"),
        ViewExpectation(
            "top_suggestions", "client_id, manager, rank, product_id, lift, reason_code, propensity",
            "1, Ana, 1, A, 1.2, PEERS, 0.4", "1, Ana, 2, D, , HYBRID, ", "1, Ana, 3, C, , COMPONENTS, ",
            "1, Ana, 4, B, 0.5, PEERS, ", "2, Bruno, 1, B, 0, HYBRID, 0.2", "3, Ana, 1, A, 1, POPULAR, ",
            "4, , 1, A, 1, POPULAR, "),
        ViewExpectation(
            "client_suggestions",
            """
            client_id, manager, status, suggestion_1, suggestion_1_product_id, suggestion_1_score, suggestion_2,
            suggestion_2_product_id, suggestion_2_score, suggestion_3, suggestion_3_product_id, suggestion_3_score
            """,
            "1, Ana, scored, Fund A, A, 0.875, Set, D, 0.5, New, C, 0.25",
            // A product without a name goes by its id.
            "2, Bruno, scored, B, B, 0.5, , , , , , ", "3, Ana, fallback, Fund A, A, 0.5, , , , , , ",
            "4, , no_portfolio, Fund A, A, 0.5, , , , , , ",
            // Who is offered nothing is a client all the same.
            "5, Ana, excluded, , , , , , , , , "),
        ViewExpectation(
            "product_demand",
            """
            product_id, product_name, is_available, holders, base_rate, suggested_clients, first_choice_clients,
            popular_clients, average_score, scored_from
            """,
            "A, Fund A, t, 10, 0.5, 3, 3, 2, 0.625, ", "B, , t, 4, 0.2, 2, 1, 0, 0.3125, ",
            "C, New, t, 0, 0, 1, 0, 0, 0.25, attributes", "D, Set, f, 1, 0.1, 1, 0, 0, 0.5, components",
            // What is suggested to nobody is a product all the same.
            "E, , t, 9, 0.25, 0, 0, 0, , "),
        ViewExpectation(
            "run_history", "run_id, channel, status, reason_code, is_live, is_restorable",
            "1, live, failed, EARLY, f, f", "2, live, succeeded, , f, t", "3, live, succeeded, , t, t",
            "4, live, failed, ABANDONED, f, f", "5, live, running, , f, f", "6, live, queued, , f, f",
            "7, other, succeeded, , t, t", "8, other, failed, SOURCE_REFUSED, f, f",
            "9, other, succeeded, NOT_PUBLISHED, f, f", "10, other, queued, , f, f", "11, other, queued, , f, f",
            "12, other, running, , f, f", "13, live, cancelled, CANCELLED, f, f", "14, live, skipped, MISSED, f, f",
            "15, fresh, queued, , f, f"),
        ViewExpectation(
            "run_findings", "run_id, as_of_date, code, severity, occurrences, examples, message",
            "3, 2026-06-30, HELD_BY_NOBODY, info, 1, {C}, live", "4, 2026-07-01, NEGATIVE_AMOUNT, warning, 2, {}, lost",
            "7, 2026-05-31, NEGATIVE_AMOUNT, error, 3, {}, other"),
        ViewExpectation(
            "run_health",
            """
            channel, live_run_id, live_as_of_date, running_run_id, running_phase, queued_runs, last_failed_run_id,
            last_failure_code, last_failure, failures_since_success, scheduler_host, scheduler_process_id,
            is_scheduler_alive, schedule, next_run_at is null
            """,
            "live, 3, 2026-06-30, 5, write, 1, 4, ABANDONED, ABANDONED, 1, h-live, 1, t, @daily, f",
            "other, 7, 2026-05-31, 12, search, 2, 8, SOURCE_REFUSED, SOURCE_REFUSED, 0, h-other, 2, f, , t"),
        ViewExpectation(
            "model_quality", "evaluation_id, method, channel, run_id, kind, is_published_method, is_latest, value",
            "1, peers, live, , temporal, t, f, 0.1", "1, popularity, live, , temporal, f, f, 0.1",
            "2, peers, live, , temporal, t, t, 0.2", "2, popularity, live, , temporal, f, t, 0.2",
            "3, peers, live, , leave_one_out, t, t, 0.3", "3, popularity, live, , leave_one_out, f, t, 0.3",
            "4, peers, live, 2, temporal, t, f, 0.4", "4, popularity, live, 2, temporal, f, f, 0.4",
            "5, peers, live, 3, temporal, t, t, 0.5", "5, popularity, live, 3, temporal, f, t, 0.5",
            "6, peers, other, 7, temporal, t, t, 0.6", "6, popularity, other, 7, temporal, f, t, 0.6",
            "7, peers, other, , temporal, t, t, 0.7", "7, popularity, other, , temporal, f, t, 0.7"),
        // Of the channel whose scores `recommendations` shows, and of an evaluation that could say.
        ViewExpectation("score_calibration", "evaluation_id, bin, suggestions", "2, 1, 20", "2, 2, 20"),
        ViewExpectation(
            "my_clients", "client_id, manager, status", "1, Ana, scored", "3, Ana, fallback", "5, Ana, excluded"),
        ViewExpectation(
            "my_suggestions", "client_id, manager, rank, product_id, lift", "1, Ana, 1, A, 1.2", "1, Ana, 2, D, ",
            "1, Ana, 3, C, ", "1, Ana, 4, B, 0.5", "3, Ana, 1, A, 1"),
    ]

    /// The rows of every view that there is, as far as they say who and what.
    @Test func everyViewShowsWhatItSays() async throws {
        try await Self.withDatabase(ViewWarehouse.everything) { database in
            let views = try await Self.views(database)
            #expect(views.map(\.name) == Self.expectations.map(\.view).sorted(), "a view without an expectation")
            for (view, role) in views {
                let expectation = try #require(Self.expectations.first { $0.view == view })
                let rows = try await database.rows(
                    "select \(expectation.columns) from peerfolio_bi.\(view) order by 1, 2, 3", as: role)
                #expect(rows.map { $0.map { $0 ?? "" }.joined(separator: ", ") } == expectation.rows, "\(view)")
            }
        }
    }

    /// The reasons in words, with several signals: `lift` and its words compare the same.
    @Test func reasonsSayWhatTheFiguresSay() async throws {
        try await Self.withDatabase(ViewWarehouse.everything) { database in
            let reasons = try await database.rows(
                "select reason from peerfolio_bi.recommendations order by client_id, rank limit 6", as: .reader)
            #expect(
                reasons == [
                    ["6 of 10 clients with the most similar portfolios hold it; 50% of all clients do (1.2 times)."],
                    ["Other signals than the most similar portfolios speak for it; 10% of all clients hold it."],
                    ["Most like products that suit the client; nobody holds it yet."],
                    ["1 of 10 clients with the most similar portfolios hold it; 20% of all clients do (0.5 times)."],
                    ["Other signals than the most similar portfolios speak for it; 20% of all clients hold it."],
                    ["Popular: 50% of all clients hold it; no similar portfolio suggests anything else."],
                ])
        }
    }
}

/// The rows that a view shows of ``ViewWarehouse/everything``, in the order of their first columns.
struct ViewExpectation {
    let view: String
    let columns: String
    let rows: [String]

    init(_ view: String, _ columns: String, _ rows: String...) {
        self.view = view
        self.columns = columns
        self.rows = rows
    }
}
