import Configuration
import Evaluation
import Holdings
import Synchronization
import TestSupport
import Testing

@testable import Scoring

/// Runs with a hybrid model, with propensities, and with a gate.
@Suite(.requiresServer) struct HybridRunTests {
    private static let tables = """
        create table dwh.history (day date, client_id bigint, product_id text);
        insert into dwh.history
        select d.day, c, 'P' || (c % 3) * 4 + p
        from (values ('2025-12-31'::date, 2), ('2026-06-30', 3)) d(day, size),
             generate_series(1, 600) c, generate_series(0, 6) p
        where (p + c / 3) % 7 < d.size;
        """
    private static let dated = "holdings: {relation: dwh.history, client: client_id, product: product_id, as_of: day}\n"

    private static func day(_ text: String) throws -> BusinessDate {
        let day = BusinessDate(text)
        return try #require(day)
    }

    /// With peers alone, a hybrid model is the model without one, and says so in its parts.
    @Test func peersAloneScoreAsWithoutAHybridModel() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            func lists(_ hybrid: String) async throws -> [[String?]] {
                try await database.run(Self.dated + hybrid)
                return try await database.rows(
                    """
                    select client_id, rank, product_id, score, peers, peers_holding, round(lift::numeric, 4), reason_code
                    from peerfolio_bi.recommendations order by 1, 2
                    """, as: .reader)
            }
            let plain = try await lists("")
            #expect(try await lists("hybrid: {peers: 2}") == plain)
            #expect(plain.count > 1500)
            let parts = try await database.value(
                """
                select count(*) from peerfolio_bi.recommendations
                where abs((signal_scores->>'peers')::float8 - score) < 1e-6
                  and (select count(*) from jsonb_object_keys(signal_scores)) = 1
                """)
            #expect(parts == "\(plain.count)")
        }
    }

    @Test func partsAreKeptAndRecencyIsRead() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let yaml = Self.dated + "hybrid: {peers: 1, item_conditional: 1, ease: 1, recency: 1}"
            let log = EventLog()
            try await database.run(yaml) { log.add($0) }
            #expect(log.findings.allSatisfy { $0.code != .noHistory })
            let keys = try await database.rows(
                """
                select distinct k from peerfolio_bi.recommendations, jsonb_object_keys(signal_scores) as k order by 1
                """)
            #expect(
                keys.map { $0[0] } == [
                    "ease", "item_conditional", "peers", "recent_ease", "recent_item_conditional", "recent_peers",
                ])
            #expect(
                try await database.value(
                    "select count(*) from peerfolio_bi.recommendations where score not between 0 and 1 or score = 0")
                    == "0")
            let explanation = try await Explainer(try database.installation(yaml)).explain(client: "7")
            let first = try #require(explanation.recommendations.first)
            #expect(explanation.isSameInput == true)
            let stored = try await database.rows(
                """
                select product_id, round(score::numeric, 12), round((signal_scores->>'ease')::numeric, 5)
                from peerfolio_bi.recommendations where client_id = 7 and rank = 1
                """)
            #expect(stored[0][0] == first.product)
            #expect(abs((Double(stored[0][1] ?? "") ?? 0) - first.score) < 1e-11)
            #expect(abs((Double(stored[0][2] ?? "") ?? 0) - (first.signals?["ease"] ?? -1)) < 1e-5)

            // Half a year before the first snapshot nobody held anything.
            let early = EventLog()
            try await database.run(
                yaml, options: RunOptions(asOf: try Self.day("2026-01-31"), isForced: true)
            ) { early.add($0) }
            #expect(early.findings.contains { $0.code == .noHistory && $0.severity == .warning })
        }
    }

    @Test func softmaxIsASignal() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let yaml = Self.dated + "hybrid: {softmax: 1}"
            let log = EventLog()
            let summary = try await database.run(yaml) { log.add($0) }
            let training = try #require(log.trained.first)
            #expect(log.trained.count == 1 && training.rows == summary.distinctPortfolios)
            #expect(training.loss > 0 && training.iterations > 0 && training.gradientNorm <= 1e-9)
            let sums = try await database.rows(
                """
                select max(total)::numeric(6, 4), bool_and(parts = array['softmax']), count(*) > 0
                from (select client_id, sum(score) as total,
                             array_agg(distinct k) as parts
                      from peerfolio_bi.recommendations, jsonb_object_keys(signal_scores) as k
                      group by client_id) as c
                """)
            #expect((Double(sums[0][0] ?? "") ?? 2) <= 1)
            #expect(Array(sums[0][1...]) == ["t", "t"])
            let explanation = try await Explainer(try database.installation(yaml)).explain(client: "7")
            let first = try #require(explanation.recommendations.first)
            let stored = try await database.rows(
                "select product_id, score from peerfolio_bi.recommendations where client_id = 7 and rank = 1")
            #expect(stored[0][0] == first.product)
            #expect(Double(stored[0][1] ?? "") == first.score)
        }
    }

    /// The backtest of a run trains a model of its own, and an evaluation one for each window.
    @Test func everyTrainingIsTold() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let yaml = Self.dated + "hybrid: {softmax: 1}"
            let log = EventLog()
            try await database.run(yaml, overrides: ["publish.gate=true"]) { log.add($0) }
            #expect(log.trained.count == 2)
            #expect(Set(log.trained.map(\.loss)).count == 2)

            let trained = Mutex<[TrainedModel]>([])
            let installation = try database.installation(yaml)
            let report = try await Evaluator(installation, options: EvaluationOptions(stores: false)) { event in
                if case .trained(let model) = event { trained.withLock { $0.append(model) } }
            }.evaluate()
            #expect(report.figures.clients > 0)
            #expect(trained.withLock { $0.count } == HistoryReader.foldCount)
        }
    }

    @Test func propensitiesAreWrittenOnceTheyAreEarned() async throws {
        try await TestServer.withMigratedDatabase { database in
            // Half of the clients take what nearly all of their kind have, the others never add anything of the rest.
            try await database.execute(
                """
                create table dwh.history (day date, client_id bigint, product_id text);
                insert into dwh.history
                select d.day, c, 'P' || p from (values ('2025-12-31'::date, 0), ('2026-06-30', 1)) d(day, late),
                    generate_series(1, 1000) c, generate_series(0, 9) p
                where case p when 0 then true when 1 then c % 10 > 2 or (d.late = 1 and c % 4 > 0)
                             else (c * (p + 3)) % 37 < 5 end;
                """)
            try await database.run(Self.dated)
            let none = "select count(propensity) from peerfolio_bi.top_suggestions"
            #expect(try await database.value(none, as: .reader) == "0")
            let history = EvaluationOptions.History.dates(
                train: try Self.day("2025-12-31"), test: try Self.day("2026-06-30"),
                windows: 1)
            let report = try await Evaluator(try database.installation(Self.dated), options: .init(history: history))
                .evaluate()
            #expect(report.calibration?.isEarned == true)
            try await database.run(Self.dated)
            #expect(try await database.value(none, as: .reader) != "0")
            let falls = try await database.value(
                """
                select count(*) from (
                    select propensity - lag(propensity) over (order by score) as step
                    from peerfolio_bi.top_suggestions where reason_code = 'PEERS') s where step < 0
                """)
            #expect(falls == "0")
            // They belong to the model that was evaluated, and to no other.
            try await database.run(Self.dated, overrides: ["model.k=100"])
            #expect(try await database.value(none, as: .reader) == "0")
        }
    }

    /// A calibration of a model, as if an evaluation had earned it.
    private static func earn(_ yaml: String, in database: TestDatabase) async throws {
        let model = try database.installation(yaml).configuration.modelJSON()
        try await database.execute(
            """
            insert into peerfolio.evaluations (
                channel, kind, config, model_hash, published_method, windows, clients, pairs, duration_ms,
                program_version, is_calibration_earned, calibration_scores, calibration_propensities)
            values ('live', 'temporal', '{}', encode(sha256(convert_to($json$\(model)$json$::jsonb::text, 'UTF8')), 'hex'),
                    'hybrid', 1, 1, 1, 1, 'test', true, '{0, 0.5}', '{0.01, 0.02}')
            """)
    }

    /// Without what was lately added, scores are on another scale than those that a calibration was fitted on.
    @Test func aRunWithoutHistoryWritesNoPropensities() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let yaml = Self.dated + "hybrid: {peers: 1, recency: 1}"
            try await Self.earn(yaml, in: database)
            let written = "select count(propensity) > 0 from peerfolio_bi.recommendations"
            try await database.run(yaml)
            #expect(try await database.value(written, as: .reader) == "t")
            try await database.run(
                yaml, options: RunOptions(asOf: try Self.day("2026-01-31"), isForced: true))
            #expect(try await database.value(written, as: .reader) == "f")
        }
    }

    /// Who insists on a run in spite of findings gets it, where earlier holdings are read too.
    @Test func aForcedRunReadsHistoryInSpiteOfFindings() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute("create view dwh.same as select distinct client_id, 1 as one from dwh.history")
            let yaml =
                Self.dated + "hybrid: {peers: 1, recency: 1}\n"
                + "clients: {relation: dwh.same, id: client_id, attributes: {one: 1}}"
            await #expect(throws: ScoringError.self) { try await database.run(yaml) }
            let forced = try await database.run(
                yaml, options: RunOptions(asOf: try Self.day("2026-06-30"), isForced: true))
            #expect(forced.published)
        }
    }

    /// The daemon skips what would change nothing; another propensity is a change, if it is that of the run's model.
    @Test func aNewCalibrationIsAChange() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.run(Self.dated)
            let again = RunOptions(asOf: try Self.day("2026-06-30"), skipsUnchanged: true)
            try await Self.earn(Self.dated + "model: {k: 7}", in: database)
            let skipped = await #expect(throws: ScoringError.self) {
                try await database.run(Self.dated, options: again)
            }
            #expect(skipped?.code == .noChange)
            try await Self.earn(Self.dated, in: database)
            #expect(try await database.run(Self.dated, options: again).published)
        }
    }

    /// Hidden products cannot tell what recency is worth, so it has no part in a grade.
    @Test func recencyHasNoPartInAGrade() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let gate = "\npublish: {gate: true}"
            let recent = try await database.run(Self.dated + "hybrid: {recent_popularity: 1}" + gate)
            #expect(recent.grade == nil && recent.published)
            #expect(recent.gradeReason?.contains("cannot be graded") == true)
            let without = try await database.run(Self.dated + "hybrid: {peers: 1}" + gate)
            let with = try await database.run(Self.dated + "hybrid: {peers: 1, recency: 4}" + gate)
            #expect(without.grade != nil && with.gradeReason == without.gradeReason)
        }
    }

    /// Lists that are all empty do not take the place of those that are live.
    @Test func aRunThatRecommendsNothingIsRefused() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.run(SmallWarehouse.yaml)
            try await database.execute(
                "truncate dwh.holdings; insert into dwh.holdings select c, 'P' || p, 1"
                    + " from generate_series(1, 20) c, generate_series(0, 2) p")
            let error = await #expect(throws: ScoringError.self) { try await database.run(SmallWarehouse.yaml) }
            #expect(error?.code == .dataRefused)
            #expect(error?.description.contains("recommend nothing to anybody") == true)
            #expect(
                try await database.rows("select status, reason_code from peerfolio.runs where run_id = 2")
                    == [["failed", "DATA_REFUSED"]])
            let forced = try await database.run(
                SmallWarehouse.yaml, options: RunOptions(asOf: try Self.day("2026-06-30"), isForced: true))
            #expect(forced.published && forced.recommendations == 0)
        }
    }

    /// Clients whose products have nothing to do with each other: one peer is a bad guess, and popularity a good one.
    private static let unrelated = """
        create table dwh.holdings as
        select c::bigint as client_id, 'P' || p as product_id, 1 as amount
        from generate_series(1, 900) c, generate_series(0, 11) p
        where ('x' || substr(md5(c || '-' || p), 1, 6))::bit(24)::integer % 100 < 55 - 4 * p;
        """

    @Test func aRunThatIsWorseThanPopularityIsStoredAndNotPublished() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.unrelated)
            let yaml = SmallWarehouse.yaml + "\nmodel: {k: 1}\npublish: {gate: true}"
            let summary = try await database.run(yaml)
            #expect(summary.grade == .worse)
            #expect(!summary.published && summary.isHeldBack)
            #expect(summary.refusal?.code == .gradedWorse)
            let run = try await database.rows(
                """
                select status, reason_code, grade, grade_reason like 'peers is worse than popularity%', is_restorable
                from peerfolio_bi.run_history
                """, as: .reader)
            #expect(run == [["succeeded", "GRADED_WORSE", "C", "t", "t"]])
            #expect(try await database.published().isEmpty)
            let backtest = try await database.value(
                "select count(*) from peerfolio_bi.model_quality where run_id = \(summary.runID ?? 0)", as: .reader)
            #expect(backtest != "0")

            let forced = try await database.run(
                yaml, options: RunOptions(asOf: try Self.day("2026-06-30"), isForced: true))
            #expect(forced.grade == .worse && forced.published && forced.refusal == nil)
        }
    }

    @Test func aBetterRunIsGradedAndPublished() async throws {
        try await TestServer.withMigratedDatabase { database in
            // Four kinds of clients, who hold four of the five products of their kind.
            try await database.execute(
                """
                create table dwh.holdings as
                select c::bigint as client_id, 'P' || (c % 4) * 5 + p as product_id, 1 as amount
                from generate_series(1, 600) c, generate_series(0, 4) p where (p + c / 4) % 5 < 4;
                """)
            let summary = try await database.run(SmallWarehouse.yaml + "\npublish: {gate: true}")
            #expect(summary.grade == .better && summary.published)
            #expect(
                try await database.rows("select grade, reason_code from peerfolio_bi.run_history") == [["A", nil]])
        }
    }

    @Test func tooFewClientsGiveNoGradeAndAreNoObstacle() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let summary = try await database.run(SmallWarehouse.yaml + "\npublish: {gate: true}")
            #expect(summary.grade == nil && summary.published)
            #expect(summary.gradeReason?.contains("a grade takes 100") == true)
        }
    }
}
