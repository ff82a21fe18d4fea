import Foundation
import TestSupport
import Testing

/// The 50 clients from the sources to the views and to everything that commands print.
@Suite(.requiresServer) struct GoldenRunTests {
    private static let volatile: Set = [
        "run_id", "previous_run_id", "phases_ms", "kernel", "width", "requested_at", "started_at", "duration_ms",
        "server",
    ]

    private static func table(_ installation: Installation, _ query: String) async throws -> String {
        try await installation.rows(query).map { row in
            row.map { $0 ?? "NULL" }.joined(separator: " | ") + "\n"
        }.joined()
    }

    @Test func fiftyClientsEndToEnd() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let check = try await installation.peerfolio("check", "--json", "--as-of", "2026-01-31")
            try Golden.expect(
                NormalizedJSON.text(expectSuccess(check), volatile: Self.volatile), is: "check.json")

            let first = try await installation.peerfolio("run", "--json", "--as-of", "2026-01-31")
            try Golden.expect(NormalizedJSON.text(expectSuccess(first), volatile: Self.volatile), is: "run.json")
            let summary = try jsonObject(first.output)
            let phases = try #require(summary["phases_ms"] as? [String: Int])
            #expect(
                Set(phases.keys) == ["read", "encode", "search", "score", "write", "check", "publish", "total"])
            #expect(phases.values.allSatisfy { $0 >= 0 })

            try await Golden.expect(
                Self.table(
                    installation,
                    """
                    select as_of_date, client_id, rank, product_id, product_name, score, peers, peers_holding,
                           base_rate, lift, reason_code, reason
                    from peerfolio_bi.recommendations order by client_id, rank
                    """), is: "recommendations.txt")
            try await Golden.expect(
                Self.table(
                    installation,
                    """
                    select as_of_date, client_id, manager, status, portfolio_size, peers, kth_distance
                    from peerfolio_bi.clients order by client_id
                    """), is: "clients.txt")

            let explained = try await installation.peerfolio("explain", "5", "--json")
            try Golden.expect(
                NormalizedJSON.text(expectSuccess(explained), volatile: Self.volatile), is: "explain.json")
            var text = ""
            for client in ["5", "3", "10", "13", "44", "50"] {
                let output = expectSuccess(try await installation.peerfolio("explain", client))
                text += output.replacing(/as in run \d+/, with: "as in run N") + "\n"
            }
            try Golden.expect(text, is: "explain.txt")

            // The second run changes nothing, and says so.
            let second = try await installation.peerfolio("run", "--json", "--as-of", "2026-01-31")
            let change = try #require(try jsonObject(expectSuccess(second))["change"] as? [String: Int])
            #expect(change["previous_run_id"] == summary["run_id"] as? Int)
            #expect([change["clients"], change["recommendations"], change["first_choice_changed"]] == [0, 0, 0])
            #expect(change["first_choice_compared"] == 48)

            let runs = try await installation.peerfolio("runs", "--json")
            try Golden.expect(NormalizedJSON.text(expectSuccess(runs), volatile: Self.volatile), is: "runs.json")
            try await Self.expectSameFigures(summary, installation)
        }
    }

    /// The run log has the figures that the run printed.
    private static func expectSameFigures(_ summary: [String: Any], _ installation: Installation) async throws {
        let runID = try #require(summary["run_id"] as? Int)
        let logged = try jsonObject(
            await installation.value("select to_jsonb(r) from peerfolio.runs r where run_id = \(runID)"))
        for key in [
            "status", "clients", "clients_with_portfolio", "products", "holdings", "distinct_portfolios",
            "recommendations", "findings", "kernel", "width", "is_forced",
        ] {
            #expect("\(logged[key] ?? "")" == "\(summary[key] ?? "absent")", "\(key)")
        }
        #expect(logged["as_of_date"] as? String == summary["as_of"] as? String)
        #expect(
            (logged["phases_ms"] as? [String: Int])?.keys.sorted()
                == (summary["phases_ms"] as? [String: Int])?.keys.sorted())
    }

    @Test func theResultDependsOnNeitherWidthNorChunkNorRowOrder() async throws {
        let shuffled =
            GoldenWarehouse.sql
            + " create table dwh.other as select * from dwh.holdings order by md5(client_id || product_id);"
        try await Installation.withWarehouse(shuffled, mapping: GoldenWarehouse.mapping) { installation in
            let content = """
                select md5(string_agg(concat_ws(' ', client_id, rank, product_id, score, peers, peers_holding), ',' \
                order by client_id, rank)) from peerfolio_bi.recommendations
                """
            _ = try await installation.succeed("run")
            let expected = try await installation.value(content)
            _ = try await installation.succeed(
                "run", "--set", "holdings.relation=dwh.other", "--set", "execution.width=7", "--set",
                "execution.chunk=1")
            #expect(try await installation.value(content) == expected)
        }
    }
}
