import Foundation
import TestSupport
import Testing

/// `scripts/rerun`, the operator's manual rerun.
@Suite(.requiresServer) struct RerunScriptTests {
    private static func rerun(_ arguments: String..., on installation: Installation) async throws
        -> ChildProcess.Outcome
    {
        try await ChildProcess.run(
            PeerfolioBinary.checkout.appendingPathComponent("scripts/rerun"),
            ["--config", installation.config.path] + arguments,
            environment: ["PEERFOLIO_BIN": PeerfolioBinary.url().path], in: installation.folder)
    }

    @Test func checksRunsAndShowsTheChange() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let live = "select coalesce(live_run_id, 0) from peerfolio.publication"
            let dry = expectSuccess(try await Self.rerun("--dry-run", on: installation))
            #expect(dry.contains("dry run done: nothing was written"))
            #expect(try await installation.value("select count(*) from peerfolio.runs") == "0")

            let first = expectSuccess(try await Self.rerun("--as-of", "2026-01-31", on: installation))
            #expect(first.contains("50 clients (bigint ids), 45 with a portfolio"))
            #expect(first.contains("run 1 succeeded: published in channel live, as of 2026-01-31"))
            #expect(try await installation.value(live) == "1")

            let second = expectSuccess(try await Self.rerun("--no-publish", on: installation))
            #expect(second.contains("run 2 succeeded: stored, not published"))
            #expect(second.contains("against run 1"))
            #expect(try await installation.value(live) == "1")

            try await installation.execute("delete from dwh.holdings where client_id % 2 = 0")
            let refused = try await Self.rerun(on: installation)
            #expect(refused.ending == .exit(65))
            #expect(try await installation.value("select count(*) from peerfolio.runs") == "2")
            let forced = try await Self.rerun("--force", on: installation)
            #expect(forced.ending == .exit(0))
            #expect(forced.errors.contains("FEWER_HOLDINGS"))
            #expect(forced.errors.contains("rerun: going on all the same, as --force says"))
            #expect(forced.output.contains("run 3 succeeded: published in channel live"))
            #expect(forced.output.contains(", forced"))
        }
    }

    @Test func mistakesAndAnotherRunKeepTheirExitCodes() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            expectFailure(try await Self.rerun("--bogus", on: installation), 64, saying: "--bogus")
            expectFailure(try await Self.rerun("--as-of", on: installation), 64, saying: "--as-of")
            #expect(try await Self.rerun("--as-of", "soon", on: installation).ending == .exit(64))
            try await installation.withRunning("run", environment: ["PEERFOLIO_PAUSE_AT": "write"]) { run in
                try await run.waitForError(containing: "paused at write")
                let outcome = try await Self.rerun(on: installation)
                #expect(outcome.ending == .exit(75))
                #expect(outcome.errorLines.last?.contains("run 1 of channel live is going on since") == true)
            }
        }
    }
}
