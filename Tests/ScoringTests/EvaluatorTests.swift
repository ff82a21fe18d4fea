import Configuration
import Evaluation
import Foundation
import Holdings
import Postgres
import Recommending
import SourceReading
import Synchronization
import TestSupport
import Testing

@testable import Scoring

/// Evaluations from the mapped sources to the figures in the database.
@Suite(.requiresServer) struct EvaluatorTests {
    /// Three snapshots of 300 clients, who come in two kinds and add what their kind has; a tenth has no segment.
    private static let tables = """
        create table dwh.history (day date, client_id bigint, product_id text);
        insert into dwh.history
        select d.day, c, 'P' || (c % 2) * 6 + p
        from (values ('2025-01-01'::date, 2), ('2025-07-01', 3), ('2026-01-01', 4)) d(day, size),
             generate_series(1, 300) c, generate_series(0, 5) p
        where (p + c / 2) % 6 < d.size;
        create view dwh.before as select client_id, product_id from dwh.history where day = '2025-07-01';
        create view dwh.after as select client_id, product_id from dwh.history where day = '2026-01-01';
        create table dwh.clients as
        select c::bigint as client_id, case when c % 10 > 0 then case c % 2 when 0 then 'even' else 'odd' end end as kind
        from generate_series(1, 300) c;
        """

    private static let yaml = """
        holdings: {relation: dwh.history, client: client_id, product: product_id, as_of: day}
        clients: {relation: dwh.clients, id: client_id, segment: kind}
        """

    private static func day(_ text: String) throws -> BusinessDate { try #require(BusinessDate(text)) }

    private static func evaluate(
        _ database: TestDatabase, yaml: String = yaml, _ options: EvaluationOptions
    ) async throws -> EvaluationReport {
        try await Evaluator(try database.installation(yaml), options: options).evaluate()
    }

    private static func dates(
        train: String = "2025-07-01", test: String = "2026-01-01", windows: Int = 1
    ) throws -> EvaluationOptions.History {
        .dates(train: try day(train), test: try day(test), windows: windows)
    }

    @Test func figuresOfDatedHoldingsAreStoredAndShown() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let report = try await Self.evaluate(database, .init(history: try Self.dates(windows: 2)))
            // Everybody adds one product in each window, and peers of the same kind hold it.
            #expect(report.figures.clients == 600)
            #expect(report.figures.pairs == 600)
            #expect(report.windows.map(\.train) == ["2025-01-01", "2025-07-01"])
            #expect(report.windows.map(\.test) == ["2025-07-01", "2026-01-01"])
            #expect(Set(report.figures.methods.keys) == Set(EvaluationMethod.allCases.map(\.rawValue)))
            #expect(Set(report.figures.methods["peers"]?.keys.map(\.self) ?? []) == Set(Metric.all.map(\.description)))
            let peers = try #require(report.figures.methods["peers"]?["hit_rate@5"])
            #expect(peers.value == 1 && peers.low == 1 && peers.high == 1)
            #expect(report.segments.keys.sorted() == ["even", "odd"])
            #expect(report.segments["even"]?.clients == 240)

            let evaluationID = try #require(report.evaluationID)
            let stored = try await database.rows(
                """
                select metric || '@' || cutoff, window_number, segment, value, is_latest, is_published_method
                from peerfolio_bi.model_quality
                where evaluation_id = \(evaluationID) and method = 'peers' and metric = 'hit_rate' and cutoff = 5
                  and compared_with is null
                order by window_number, segment nulls first
                """, as: .reader)
            #expect(
                stored == [
                    ["hit_rate@5", "0", nil, "1", "t", "t"], ["hit_rate@5", "0", "even", "1", "t", "t"],
                    ["hit_rate@5", "0", "odd", "1", "t", "t"], ["hit_rate@5", "1", nil, "1", "t", "t"],
                    ["hit_rate@5", "2", nil, "1", "t", "t"],
                ])
            let compared = try await database.value(
                """
                select count(distinct compared_with) from peerfolio_bi.model_quality
                where method = 'hybrid' and window_number = 0
                """, as: .reader)
            #expect(compared == "2")
        }
    }

    @Test func twoRelationsAndHiddenProductsNeedNoDates() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let yaml = "holdings: {relation: dwh.before, client: client_id, product: product_id}"
            let relation = try RelationName(parsing: "dwh.after")
            let between = try await Self.evaluate(
                database, yaml: yaml, .init(history: .relations(train: nil, test: relation), stores: false))
            let dated = try await Self.evaluate(database, .init(history: try Self.dates(), stores: false))
            // Recent additions, which the hybrid model asks for, are known of dated holdings only.
            for method in EvaluationMethod.allCases where method != .hybrid {
                #expect(between.figures.methods[method.rawValue] == dated.figures.methods[method.rawValue])
            }
            #expect(between.windows.map(\.train) == [nil])

            let hidden = try await Self.evaluate(database, yaml: yaml, .init(stores: false))
            // Each client has one product hidden, in one of five folds.
            #expect(hidden.figures.clients == 300 && hidden.figures.pairs == 300)
            #expect(hidden.windows.isEmpty && hidden.calibration == nil)
            #expect(hidden.grade == .better)
            #expect(try await database.value("select count(*) from peerfolio.evaluations") == "0")
        }
    }

    @Test func theSameInputGivesTheSameFigures() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let options = EvaluationOptions(history: try Self.dates(windows: 2), tunes: true, stores: false)
            let first = try await Self.evaluate(database, options)
            // Another order of rows, and one worker instead of all.
            try await database.execute(
                """
                create table dwh.shuffled as select * from dwh.history order by md5(client_id::text || product_id);
                """)
            let second = try await Self.evaluate(
                database, yaml: Self.yaml.replacing("dwh.history", with: "dwh.shuffled") + "\nexecution: {width: 1}",
                options)
            #expect(first.figures.methods == second.figures.methods)
            #expect(first.tuned?.model == second.tuned?.model)
            #expect(first.calibration?.bins.map(\.observed) == second.calibration?.bins.map(\.observed))
        }
    }

    @Test func weightsAreMeasuredOnAWindowThatTheyWereNotFoundOn() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let report = try await Self.evaluate(
                database, .init(history: try Self.dates(windows: 2), tunes: true, stores: false))
            #expect(report.windows[0].hybrid.model == .standard)
            #expect(report.tuned?.model == report.windows[1].hybrid.model)
            let fragment = try #require(report.configurationFragment)
            let configuration = try ServiceConfiguration(yaml: Self.yaml + "\n" + fragment)
            #expect(configuration.hybrid.model == report.tuned?.model)
        }
    }

    /// Four snapshots of clients who all hold one product.
    ///
    /// Leaders hold four more of their kind, and in each window a third of the others adds one of these. What they hold
    /// does not tell their kind, but their segment does.
    private static let kinds = """
        create table dwh.history as
        select d.day, c::bigint as client_id, p.product as product_id
        from (values (0, '2025-01-01'::date), (1, '2025-04-01'), (2, '2025-07-01'), (3, '2025-10-01')) d(number, day),
             generate_series(1, 280) c,
             lateral (select 'base' as product
                      union all
                      select case c % 2 when 0 then 'even' else 'odd' end || n from generate_series(1, 4) n
                      where c <= 160 or n = c % 3 + 1 and d.number > c % 3) p;
        create table dwh.clients as
        select c::bigint as client_id, case c % 2 when 0 then 'even' else 'odd' end as kind from generate_series(1, 280) c;
        """

    /// A signal that the model to begin with does not have is found, on all windows before the one that is measured.
    @Test func findsTheSignalThatKnows() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.kinds)
            let history = try Self.dates(train: "2025-07-01", test: "2025-10-01", windows: 3)
            let report = try await Self.evaluate(database, .init(history: history, tunes: true, stores: false))
            #expect(report.windows.map(\.figures.clients) == [40, 40, 40])
            let models = report.windows.map(\.hybrid.model)
            // One window says nothing about the weights of signals, two do.
            #expect(models[0] == .standard && models[1].weights == HybridModel.standard.weights)
            #expect(models[2].weights[.segmentPopularity, default: 0] > 0)
            #expect(report.tuned?.model == models[2])
            let untuned = try await Self.evaluate(database, .init(history: history, stores: false))
            let gains = [untuned, report].map { $0.windows[2].figures.methods["hybrid"]?["ndcg@10"]?.value ?? 0 }
            #expect(gains[1] > gains[0], "\(gains)")
        }
    }

    @Test func mistakesSayWhatToDo() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            func failure(
                yaml: String = Self.yaml, _ history: EvaluationOptions.History, tunes: Bool = false
            ) async -> EvaluationError? {
                await #expect(throws: EvaluationError.self) {
                    try await Self.evaluate(database, yaml: yaml, .init(history: history, tunes: tunes))
                }
            }
            let backwards = await failure(
                .dates(train: try Self.day("2026-01-01"), test: try Self.day("2025-01-01"), windows: 1))
            #expect(backwards?.code == .dates)
            #expect(backwards?.description.contains("--train must be before --test") == true)
            let undated = "holdings: {relation: dwh.before, client: client_id, product: product_id}"
            #expect(await failure(yaml: undated, try Self.dates())?.description.contains("holdings.as_of") == true)
            let empty = await failure(try Self.dates(train: "2026-01-01", test: "2026-06-01"))
            #expect(empty?.code == .noTruth)
            #expect(empty?.description.contains("the snapshot of 2026-01-01: none is dated between") == true)
            #expect(await failure(try Self.dates(windows: 4))?.code == .noTruth)
            #expect(await failure(try Self.dates(), tunes: true)?.code == .nothingToTuneOn)
            let same = await failure(
                yaml: undated, .relations(train: nil, test: try RelationName(parsing: "dwh.before")))
            #expect(same?.code == .noTruth)
            try await database.execute(
                "create table dwh.single as select distinct on (client_id) client_id, product_id from dwh.before")
            let single = "holdings: {relation: dwh.single, client: client_id, product: product_id}"
            #expect(
                await failure(yaml: single, .leaveOneOut)?.description.contains("no client holds two products") == true)
        }
    }

    /// Attributes of today tell the past what came later.
    @Test func attributesWithoutDatesAreNoted() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            func notes(_ clients: String) async throws -> [String] {
                let notes = Mutex<[String]>([])
                let options = EvaluationOptions(history: try Self.dates(), stores: false)
                _ = try await Evaluator(
                    try database.installation(
                        Self.yaml.replacing("relation: dwh.clients, id: client_id, segment: kind", with: clients)),
                    options: options
                ) { event in
                    if case .note(let text) = event { notes.withLock { $0.append(text) } }
                }.evaluate()
                return notes.withLock { $0 }
            }
            let undated = try await notes("relation: dwh.clients, id: client_id, attributes: {kind: 1}")
            #expect(undated.count == 1 && undated[0].contains("clients.query with :as_of"))
            // To show figures by segment ranks nothing on it, and a query can have dates.
            #expect(try await notes("relation: dwh.clients, id: client_id, segment: kind").isEmpty)
            let dated =
                "query: select * from dwh.clients where :as_of is not null, id: client_id, attributes: {kind: 1}"
            #expect(try await notes(dated).isEmpty)
        }
    }

    /// What is tried must not pass for what the configuration publishes.
    @Test func weightsThatAreTriedAreNotStoredAsThoseOfTheConfiguration() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let report = try await Self.evaluate(
                database, yaml: Self.yaml + "\nhybrid: {peers: 1}",
                .init(history: try Self.dates(windows: 2), tunes: true))
            #expect(report.evaluationID == nil && report.calibration == nil && report.grade == nil)
            #expect(report.tuned != nil)
            #expect(try await database.value("select count(*) from peerfolio.evaluations") == "0")
        }
    }

    /// Figures of a handful of clients say little, and too much about somebody.
    @Test func smallSegmentsAreNotShown() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute("update dwh.clients set kind = 'few' where client_id between 1 and 19")
            let report = try await Self.evaluate(database, .init(history: try Self.dates(), stores: false))
            #expect(report.segments.keys.sorted() == ["even", "odd"])
            try await database.execute("update dwh.clients set kind = 'few' where client_id = 20")
            let more = try await Self.evaluate(database, .init(history: try Self.dates(), stores: false))
            #expect(more.segments["few"]?.clients == 20)
        }
    }

    @Test func nobodyKnowsTheFuture() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let error = await #expect(throws: EvaluationError.self) {
                try await Self.evaluate(database, .init(history: try Self.dates(test: "2999-01-01")))
            }
            #expect(error?.code == .dates && error?.description.contains("in the future") == true)
        }
    }

    /// Before anything is read, and with what to do.
    @Test func whoMayNotStoreIsTold() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute("revoke insert on peerfolio.run_metrics from peerfolio_runner")
            let options = EvaluationOptions(history: try Self.dates())
            let error = await #expect(throws: EvaluationError.self) { try await Self.evaluate(database, options) }
            #expect(error?.code == .rights)
            #expect(error?.description.contains("GRANT INSERT ON peerfolio.run_metrics TO peerfolio_runner;") == true)
            let reader = try database.installation(Self.yaml, as: .reader)
            let other = await #expect(throws: EvaluationError.self) {
                try await Evaluator(reader, options: options).evaluate()
            }
            #expect(other?.code == .rights)
        }
    }

    @Test func attributesThatTellNobodyApartAreRefused() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute("create view dwh.same as select client_id, 1 as one from dwh.clients")
            let yaml = Self.yaml.replacing(
                "{relation: dwh.clients, id: client_id, segment: kind}",
                with: "{relation: dwh.same, id: client_id, attributes: {one: 1}}")
            let error = await #expect(throws: ScoringError.self) {
                try await Self.evaluate(database, yaml: yaml, .init(history: try Self.dates()))
            }
            #expect(error?.description.contains("USELESS_ATTRIBUTE") == true)
        }
    }

    @Test func aMatrixWithoutAnInverseNamesLambda() async throws {
        try await TestServer.withMigratedDatabase { database in
            // Who holds P0 holds P1, and nobody else does: the columns of both are the same.
            try await database.execute(
                """
                create table dwh.later as select c::bigint as client_id, 'P' || p as product_id
                from generate_series(1, 30) c, generate_series(0, 3) p;
                create table dwh.twins as select * from dwh.later
                where product_id in ('P0', 'P1') and client_id % 2 = 0
                   or product_id = 'P2' and client_id % 3 = 0 or product_id = 'P3' and client_id % 5 > 2;
                """)
            let yaml =
                "holdings: {relation: dwh.twins, client: client_id, product: product_id}\nevaluate: {ease_lambda: 0}"
            let later = try RelationName(parsing: "dwh.later")
            let error = await #expect(throws: SignalError.self) {
                try await Self.evaluate(
                    database, yaml: yaml, .init(history: .relations(train: nil, test: later)))
            }
            #expect(error?.description.contains("evaluate.ease_lambda") == true)
        }
    }

    @Test func onlyAsManyEvaluationsAsRunsAreKept() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            for _ in 0..<3 {
                _ = try await Self.evaluate(
                    database, yaml: Self.yaml + "\nretention: {runs: 2}", .init(history: try Self.dates()))
            }
            #expect(try await database.value("select count(*) from peerfolio.evaluations") == "2")
            #expect(try await database.value("select count(distinct evaluation_id) from peerfolio.run_metrics") == "2")
        }
    }

    @Test func nothingIsStoredWhereNothingIsInstalled() async throws {
        try await TestServer.withDatabase { conninfo in
            let installation = try Installation(ServiceConfiguration(yaml: "connection: \"\(conninfo)\"\n" + Self.yaml))
            try await installation.withSession { session in
                try session.executeScript("create schema dwh; " + Self.tables)
            }
            let report = try await Evaluator(installation, options: .init(history: try Self.dates())).evaluate()
            #expect(report.evaluationID == nil)
            #expect(report.figures.clients == 300)
        }
    }
}
