import Foundation
import Postgres
import TestSupport
import Testing

/// Log-ins that a server refuses, whatever language it speaks: trying again does not help, and locks roles out.
@Suite(.requiresServer) struct LoginTests {
    private static let languages = ["C", "ru_RU.UTF-8", "de_DE.UTF-8"]

    @Test(
        .requiresTLS,
        .enabled(
            if: languages.dropFirst().allSatisfy(ServerLanguage.isInstalled),
            "needs a server that speaks Russian and German: run scripts/prepare --test"))
    func areToldApartByTheirCode() async throws {
        try await TLSCluster.with { cluster in
            try await cluster.execute(
                """
                create role expired login password 'right' valid until '2020-01-01';
                create role nologin_role password 'right';
                create role closed login password 'right';
                """)
            try await cluster.execute("create database closed_off")
            try await cluster.execute("revoke connect on database closed_off from public")
            try await cluster.execute("create database full_up connection limit 0")
            for language in Self.languages {
                try await cluster.reload(["lc_messages": language])
                for role in ["asks_scram", "expired", "nologin_role", "nobody"] {
                    try await expect(
                        cluster, user: role, password: role == "asks_scram" ? "mistaken-one" : "right", 64,
                        saying: "wrong or expired password, or no such role", "SQLSTATE 28")
                }
                // The last line of pg_hba.conf asks for a password, of which there is none here.
                try await expect(cluster, user: "closed", password: nil, 64, saying: "no such role")
                try await expect(
                    cluster, user: "closed", password: "right", database: "closed_off", 64,
                    saying: "GRANT CONNECT", "SQLSTATE 42501")
                try await expect(
                    cluster, user: "closed", password: "right", database: "absent", 69, saying: "SQLSTATE 3D000")
                try await expect(
                    cluster, user: "closed", password: "right", database: "full_up", 75, saying: "SQLSTATE 53300")
            }
        }
    }

    private func expect(
        _ cluster: TLSCluster, user: String, password: String?, database: String = "postgres", _ code: Int32,
        saying texts: String...
    ) async throws {
        let conninfo =
            "\(cluster.conninfo()) user=\(user) dbname=\(database) sslrootcert=\(cluster.authority.certificate.path)"
        let config = cluster.folder.appendingPathComponent("config.yaml")
        try Data("connection: \"\(conninfo)\"\n\(GoldenWarehouse.mapping)\n".utf8).write(to: config)
        let outcome = try await ChildProcess.run(
            PeerfolioBinary.url(), ["check", "--config", config.path],
            environment: password.map { ["PGPASSWORD": $0] } ?? [:], in: cluster.folder)
        expectFailure(outcome, code)
        let line = outcome.errorLines.last ?? ""
        for text in texts { #expect(line.contains(text), "\(outcome.errors)") }
        #expect(!outcome.errors.contains("LOCATION"), "\(outcome.errors)")
        #expect(!outcome.errors.contains(".c:"), "\(outcome.errors)")
    }
}

/// What a server warns of while it lets somebody in.
@Suite(.requiresServer) struct ConnectionWarningTests {
    /// As after an upgrade of the operating system.
    private static let changedCollation = """
        update pg_database set datcollversion = '0' where datname = current_database()
        """

    @Test(.requiresVersion(15)) func isALineOfTheLogOnce() async throws {
        try await Installation.withDemo { installation in
            try await installation.execute(Self.changedCollation)
            guard
                try await installation.value(
                    "select datcollversion is not null from pg_database where datname = current_database()") == "t"
            else { return }
            let run = try await installation.peerfolio("run", "--json")
            _ = try jsonObject(run.output)
            let warnings = run.errorLines.filter { $0.contains("collation") }
            #expect(warnings.count == 1, "\(run.errors)")
            #expect(warnings.first?.hasPrefix("warning: the server warns: ") == true, "\(run.errors)")
            try await installation.withRunning("schedule", "--json", "--set", "schedule.poll=100ms") { daemon in
                try await daemon.waitForError(containing: "this daemon acts")
                expectSuccess(try await installation.peerfolio("request", "--force"))
                await daemon.send(SIGTERM)
                let lines = try await daemon.outcome().errorLines
                let logged = try lines.map { try jsonObject(String($0)) }
                let warnings = logged.filter { ($0["message"] as? String)?.contains("collation") == true }
                #expect(warnings.count == 1, "\(lines)")
                #expect(warnings.first?["level"] as? String == "warning")
            }
        }
    }
}
