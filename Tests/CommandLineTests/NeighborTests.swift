import Foundation
import TestSupport
import Testing

/// What `scripts/examples` has for others that start runs. `scripts/neighbors` tries the same with the real things.
extension FaultTests.DaemonTests {
    @Suite struct NeighborTests {
        static let examples = PeerfolioBinary.checkout.appending(path: "scripts/examples")

        static func example(_ path: String) throws -> String {
            try String(contentsOf: examples.appending(path: path), encoding: .utf8)
        }

        // MARK: pg_cron

        /// As pg_cron's, of which tests need no more than what is to be run where as whom.
        private static let cron = """
            create schema cron;
            create table cron.job (jobname text primary key, command text, database text, username text);
            create function cron.schedule_in_database(
                job_name text, schedule text, command text, database text, username text
            ) returns bigint language sql as $$
                insert into cron.job values (job_name, command, database, username) returning 1::bigint
            $$
            """

        /// Sessions that end as soon as they have asked, while no scheduler is there: the next one runs what was asked for.
        @Test func jobsOfPgCronAskInSessionsThatEndAtOnce() async throws {
            try await Installation.withDemo { installation in
                let jobs = "peerfolio_test_jobs_\(UInt32.random(in: 0...UInt32.max))"
                let database = try await installation.value("select current_database()")
                try await installation.execute(
                    Self.cron + "; create schema dwh; create table dwh.loads (load_date date, finished_at timestamptz);"
                        + "insert into dwh.loads values (current_date, now()), (current_date, null)")
                let lines = try Self.example("pg_cron.sql")
                    .replacing("warehouse_jobs", with: jobs)
                    .replacing("'warehouse'", with: "'\(database)'")
                    .replacing("connect warehouse", with: "connect \(database)")
                    .components(separatedBy: "\n")
                let optional = try #require(lines.firstIndex { $0.hasPrefix("-- grant peerfolio_reader") })
                let script =
                    lines[..<optional] + lines[optional...].map { String($0.trimmingPrefix(/-- ?/)) }
                let file = installation.folder.appending(path: "pg_cron.sql")
                try Data(script.joined(separator: "\n").utf8).write(to: file)
                try await psql(installation.administrator, ["--file", file.path], in: installation.folder)

                func runJob(_ name: String) async throws {
                    let job = try #require(
                        try await installation.rows(
                            "select command, database, username from cron.job where jobname = '\(name)'"
                        ).first?.compactMap(\.self))
                    try await psql(
                        "\(installation.administrator) dbname=\(job[1]) user=\(job[2])", ["--command", job[0]],
                        in: installation.folder)
                }
                func asked() async throws -> [[String?]] {
                    try await installation.rows(
                        """
                        select replace(request_reason, current_date::text, 'today'), requested_by, status
                        from peerfolio_bi.run_history order by run_id
                        """)
                }
                try await runJob("peerfolio")
                try await runJob("peerfolio-after-load")
                #expect(try await asked() == [["pg_cron", jobs, "queued"]])
                try await FaultTests.DaemonTests().withDaemon(installation) { _ in
                    try await installation.wait(untilTrue: "select bool_and(status = 'succeeded') from peerfolio.runs")
                    try await installation.execute("update dwh.loads set finished_at = now()")
                    for _ in 1...2 { try await runJob("peerfolio-after-load") }
                    // Nothing has changed, which is found out by reading.
                    try await installation.wait(
                        untilTrue: "select count(*) = 2 and bool_and(finished_at is not null) from peerfolio.runs")
                }
                #expect(
                    try await asked() == [["pg_cron", jobs, "succeeded"], ["loaded today", jobs, "skipped"]])
            }
        }

        private func psql(_ conninfo: String, _ arguments: [String], in folder: URL) async throws {
            let outcome = try await ChildProcess.run(
                URL(fileURLWithPath: "/usr/bin/env"),
                ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"] + arguments + [conninfo], in: folder)
            #expect(outcome.ending == .exit(0), "\(outcome.errors)")
        }

        // MARK: Airflow

        /// As much of Airflow as the example imports, and a caller of its task that prints what the task ends with.
        private static let airflow = [
            "airflow/__init__.py": "",
            "airflow/exceptions.py": """
            class AirflowException(Exception): pass
            class AirflowFailException(AirflowException): pass
            """,
            "airflow/sdk.py": """
            def task(**options):
                def decorate(function):
                    def call(): call.is_in_dag = True
                    call.function, call.options = function, options
                    return call
                return decorate
            def dag(**options):
                return lambda function: function
            """,
            "pendulum.py": "def datetime(*arguments, tz): return (arguments, tz)",
            "call.py": """
            import json, signal, sys
            import peerfolio_nightly as example
            class Cleared(BaseException): pass
            def clear(*_): raise Cleared()
            signal.signal(signal.SIGUSR1, clear)
            assert example.score.is_in_dag and example.score.options["retries"] > 0
            example.COMMAND = json.loads(sys.argv[1])
            try:
                example.score.function(params={"as_of": sys.argv[2]})
                print("\\nended: well")
            except BaseException as error:
                print("\\nended:", type(error).__name__)
            """,
        ]

        private func withAirflow(
            _ body: (Installation, _ arguments: (_ options: [String], _ day: String) throws -> [String]) async throws ->
                Void
        ) async throws {
            try await Installation.withDemo { installation in
                let folder = installation.folder.appending(path: "python")
                let files = Self.airflow.merging(
                    ["peerfolio_nightly.py": try Self.example("airflow/peerfolio_nightly.py")]) { $1 }
                for (path, text) in files {
                    let file = folder.appending(path: path)
                    try FileManager.default.createDirectory(
                        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(text.utf8).write(to: file)
                }
                try await body(installation) { options, day in
                    let command =
                        [try PeerfolioBinary.url().path, "run", "--config", installation.config.path] + options
                    let list = String(decoding: try JSONSerialization.data(withJSONObject: command), as: UTF8.self)
                    return ["python3", "-B", "-u", folder.appending(path: "call.py").path, list, day]
                }
            }
        }

        private static let env = URL(fileURLWithPath: "/usr/bin/env")

        /// It compiles, runs the program, and tells what may be over in a while from what stays.
        @Test func theTaskOfAirflowHeedsExitCodes() async throws {
            try await withAirflow { installation, arguments in
                func end(_ options: [String], day: String = "") async throws -> String {
                    let outcome = try await ChildProcess.run(Self.env, arguments(options, day), in: installation.folder)
                    #expect(outcome.ending == .exit(0), "\(outcome.errors)")
                    return outcome.output
                }
                let good = try await end([], day: "2026-10-31")
                #expect(good.hasSuffix("\nended: well\n"), "\(good)")
                // What the program says is in the task's log.
                #expect(good.contains("run 1 succeeded: published in channel live, as of 2026-10-31"), "\(good)")
                let unknown = try await end(["--set", "model.kk=1"])
                #expect(
                    unknown.contains("error: ") && unknown.hasSuffix("\nended: AirflowFailException\n"), "\(unknown)")
                // Refused data: 65.
                try await installation.execute("delete from demo.client_holdings where client_id % 2 = 0")
                let refused = try await end([])
                #expect(refused.hasSuffix("\nended: AirflowFailException\n"), "\(refused)")
                // Unavailable: 69.
                let away = try await end(["--set", "connection=host=\(installation.folder.path)"])
                #expect(away.hasSuffix("\nended: AirflowException\n"), "\(away)")
                #expect(
                    try await installation.rows("select status from peerfolio.runs order by run_id")
                        == [["succeeded"], ["failed"]])
            }
        }

        /// A task that is cleared ends its run, and waits until that has cleaned up.
        @Test func theTaskOfAirflowEndsItsRun() async throws {
            try await withAirflow { installation, arguments in
                try await ChildProcess.withRunning(
                    Self.env, arguments([], ""), environment: ["PEERFOLIO_PAUSE_AT": "write"], in: installation.folder
                ) { task in
                    try await installation.wait(
                        untilTrue: "select exists (select from peerfolio.runs where phase = 'write')")
                    await task.send(SIGUSR1)
                    let outcome = try await task.outcome()
                    #expect(outcome.ending == .exit(0), "\(outcome.errors)")
                    #expect(outcome.output.hasSuffix("\nended: Cleared\n"), "\(outcome.output)")
                }
                #expect(
                    try await installation.rows("select status, reason_code from peerfolio.runs")
                        == [["cancelled", "CANCELLED"]])
            }
        }
    }
}
