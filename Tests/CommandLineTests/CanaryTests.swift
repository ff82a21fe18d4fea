import Foundation
import TestSupport
import Testing

extension FaultTests {
    /// R20 of the catalog: passwords and the data of clients are nowhere where they do not belong, whatever goes wrong.
    @Suite(.serialized) struct CanaryTests {
        private static let environment = ["PGPASSWORD": Canary.password]

        private static let sql = """
            create table dwh.holdings as
            select coalesce((array[\(Canary.clientIDs.map { "'\($0)'" }.joined(separator: ", "))])[c], 'client ' || c)
                       as client_id,
                   'product ' || (c * p) % 7 as product_id, \(Canary.amount) + 0 * c as amount,
                   '\(Canary.iban)'::text as iban, now() as loaded_at,
                   date '2025-10-01' + (c + 4 * p) % 10 * 30 as valid_from, null::date as valid_to
              from generate_series(1, 150) c, generate_series(1, 3) p;
            create table dwh.clients as select distinct client_id, iban from dwh.holdings;
            create view dwh.no_number as select client_id, product_id, iban::numeric as amount from dwh.holdings;
            create view dwh.no_date as
            select client_id, product_id, amount + extract(day from iban::date) as amount from dwh.holdings;
            create view dwh.division as
            select client_id, product_id, amount / nullif(position('KANARIE' in client_id), 0) / 0 as amount
              from dwh.holdings;
            create view dwh.negative as select client_id, product_id, -amount as amount from dwh.holdings;
            create function dwh.complain(client text, iban text) returns numeric language plpgsql as $$
            begin
                raise exception 'client % is refused', client using detail = iban, hint = client, column = client,
                    constraint = iban, schema = client, table = iban;
            end $$;
            create view dwh.complaint as
            select client_id, product_id, dwh.complain(client_id, iban) as amount from dwh.holdings;
            """

        private static let mapping = """
            holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
            clients: {relation: dwh.clients, id: client_id}
            timeouts: {lease: 3s}
            """

        /// What was searched, and what was found.
        private struct Search {
            var outputCount = 0
            var leaks: [String] = []

            mutating func search(_ text: String, _ name: String, except shown: [String] = []) {
                outputCount += 1
                leaks += Canary.leaks(in: text.utf8, except: shown).map { "\(name): \($0)" }
            }

            mutating func search(_ outcome: ChildProcess.Outcome, _ name: String, except shown: [String] = []) {
                search(outcome.errors, "\(name), standard error")
                search(outcome.output, "\(name), standard output", except: shown)
            }
        }

        private static func run(
            _ installation: Installation, _ arguments: [String], _ search: inout Search, ending: Int32,
            configured: Bool = true
        ) async throws {
            let outcome = try await installation.peerfolio(
                arguments: arguments, environment: environment, configured: configured)
            // These show clients on purpose, to whoever runs them: what is mapped.
            let showsClients = ["check", "explain", "init"].contains(arguments[0])
            let isMapped = arguments.contains { $0.contains("iban") }
            let shown = showsClients ? Canary.mapped + (isMapped ? [Canary.iban] : []) : []
            search.search(outcome, arguments.joined(separator: " "), except: shown)
            #expect(outcome.ending == .exit(ending), "\(arguments): \(outcome.errors)")
        }

        @Test func nothingLeaks() async throws {
            var search = Search()
            try await Installation.withWarehouse(Self.sql, mapping: Self.mapping) { installation in
                try await Self.tryErrorsOfSources(installation, &search)
                try await Self.tryErrorsOfResults(installation, &search)
                try await Self.tryMistakes(installation, &search)
                try await Self.tryDaemon(installation, &search)
                try await Self.tryCrash(installation, &search)
                try await Self.trySuccesses(installation, &search)
                let folder = installation.folder
                for file in ["config.yaml", "metrics.prom", "proposed.yaml", "fragment.yaml", "report.html"] {
                    let path = folder.appendingPathComponent(file).path
                    #expect(FileManager.default.fileExists(atPath: path), "there is no \(file) to search")
                }
                let (count, leaks) = try Canary.leaks(inFilesOf: folder) { ["out", "err"].contains($0.pathExtension) }
                search.outputCount += count
                search.leaks += leaks
                for row in try await installation.rows("select to_jsonb(r) from peerfolio.runs r") {
                    search.search(row[0] ?? "", "peerfolio.runs")
                }
            }
            #expect(search.leaks.isEmpty)
            #expect(search.outputCount > 100)
            print("canary search (R20): \(search.leaks.count) leaks in \(search.outputCount) outputs")
        }

        /// What commands print and write when nothing is wrong.
        private static func trySuccesses(_ installation: Installation, _ search: inout Search) async throws {
            for arguments in [
                ["run"], ["run", "--dry-run"], ["check"], ["explain", Canary.clientIDs[0]], ["runs"],
                [
                    "evaluate", "--tune", "--fragment", "fragment.yaml", "--train", "2026-03-31", "--test",
                    "2026-06-30",
                    "--windows", "2", "--set", "holdings.valid_from=valid_from", "--set", "holdings.valid_to=valid_to",
                ],
                ["report", "--output", "report.html"], ["migrate", "status"],
            ] {
                try await run(installation, arguments, &search, ending: 0)
            }
            try await run(
                installation,
                [
                    "init", "--connection", installation.service, "--relation", "dwh.holdings", "--output",
                    "proposed.yaml",
                ], &search, ending: 0, configured: false)
        }

        /// Errors of the server about what is read: message, detail, hint and names quote it.
        private static func tryErrorsOfSources(_ installation: Installation, _ search: inout Search) async throws {
            try await installation.execute("grant select on all tables in schema dwh to \(Installation.serviceRole)")
            for (relation, code) in [
                ("no_number", 65), ("no_date", 65), ("division", 65), ("complaint", 70), ("negative", 65),
            ] as [(String, Int32)] {
                for command in [["run"], ["run", "--dry-run"], ["check"], ["evaluate"]] {
                    try await run(
                        installation, command + ["--set", "holdings.relation=dwh.\(relation)"], &search, ending: code)
                }
                // A finding refuses runs; it is nothing to refuse an explanation for.
                try await run(
                    installation, ["explain", Canary.clientIDs[0], "--set", "holdings.relation=dwh.\(relation)"],
                    &search, ending: relation == "negative" ? 0 : code)
            }
            // Types, and a freshness that is none.
            for (override, runs, checks) in [
                ("holdings.amount=iban", 64, 64), ("holdings.client=iban", 65, 65), ("clients.risk=iban", 64, 64),
                ("clients.qualified=iban", 64, 64),
                ("holdings.query=select iban::int, 1, 2 from dwh.holdings", 64, 64), ("freshness.column=iban", 64, 64),
                ("freshness.query=select '\(Canary.iban)'::date", 64, 64), ("clients.segment=iban", 0, 0),
            ] as [(String, Int32, Int32)] {
                try await run(installation, ["run", "--set", override], &search, ending: runs)
                try await run(installation, ["check", "--set", override], &search, ending: checks)
            }
        }

        /// Errors of the server about what is written: detail and context quote the row.
        private static func tryErrorsOfResults(_ installation: Installation, _ search: inout Search) async throws {
            for (cause, remedy) in [
                (
                    """
                    do $$ begin
                        execute format(
                            'create unique index canary on peerfolio.recommendations (slot, product_id) where run_id > %s',
                            (select max(run_id) from peerfolio.runs));
                    end $$
                    """,
                    "drop index peerfolio.canary"
                ),
                (
                    """
                    do $$ begin
                        execute format(
                            'create unique index canary on peerfolio.run_clients
                             (slot, (replace(client_id, %L, %L))) where run_id > %s',
                            '\(Canary.clientIDs[1])', '\(Canary.clientIDs[0])',
                            (select max(run_id) from peerfolio.runs));
                    end $$
                    """,
                    "drop index peerfolio.canary"
                ),
                (
                    "alter table peerfolio.run_clients add constraint canary check (client_id !~ 'KANARIE') not valid",
                    "alter table peerfolio.run_clients drop constraint canary"
                ),
                (
                    """
                    create trigger canary before insert on peerfolio.run_clients for each row
                    execute function dwh.refuse()
                    """,
                    "drop trigger canary on peerfolio.run_clients"
                ),
            ] {
                try await installation.execute(
                    """
                    create or replace function dwh.refuse() returns trigger language plpgsql as $$
                    begin raise exception '%', new using errcode = '23514', detail = new::text; end $$
                    """)
                try await installation.execute(cause)
                try await run(installation, ["run"], &search, ending: 65)
                try await installation.execute(remedy)
            }
        }

        /// Values in the wrong places of configuration and command line.
        private static func tryMistakes(_ installation: Installation, _ search: inout Search) async throws {
            let uri = "postgresql://app:Zeisig@4711/q'geheim@127.0.0.1/d"
            for override in [
                "connection=\(uri)", "connection=host=x password='Zeisig 4711'", "connection=host=x pass=geheim",
                "connection=port=geheim", "model.k=geheim", "\(uri)=1", "geheim geheim=1", "password=geheim",
                "connection=service=absent dbname='host=x password=geheim'", "publish.channel=geheim@x",
                "schedule.cron=geheim", "model.distance=geheim", "timeouts.run=geheim", "suitability.levels=[geheim",
            ] {
                try await run(installation, ["run", "--set", override], &search, ending: 64)
            }
            for arguments in [
                ["demo", "--connection", uri], ["init", "--connection", uri], ["run", uri],
                ["run", "--connection=\(uri)"],
                ["migrate", uri],
            ] {
                try await run(installation, arguments, &search, ending: 64)
            }
            for yaml in [
                "password: geheim", "connection: {password: geheim}", "model: [geheim", "geheim geheim: 1",
                "model: {k: geheim}", "connection: \"\(uri)\"", "? [geheim]\n: 1", "a: *geheim",
            ] {
                try Data(yaml.utf8).write(to: installation.folder.appendingPathComponent("wrong.yaml"))
                let outcome = try await ChildProcess.run(
                    PeerfolioBinary.url(), ["run", "--config", "wrong.yaml"], environment: environment,
                    in: installation.folder)
                #expect(outcome.ending == .exit(64), "\(yaml): \(outcome.errors)")
                search.search(outcome, yaml)
            }
            try FileManager.default.removeItem(at: installation.folder.appendingPathComponent("wrong.yaml"))
        }

        /// The daemon's log, in both formats, and its metrics.
        private static func tryDaemon(_ installation: Installation, _ search: inout Search) async throws {
            for (format, relation) in [([], "no_number"), (["--json"], "complaint"), (["--json"], "holdings")] {
                try await ChildProcess.withRunning(
                    PeerfolioBinary.url(),
                    ["schedule", "--config", installation.config.path] + DaemonTests.quick + format + [
                        "--set", "holdings.relation=dwh.\(relation)", "--set",
                        "metrics.textfile=\(installation.folder.path)/metrics.prom",
                    ], environment: environment, in: installation.folder
                ) { daemon in
                    try await daemon.waitForError(containing: "this daemon acts")
                    _ = try await installation.value("select peerfolio.request_run()")
                    try await daemon.waitForError(
                        containing: relation == "holdings" ? "the run is published" : "the run has not been published")
                    try await installation.wait(
                        untilTrue:
                            "select not exists (select from peerfolio.runs where status in ('running', 'queued'))"
                    )
                    await daemon.send(SIGTERM)
                    search.search(try await daemon.outcome(), "the daemon")
                }
            }
        }

        /// What a process shows of itself while it runs, and what it leaves when it crashes.
        private static func tryCrash(_ installation: Installation, _ search: inout Search) async throws {
            // A sanitizer would report the signals, and what the handler does to look at the stack.
            let unreported = "handle_segv=0:handle_abort=0:detect_leaks=0:log_path=/dev/null"
            let paused = environment.merging([
                "PEERFOLIO_PAUSE_AT": "write", "SWIFT_BACKTRACE": "enable=yes", "ASAN_OPTIONS": unreported,
                "TSAN_OPTIONS": unreported,
            ]) { $1 }
            for signal in [SIGABRT, SIGSEGV] {
                try await installation.withRunning("run", environment: paused) { run in
                    try await run.waitForError(containing: "paused at write")
                    let arguments = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(run.processID)/cmdline"))
                    search.search(String(decoding: arguments, as: UTF8.self), "arguments")
                    let children = try String(
                        contentsOfFile: "/proc/\(run.processID)/task/\(run.processID)/children", encoding: .utf8)
                    #expect(children.isEmpty)
                    await run.send(signal)
                    // Swift's handler prints the backtrace and lets a signal from outside pass; the second one ends it.
                    try await Task.sleep(for: .seconds(2))
                    await run.send(signal)
                    search.search(try await run.outcome(), "a crash")
                }
            }
        }
    }
}
