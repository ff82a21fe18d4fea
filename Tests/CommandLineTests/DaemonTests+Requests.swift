import Foundation
import Postgres
import TestSupport
import Testing

/// Who asks for a run is told how it ended, as who runs it.
extension FaultTests.DaemonTests {
    /// A wrapper that obeys 75 would repeat it for ever.
    @Test func aDivisionByZeroEndsRunAndRequestAlike() async throws {
        let mapping = """
            holdings:
              query: select client_id, product_id, amount / (client_id - 7) as amount from dwh.holdings
              client: client_id
              product: product_id
              amount: amount
            """
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: mapping) { installation in
            expectFailure(try await installation.peerfolio("run"), 65, saying: "22012")
            try await withDaemon(installation) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                let request = try await installation.peerfolio("request")
                #expect(request.ending == .exit(65), "\(request.errors)")
                #expect(request.output.contains("DATABASE_ERROR"))
            }
            #expect(
                try await fates(installation)
                    == ["manual", "request"].map { [$0, "failed", "DATABASE_ERROR", "1"] })
        }
    }

    /// The answer is that of the last attempt, whatever has become of those before.
    @Test(arguments: [(attempts: 3, exitCode: Int32(0)), (attempts: 1, exitCode: 75)])
    func requestFollowsFurtherAttempts(attempts: Int, exitCode: Int32) async throws {
        try await Installation.withDemo { installation in
            let go = installation.folder.appendingPathComponent("go")
            try await withDaemon(
                installation, ["--set", "retry.attempts=\(attempts)", "--set", "timeouts.lock=200ms"],
                environment: ["PEERFOLIO_PAUSE_AT": "read", "PEERFOLIO_PAUSE_UNTIL": go.path]
            ) { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                try await installation.withRunning("request") { request in
                    try await daemon.waitForError(containing: "paused at read")
                    // A loader that gives its lock back as soon as the first attempt has failed.
                    try await installation.withConnection(installation.administrator) { session in
                        try session.transaction { session in
                            try session.executeScript("lock table demo.client_holdings in access exclusive mode")
                            try Data().write(to: go)
                            try session.executeScript(
                                """
                                do $$ begin
                                    while not exists (select from peerfolio.runs where status = 'failed') loop
                                        perform pg_sleep(0.02);
                                    end loop;
                                end $$
                                """)
                        }
                    }
                    #expect(try await request.outcome().ending == .exit(exitCode))
                }
            }
            let fates = try await fates(installation)
            #expect(fates.count == (attempts == 1 ? 1 : 2))
            #expect(fates.first == ["request", "failed", "DATABASE_UNAVAILABLE", "1"])
        }
    }

    /// A scheduler that stops leaves its run to the next one, and who has asked goes on waiting.
    @Test func requestFollowsARunToAnotherDaemon() async throws {
        try await Installation.withDemo { installation in
            try await withDaemon(
                installation, ["--set", "schedule.shutdown_grace=300ms"], environment: ["PEERFOLIO_PAUSE_AT": "write"]
            ) { first in
                try await first.waitForError(containing: "this daemon acts")
                try await installation.withRunning("request") { request in
                    try await first.waitForError(containing: "paused at write")
                    await first.send(SIGTERM)
                    expectSuccess(try await first.outcome(within: .seconds(10)))
                    let outcome = try await withDaemon(installation) { _ in try await request.outcome() }
                    expectSuccess(outcome)
                }
            }
            #expect(
                try await fates(installation) == [
                    ["request", "cancelled", "CANCELLED", "1"], ["request", "succeeded", nil, "2"],
                ])
        }
    }
}
