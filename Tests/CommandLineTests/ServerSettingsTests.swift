import Foundation
import Postgres
import TestSupport
import Testing

/// Whatever a database, a role or `PGOPTIONS` sets, the same comes out as without it.
@Suite(.requiresServer) struct ServerSettingsTests {
    /// Settings that change how PostgreSQL reads or writes something, or what it lets pass; a line at a time.
    private static let settings: [[String]] = [
        ["datestyle = 'German'"], ["datestyle = 'SQL, DMY'"], ["datestyle = 'Postgres, DMY'"],
        ["datestyle = 'ISO, YMD'"],
        ["intervalstyle = 'sql_standard'", "xmlbinary = 'hex'", "xmloption = 'document'"],
        ["intervalstyle = 'iso_8601'", "bytea_output = 'escape'"],
        ["timezone = 'Asia/Kathmandu'"], ["quote_all_identifiers = on"], ["extra_float_digits = -15"],
        ["standard_conforming_strings = off", "escape_string_warning = on", "backslash_quote = off"],
        ["array_nulls = off", "transform_null_equals = on"], ["search_path = nowhere, demo, public"],
        ["row_security = off"], ["client_min_messages = 'debug5'"],
        ["client_min_messages = 'error'", "client_encoding = 'LATIN1'"],
        ["default_tablespace = 'gone'", "temp_tablespaces = 'gone'"],
        ["idle_session_timeout = '400ms'", "idle_in_transaction_session_timeout = '2s'"],
        ["transaction_timeout = '1ms'", "lock_timeout = '1ms'"], ["default_transaction_read_only = on"],
        ["default_transaction_isolation = 'serializable'", "default_transaction_deferrable = on"],
        ["check_function_bodies = off", "plpgsql.extra_errors = 'all'"],
        [
            "enable_partition_pruning = off", "plan_cache_mode = 'force_generic_plan'", "work_mem = '64kB'",
            "jit_above_cost = 0",
        ],
    ]

    /// Sets of them that get in nobody's way, in which a database is made anew: in the first all that changes texts.
    private static let sets: [[String]] = [
        [
            "datestyle = 'German'", "intervalstyle = 'sql_standard'", "timezone = 'Asia/Kathmandu'",
            "quote_all_identifiers = on", "extra_float_digits = -15", "bytea_output = 'escape'",
            "standard_conforming_strings = off", "array_nulls = off", "search_path = nowhere, demo, public",
            "client_min_messages = 'debug2'", "default_tablespace = 'gone'",
        ],
        [
            "datestyle = 'SQL, DMY'", "intervalstyle = 'postgres_verbose'", "timezone = 'America/St_Johns'",
            "row_security = off", "default_transaction_read_only = on", "idle_session_timeout = '400ms'",
            "transaction_timeout = '1ms'", "default_transaction_isolation = 'repeatable read'",
            "check_function_bodies = off", "transform_null_equals = on", "backslash_quote = off",
            "plpgsql.extra_errors = 'all'", "xmlbinary = 'hex'",
        ],
    ]

    private static let languages = ["ru_RU.UTF-8", "de_DE.UTF-8"]
    private static let day = ["--as-of", "2026-10-31"]
    private static let volatile: Set = [
        "run_id", "previous_run_id", "phases_ms", "width", "requested_at", "started_at", "duration_ms", "published_at",
        "published_epoch", "live_run_id", "evaluation_id",
    ]

    /// The one setting that `check` tells of, since nothing else shows why other programs cannot write.
    private static let readOnlyWarning =
        "\n    \"default_transaction_read_only is on for this role or database; runs write all the same, since they ask for"
        + " it\"\n  "

    @Test func checkTellsOfAReadOnlyDefault() async throws {
        try await Self.withWarehouse { installation in
            try await Self.set("default_transaction_read_only = on", installation)
            let output = expectSuccess(try await installation.peerfolio(arguments: ["check", "--json"]))
            let json = try jsonObject(output)
            let warnings = try #require(json["warnings"] as? [String])
            #expect(warnings.contains { $0.hasPrefix("default_transaction_read_only is on") })
        }
    }

    @Test func eachAloneLeavesTheResultAsItIs() async throws {
        try await Self.withWarehouse { installation in
            let expected = try await Self.result(installation)
            for settings in Self.settings {
                for setting in try await Self.known(settings, installation) {
                    try await Self.set(setting, installation)
                }
                let found = try await Self.result(installation)
                for (what, text) in expected { #expect(found[what] == text, "\(what) under \(settings)") }
                try await Self.reset(installation)
            }
        }
    }

    @Test(arguments: sets)
    func everyCommandSaysTheSame(_ settings: [String]) async throws {
        try await Self.expectTheSame(settings)
    }

    @Test(
        .enabled(
            if: languages.allSatisfy(ServerLanguage.isInstalled),
            "needs a server that speaks Russian and German: run scripts/prepare --test"), arguments: languages)
    func whateverLanguageTheServerSpeaks(_ language: String) async throws {
        try await Self.expectTheSame([
            "lc_messages = '\(language)'", "lc_monetary = '\(language)'", "lc_numeric = '\(language)'",
            "lc_time = '\(language)'",
        ])
    }

    /// The environment of whoever starts the program sets the same for its sessions.
    @Test func theEnvironmentOfASession() async throws {
        try await Self.withWarehouse { installation in
            let expected = try await Self.result(installation)
            let found = try await Self.result(
                installation,
                environment: [
                    "PGDATESTYLE": "SQL, DMY", "PGTZ": "Asia/Kathmandu", "PGOPTIONS": "-c extra_float_digits=0",
                ])
            for (what, text) in expected { #expect(found[what] == text, "\(what)") }
        }
    }

    /// The server ends sessions that say nothing for so long; a run has them while it computes.
    @Test func aRunThatComputesForLongerThanSessionsMayIdle() async throws {
        try await Self.withWarehouse { installation in
            guard try await !Self.known(["idle_session_timeout = '300ms'"], installation).isEmpty else { return }
            try await Self.set("idle_session_timeout = '300ms'", installation)
            let go = installation.folder.appendingPathComponent("go")
            let environment = ["PEERFOLIO_PAUSE_AT": "search", "PEERFOLIO_PAUSE_UNTIL": go.path]
            try await installation.withRunning("run", environment: environment) { run in
                try await installation.wait(
                    untilTrue: """
                        select count(*) > 0 from pg_stat_activity
                        where usename = '\(Installation.serviceRole)' and datname = current_database()
                          and state = 'idle' and state_change < clock_timestamp() - interval '500 ms'
                        """)
                try Data().write(to: go)
                #expect(try await run.outcome().ending == .exit(0))
            }
        }
    }

    // MARK: What is seen

    private static func withWarehouse(
        _ settings: [String] = [], _ body: (Installation) async throws -> Void
    ) async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            let mapping = try String(contentsOf: installation.config, encoding: .utf8)
                .replacing(
                    "manager: manager}",
                    with: "manager: manager, segment: customer_since, attributes: {segment: 0.5, customer_since: 0.5}}")
            try Data("\(mapping)freshness: {query: \"select timestamp '2099-01-01'\", max_age: 24h}\n".utf8)
                .write(to: installation.config)
            for setting in try await known(settings, installation) { try await set(setting, installation) }
            expectSuccess(try await migrate(installation))
            try await onItsOwn(Installation.grantGroups, installation)
            // What a run says of changes, the first cannot.
            expectSuccess(try await installation.peerfolio(arguments: ["run"] + day))
            try await body(installation)
        }
    }

    private static func migrate(_ installation: Installation) async throws -> ChildProcess.Outcome {
        try await installation.peerfolio(
            "migrate", "up", environment: ["PEERFOLIO_CONNECTION": installation.administrator])
    }

    private static func expectTheSame(_ settings: [String]) async throws {
        var seen: [[String: String]] = []
        for settings in [[], settings] {
            try await withWarehouse(settings) { installation in
                let result = try await result(installation)
                seen.append(try await result.merging(rest(installation)) { $1 })
            }
        }
        for (what, text) in seen[0] { #expect(seen[1][what] == text, "\(what) under \(settings)") }
    }

    /// What a run leads to: findings, figures, views, checksums.
    private static func result(
        _ installation: Installation, environment: [String: String] = [:]
    ) async throws -> [String: String] {
        func seen(_ arguments: [String]) async throws -> String {
            let outcome = try await installation.peerfolio(arguments: arguments + ["--json"], environment: environment)
            // What it has warned of says why something else came out.
            return try NormalizedJSON.text(expectSuccess(outcome), volatile: volatile) + warnings(outcome)
        }
        let client = try await plainly("select min(client_id)::text from demo.clients", installation)
        var result = [
            "check": try await seen(["check"] + day).replacing(readOnlyWarning, with: "\n\n  "),
            "run": try await seen(["run", "--force"] + day),
            "explain": try await seen(["explain", client]),
        ]
        for view in ["recommendations", "clients", "top_suggestions", "client_suggestions", "product_demand"] {
            result[view] = try await plainly(
                """
                select md5(string_agg(row::text, ' ' order by row::text))
                from (select to_jsonb(v) - '{run_id,published_at,average_score}'::text[] as row
                      from peerfolio_bi.\(view) v) r
                """, installation)
        }
        // A sum of floating-point numbers, in whatever order the rows come.
        result["average scores"] = try await plainly(
            "select md5(string_agg(round(average_score::numeric, 9)::text, ' ' order by product_id))"
                + " from peerfolio_bi.product_demand", installation)
        result["checksums"] = try await plainly(
            "select checksum || ' ' || contents_checksum from peerfolio.runs order by run_id desc limit 1", installation
        )
        return result
    }

    /// What a command warned of, but for what the server says of a setting itself.
    private static func warnings(_ outcome: ChildProcess.Outcome) -> String {
        outcome.errorLines.filter { $0.hasPrefix("warning: ") && !$0.hasPrefix("warning: the server warns: ") }
            .joined(separator: "\n")
    }

    /// What all other commands say.
    private static func rest(_ installation: Installation) async throws -> [String: String] {
        var result: [String: String] = [:]
        func see(_ name: String, _ arguments: String...) async throws {
            let output = expectSuccess(try await installation.peerfolio(arguments: arguments))
            result[name] =
                try arguments.contains("--json")
                ? NormalizedJSON.text(output, volatile: volatile) : output
        }
        try await see(
            "evaluate", "evaluate", "--json", "--train", "2026-04-30", "--test", "2026-10-31", "--windows", "2")
        try await see("grants", "grants")
        result["migrate up"] = expectSuccess(try await migrate(installation))
        try await see("migrate verify", "migrate", "verify")
        try await see("rerun", "run", "--as-of", "2026-10-30", "--json")
        try await see("rollback", "rollback")
        try await see("publish", "publish", "3")
        try await see("status", "status", "--json")
        try await see("runs", "runs", "--json")
        _ = try await installation.succeed("migrate", "status")
        let report = installation.folder.appendingPathComponent("report.html")
        _ = try await installation.succeed("report", "--output", report.path)
        result["report"] = try String(contentsOf: report, encoding: .utf8).replacing(
            #/(?s)<svg.*?</svg>|test_[0-9a-f]+|[-+]?[0-9][0-9.,:]*(?: m?s)?/#, with: "0")
        result["init"] = expectSuccess(
            try await installation.peerfolio(
                "init", "--output", "-", "--connection", installation.service, configured: false))
        try await schedule(installation)
        let database = try await plainly("select current_database()::text", installation)
        return result.mapValues { $0.replacing(database, with: "DATABASE") }
    }

    /// A scheduler takes a request, and writes its figures.
    private static func schedule(_ installation: Installation) async throws {
        let metrics = installation.folder.appendingPathComponent("metrics.prom").path
        try await installation.withRunning(
            "schedule", "--json", "--set", "schedule.poll=250ms", "--set", "metrics.textfile=\(metrics)"
        ) { daemon in
            try await daemon.waitForError(containing: "this daemon acts")
            expectSuccess(try await installation.peerfolio(arguments: ["request", "--reason", "now", "--force"] + day))
            await daemon.send(SIGTERM)
            let outcome = try await daemon.outcome()
            #expect(outcome.ending == .exit(0))
            for line in outcome.errorLines { _ = try jsonObject(String(line)) }
        }
        #expect(try String(contentsOfFile: metrics, encoding: .utf8).contains("peerfolio_"))
    }

    // MARK: Settings

    /// Those that this server has.
    private static func known(_ settings: [String], _ installation: Installation) async throws -> [String] {
        let names = Set(try await installation.rows("select name from pg_settings").compactMap { $0[0] })
        return settings.filter { setting in
            let name = String(setting.prefix { $0 != " " })
            return names.contains { $0.lowercased() == name.lowercased() } || name.contains(".")
        }
    }

    /// For the database, and for the service there, which has the last word.
    private static func set(_ setting: String, _ installation: Installation) async throws {
        let name = try await installation.value("select current_database()")
        for whose in ["database \(name)", "role \(Installation.serviceRole) in database \(name)"] {
            try await onItsOwn("alter \(whose) set \(setting)", installation)
        }
    }

    private static func reset(_ installation: Installation) async throws {
        let name = try await plainly("select current_database()::text", installation)
        for whose in ["database \(name)", "role \(Installation.serviceRole) in database \(name)"] {
            try await onItsOwn("alter \(whose) reset all", installation)
        }
    }

    /// In a transaction that may write, whatever the default is.
    private static func onItsOwn(_ sql: String, _ installation: Installation) async throws {
        try await installation.withConnection(installation.administrator) { session in
            try session.executeScript("begin read write; \(sql); commit")
        }
    }

    /// A value as a session without the database's settings has it.
    private static func plainly(_ sql: String, _ installation: Installation) async throws -> String {
        try await installation.withConnection(installation.administrator) { session in
            try session.executeScript("set extra_float_digits = 1; set timezone = 'UTC'; set search_path = pg_catalog")
            return try session.execute(sql).rows[0].get(at: 0)
        }
    }
}

/// A language in which a server can be made to speak, by `lc_messages`.
enum ServerLanguage {
    /// Whether this machine has the locale; the server is on it.
    static func isInstalled(_ locale: String) -> Bool {
        guard let handle = newlocale(LC_MESSAGES_MASK, locale, nil) else { return false }
        freelocale(handle)
        return true
    }
}
