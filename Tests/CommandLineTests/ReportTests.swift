import Foundation
import TestSupport
import Testing

/// `peerfolio report` over databases in every state.
@Suite(.requiresServer) struct ReportTests {
    /// Runs twice and evaluates, with products whose names are attacks.
    static func fill(_ installation: Installation) async throws {
        try await installation.execute(
            """
            update demo.products set name = '<script>alert(1)</script> "Fund" & Söhne ' || product_id
            """)
        for day in ["2026-10-30", "2026-10-31"] { _ = try await installation.succeed("run", "--as-of", day) }
        _ = try await installation.succeed(
            "evaluate", "--train", "2026-04-30", "--test", "2026-10-31", "--windows", "2", "--set",
            "clients.segment=segment")
    }

    /// The report's text.
    static func html(_ installation: Installation, as role: String? = nil) async throws -> String {
        try await installation.succeed(
            "report", "--output", "-", environment: role.map { ["PEERFOLIO_CONNECTION": $0] } ?? [:])
    }

    @Test func showsRunsAndTheEvaluation() async throws {
        try await Installation.withDemo { installation in
            try await Self.fill(installation)
            let html = try await Self.html(installation)
            #expect(html.contains("Evaluation 1, "))
            #expect(html.contains("run 2: holdings as of 2026-10-31"))
            #expect(html.contains("2026-04-30 to 2026-10-31"))
            for id in [
                "quality-methods", "quality-differences", "quality-windows", "quality-segments", "calibration-scores",
                "exposure-lorenz",
                "exposure-coverage", "scores-histogram", "products-demand", "runs-durations",
            ] { #expect(html.contains("<figure id=\"\(id)\">"), "\(id)") }
            #expect(html.contains("EMPTY_PORTFOLIOS"))
            #expect(!html.contains("<script"))

            // Figures are those of the views.
            let demand = try await installation.rows(
                """
                select product_id, suggested_clients from peerfolio_bi.product_demand
                order by suggested_clients desc, first_choice_clients desc limit 1
                """)
            let top = try #require(demand.first)
            let name = "&lt;script&gt;alert(1)&lt;/script&gt; &quot;Fund&quot; &amp; Söhne \(try #require(top[0]))"
            #expect(html.contains("\(name): \(try #require(top[1])), first choice of"))
            let value = try await installation.value(
                """
                select to_char(value, 'FM0.000') from peerfolio_bi.model_quality
                where window_number = 0 and method = 'peers' and metric = 'ndcg' and cutoff = 10 and compared_with is null
                """)
            #expect(html.contains("Informative peers (configured): \(value);"))

            // It goes from hand to hand.
            let clients = try await installation.rows("select client_id from demo.clients")
            #expect(clients.count == 400)
            for client in clients { #expect(!html.contains(try #require(client[0]))) }
            for manager in try await installation.rows("select distinct manager from demo.clients") {
                #expect(!html.contains(try #require(manager[0])))
            }
        }
    }

    @Test func aReaderSeesTheSame() async throws {
        try await Installation.withDemo { installation in
            try await Self.fill(installation)
            func withoutTime(_ html: String) -> String { html.replacing(/snapshot[^<]*/, with: "") }
            let expected = try await Self.html(installation)
            #expect(try await withoutTime(Self.html(installation, as: installation.reader)) == withoutTime(expected))
        }
    }

    @Test func saysSoWhereThereIsNothing() async throws {
        try await Installation.withDemo { installation in
            let html = try await Self.html(installation)
            #expect(html.contains("Nothing is published"))
            #expect(html.contains("<code>peerfolio run</code>"))
            #expect(html.contains("<code>peerfolio evaluate</code>"))
            #expect(html.contains("There has been no run yet."))
        }
    }

    @Test func refusesADatabaseWithoutPeerfolio() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            let file = installation.folder.appendingPathComponent("report.html")
            for role in [installation.service, installation.reader] {
                expectFailure(
                    try await installation.peerfolio(
                        "report", "--output", file.path, environment: ["PEERFOLIO_CONNECTION": role]), 64,
                    saying: "not installed", "peerfolio migrate up")
            }
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }

    @Test func namesTheViewsThatAReaderMisses() async throws {
        try await Installation.withDemo { installation in
            try await installation.execute("drop view peerfolio_bi.score_calibration")
            expectFailure(
                try await installation.peerfolio(
                    "report", "--output", "-", environment: ["PEERFOLIO_CONNECTION": installation.reader]), 64,
                saying: "score_calibration", "peerfolio migrate up")
        }
    }

    @Test func replacesAFileAsAWhole() async throws {
        try await Installation.withDemo { installation in
            let file = installation.folder.appendingPathComponent("report.html")
            try Data(String(repeating: "old", count: 100_000).utf8).write(to: file)
            #expect(try await installation.succeed("report", "--output", file.path) == "wrote \(file.path)\n")
            let html = try String(contentsOf: file, encoding: .utf8)
            #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
            // Nothing is left beside it.
            let names = try FileManager.default.contentsOfDirectory(atPath: installation.folder.path)
            #expect(names.filter { $0.contains("report") } == ["report.html"])
            for place in ["absent/report.html", "."] {
                expectFailure(
                    try await installation.peerfolio("report", "--output", place), 64, saying: "--output", place)
            }
            expectFailure(try await installation.peerfolio("report"), 64, saying: "--output")
        }
    }

    @Test func fallsBackToABacktestAndToNoOtherChannel() async throws {
        try await Installation.withDemo { installation in
            _ = try await installation.succeed("run", "--as-of", "2026-10-31")
            try await installation.execute(Self.evaluation(run: "null", channel: "'trial'", value: 0.111))
            #expect(try await Self.html(installation).contains("No evaluation is stored"))
            try await installation.execute(
                Self.evaluation(run: "(select max(run_id) from peerfolio.runs)", channel: "'live'", value: 0.222))
            var html = try await Self.html(installation)
            #expect(html.contains("Backtest of run 1, ") && html.contains("(configured): 0.222;"))
            try await installation.execute(Self.evaluation(run: "null", channel: "'live'", value: 0.333))
            try await installation.execute(
                Self.evaluation(run: "(select max(run_id) from peerfolio.runs)", channel: "'live'", value: 0.444))
            html = try await Self.html(installation)
            #expect(html.contains("Evaluation 3, ") && html.contains("(configured): 0.333;"))
            #expect(!html.contains("(configured): 0.222;") && !html.contains("(configured): 0.444;"))
        }
    }

    /// An evaluation with one figure that is not a number and one that is.
    private static func evaluation(run: String, channel: String, value: Double) -> String {
        """
        with e as (
            insert into peerfolio.evaluations (
                channel, run_id, kind, config, model_hash, published_method, windows, clients, pairs, duration_ms,
                program_version)
            values (\(channel), \(run), 'temporal', '{}', 'x', 'peers', 1, 10, 10, 1, 'test') returning evaluation_id)
        insert into peerfolio.run_metrics (
            evaluation_id, window_number, method, metric, value, low, high, clients)
        select evaluation_id, 0, 'peers', 'ndcg@10', \(value), 'NaN'::float8, 'Infinity'::float8, 10 from e
        union all select evaluation_id, 0, 'popularity', 'ndcg@10', 'NaN'::float8, 0, 1, 10 from e
        """
    }
}
