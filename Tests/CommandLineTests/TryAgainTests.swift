import Foundation
import Postgres
import TestSupport
import Testing

/// Exit code 75, and the ends by signals: nothing is wrong that trying again would not mend.
@Suite(.requiresServer) struct TryAgainTests {
    @Test func anotherRunIsNamedWithItsStart() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            try await installation.withRunning("run", environment: ["PEERFOLIO_PAUSE_AT": "read"]) { first in
                try await first.waitForError(containing: "paused at read")
                let started = try await installation.value(
                    "select to_char(started_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM') from peerfolio.runs")
                let outcome = try await installation.peerfolio("run")
                expectFailure(
                    outcome, 75, saying: "run 1 of channel live", "since \(started)", Installation.serviceRole,
                    "process \(first.processID)")
                // Another channel does not wait.
                _ = try await installation.succeed("run", "--set", "publish.channel=other")
            }
        }
    }

    @Test func aStatementThatTakesTooLong() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            try await installation.execute(
                "create view dwh.slow as select h.* from dwh.holdings h, lateral pg_sleep(10);"
                    + "grant select on dwh.slow to \(Installation.serviceRole)")
            expectFailure(
                try await installation.peerfolio(
                    "run", "--set", "holdings.relation=dwh.slow", "--set", "timeouts.statement=300ms"), 75,
                saying: "statement_timeout", "57014")
            expectFailure(
                try await installation.peerfolio(
                    "run", "--set", "holdings.relation=dwh.slow", "--set", "timeouts.run=500ms"), 75,
                saying: "timeouts.run")
            #expect(
                try await installation.rows("select status, reason_code from peerfolio.runs order by run_id")
                    == [["failed", "DATABASE_ERROR"], ["failed", "RUN_TIMEOUT"]])
        }
    }

    @Test func aSourceThatIsLocked() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            let go = installation.folder.appendingPathComponent("go")
            let environment = ["PEERFOLIO_PAUSE_AT": "read", "PEERFOLIO_PAUSE_UNTIL": go.path]
            try await installation.withRunning(
                "run", "--set", "timeouts.lock=200ms", environment: environment
            ) { run in
                try await run.waitForError(containing: "paused at read")
                let loader = Task {
                    try await installation.withConnection(installation.administrator) { session in
                        try session.transaction { session in
                            try session.executeScript("lock table dwh.holdings in access exclusive mode")
                            try Data().write(to: go)
                            try session.executeScript("select pg_sleep(60)")
                        }
                    }
                }
                expectFailure(try await run.outcome(), 75, saying: "lock", "55P03")
                loader.cancel()
                _ = await loader.result
            }
        }
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func aSignalCancelsTheRun(signal: Int32) async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            try await installation.execute(
                "create view dwh.slow as select h.* from dwh.holdings h, lateral pg_sleep(60);"
                    + "grant select on dwh.slow to \(Installation.serviceRole)")
            // One in the middle of a statement, one between two.
            for options in [["holdings.relation=dwh.slow"], []] {
                let environment = options.isEmpty ? ["PEERFOLIO_PAUSE_AT": "write"] : [:]
                let outcome = try await installation.withRunning(
                    "run", "--set", options.first ?? "model.k=5", environment: environment
                ) { run in
                    if options.isEmpty {
                        try await run.waitForError(containing: "paused at write")
                    } else {
                        try await installation.wait(
                            untilTrue: """
                                select exists (select from pg_stat_activity where wait_event = 'PgSleep'
                                               and datname = current_database())
                                """)
                    }
                    await run.send(signal)
                    return try await run.outcome(within: .seconds(20))
                }
                expectFailure(outcome, 128 + signal, saying: "signal")
                #expect(
                    try await installation.rows(
                        "select status, reason_code from peerfolio.runs order by run_id desc limit 1")
                        == [["cancelled", "CANCELLED"]])
                #expect(
                    try await installation.value(
                        "select count(*) from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
                    ) == "0")
            }
        }
    }
}
