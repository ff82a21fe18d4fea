import Evaluation
import Foundation
import TestSupport
import Testing

/// `peerfolio evaluate` as a process, on the demo warehouse, whose holdings have dates.
@Suite(.requiresServer) struct EvaluateTests {
    private static let dates = ["--train", "2026-04-30", "--test", "2026-10-31"]

    @Test func printsOneObjectWithEveryMetricOfEveryMethod() async throws {
        try await Installation.withDemo { installation in
            let outcome = try await installation.peerfolio(
                arguments: ["evaluate", "--json", "--windows", "2"] + Self.dates)
            let report = try jsonObject(expectSuccess(outcome))
            let methods = try #require(report["methods"] as? [String: [String: [String: Double]]])
            #expect(Set(methods.keys) == Set(EvaluationMethod.allCases.map(\.rawValue)))
            for (method, metrics) in methods {
                #expect(Set(metrics.keys) == Set(Metric.all.map(\.description)), "of \(method)")
                for (metric, figures) in metrics {
                    #expect(Set(figures.keys) == ["value", "low", "high"])
                    let (low, high) = (figures["low"] ?? .nan, figures["high"] ?? .nan)
                    #expect((0...1).contains(figures["value"] ?? -1), "\(method) \(metric)")
                    #expect(low <= high)
                }
            }
            // From the end of a month to the end of another.
            let windows = try #require(report["windows"] as? [[String: Any]])
            #expect(windows.compactMap { $0["train"] as? String } == ["2025-10-31", "2026-04-30"])
            #expect(windows.compactMap { $0["test"] as? String } == ["2026-04-30", "2026-10-31"])
            #expect(report["grade"] as? String == "A")
            #expect(report["evaluation_id"] as? Int == 1)
            #expect(
                try await installation.value(
                    "select count(*) > 0 from peerfolio_bi.model_quality where is_latest and metric = 'ndcg'") == "t")
        }
    }

    @Test func printsATableAndWritesTheWeightsThatItFinds() async throws {
        try await Installation.withDemo { installation in
            let fragment = installation.folder.appendingPathComponent("hybrid.yaml")
            let text = expectSuccess(
                try await installation.peerfolio(
                    arguments: ["evaluate", "--windows", "2", "--tune", "--fragment", fragment.path, "--no-store"]
                        + Self.dates))
            for word in ["method", "naive_knn", "95% of ndcg@10", "hybrid against", "ndcg@10 by window", "hybrid:"] {
                #expect(text.contains(word), "\(word) is missing")
            }
            #expect(try await installation.value("select count(*) from peerfolio.evaluations") == "0")
            // What was found can be pasted into the configuration.
            let found = try String(contentsOf: fragment, encoding: .utf8)
            let config = try String(contentsOf: installation.config, encoding: .utf8)
            try (config + "\n" + found).write(to: installation.config, atomically: true, encoding: .utf8)
            _ = try await installation.succeed("run")
            #expect(
                try await installation.value(
                    "select count(*) from peerfolio_bi.recommendations where signal_scores is null")
                    == (try await installation.value(
                        "select count(*) from peerfolio_bi.recommendations where reason_code = 'POPULAR'")))
        }
    }

    @Test func triesModelsAndSaysWhichOneTheDataSpeakFor() async throws {
        try await Installation.withDemo { installation in
            // Far from what is best on the demo, so that something else is chosen.
            let poor = ["--set", "model.k=2000", "--models"]
            let fragment = installation.folder.appendingPathComponent("model.yaml")
            let dated = try await installation.peerfolio(
                arguments: ["evaluate", "--windows", "2", "--fragment", fragment.path] + poor + Self.dates)
            let text = expectSuccess(dated)
            for word in ["chosen on 2025-10-31 to 2026-04-30", "judged on 2026-04-30 to 2026-10-31", "as configured"] {
                #expect(text.contains(word), "\(word) is missing in \(text)")
            }
            let json = try jsonObject(
                expectSuccess(try await installation.peerfolio(arguments: ["evaluate", "--json"] + poor)))
            let models = try #require(json["models"] as? [[String: Any]])
            #expect(models.compactMap { $0["name"] as? String }.suffix(2) == ["softmax", "as configured"])
            let chosen = try #require(json["chosen"] as? String)
            #expect(chosen != "as configured" && models.contains { $0["name"] as? String == chosen })
            let gain = try #require(models.first { $0["name"] as? String == chosen }?["gain"] as? [String: Double])
            #expect((gain["low"] ?? 0) > 0)
            #expect(try await installation.value("select count(*) from peerfolio.evaluations") == "0")

            // What was chosen is a configuration like any other, and then it is the one in use.
            let found = try String(contentsOf: fragment, encoding: .utf8)
            let config = try String(contentsOf: installation.config, encoding: .utf8)
            #expect(!config.contains("model:") && !config.contains("hybrid:"))
            try (config + "\n" + found).write(to: installation.config, atomically: true, encoding: .utf8)
            let again = try jsonObject(
                expectSuccess(
                    try await installation.peerfolio(
                        arguments: ["evaluate", "--models", "--json", "--windows", "2"] + Self.dates)))
            #expect(again["current"] as? String == again["chosen"] as? String)
            _ = try await installation.succeed("run")
        }
    }

    @Test(arguments: [
        (["--train", "2026-04-30"], "--train and --test go together"),
        (["--models", "--tune", "--windows", "2"] + dates, "--tune and --models exclude each other"),
        (["--models"] + dates, "--windows of at least 2"),
        (["--models", "--test-relation", "demo.client_holdings"], "two relations are one window"),
        (["--train", "2026-10-31", "--test", "2026-04-30"], "--train must be before --test"),
        (["--train", "yesterday", "--test", "2026-04-30"], "--train"),
        (["--windows", "2"], "--windows needs --train and --test"),
        (["--train-relation", "demo.x"], "--train-relation needs --test-relation"),
        (["--test-relation", "demo.x"] + dates, "exclude each other"),
        (["--test-relation", "demo.nowhere"], "holdings.relation"),
        (["--fragment", "x"], "--fragment needs --tune"),
        (["--tune"] + dates, "--windows"),
        (["--set", "evaluate.ease_lambda=-1"], "evaluate.ease_lambda"),
        (["--set", "hybrid.peers=-1"], "hybrid.peers"),
    ])
    func mistakesEndWith64(_ arguments: [String], _ words: String) async throws {
        try await Installation.withDemo { installation in
            expectFailure(
                try await installation.peerfolio(arguments: ["evaluate"] + arguments), 64, saying: words)
        }
    }

    @Test func aWindowWithoutAnythingToFindEndsWith65() async throws {
        try await Installation.withDemo { installation in
            expectFailure(
                try await installation.peerfolio("evaluate", "--train", "2019-01-01", "--test", "2019-07-01"), 65,
                saying: "2019-01-01 to 2019-07-01", "nothing to find")
        }
    }

    /// Exit code 65, so that a nightly job notices; what is live stays.
    @Test func aRunThatIsHeldBackEndsWith65() async throws {
        try await Installation.withWarehouse(
            UnrelatedWarehouse.sql, mapping: UnrelatedWarehouse.mapping
        ) { installation in
            _ = try await installation.succeed("run")
            let gated = ["run", "--set", "publish.gate=true"]
            let heldBack = try await installation.peerfolio(arguments: gated)
            #expect(heldBack.ending == .exit(65))
            #expect(heldBack.output.contains("stored, not published"))
            for word in ["error: ", "worse than popularity", "peerfolio publish", "--force"] {
                #expect(heldBack.errors.contains(word), "\(heldBack.errors)")
            }
            let live = "select live_run_id from peerfolio.publication"
            #expect(try await installation.value(live) == "1")
            #expect(
                try await installation.value(
                    "select grade || reason_code from peerfolio_bi.run_history where run_id = 2")
                    == "CGRADED_WORSE")
            _ = expectSuccess(try await installation.peerfolio(arguments: gated + ["--force"]))
            #expect(try await installation.value(live) == "3")
        }
    }
}

/// Clients whose products have nothing to do with each other, and one peer each: worse than popularity.
enum UnrelatedWarehouse {
    static let sql = """
        create table dwh.holdings as
        select c::bigint as client_id, 'P' || p as product_id, 1 as amount
        from generate_series(1, 900) c, generate_series(0, 11) p
        where ('x' || substr(md5(c || '-' || p), 1, 6))::bit(24)::integer % 100 < 55 - 4 * p;
        """
    static let mapping = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
        model: {k: 1}
        """
}
