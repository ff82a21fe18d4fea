import Foundation
import TestSupport
import Testing

/// What follows from a refusal.
extension TransportTests {
    /// A role that the server does not accept gets one and the same answer, and few attempts, since servers count them.
    @Test func refusedRolesAreNotTriedAgainAndAgain() async throws {
        try await TLSCluster.with { cluster in
            let role = TLSCluster.Role.scram.rawValue
            let config = cluster.folder.appendingPathComponent("config.yaml")
            let connection = "\(cluster.conninfo()) sslrootcert=\(cluster.authority.certificate.path)"
            try Data("connection: \"\(connection)\"\n\(GoldenWarehouse.mapping)\n".utf8).write(to: config)
            func attempts(_ body: () async throws -> Void) async throws -> Int {
                let logged = try cluster.log().count
                try await body()
                return try cluster.log().dropFirst(logged).split(separator: "\n").count {
                    $0.contains("FATAL:  password authentication failed")
                }
            }
            func expectRefusals(_ password: String) async throws {
                let environment = ["PGPASSWORD": password, "HOME": cluster.folder.path]
                for command in [["run"], ["check"], ["status"], ["migrate", "up"]] {
                    let count = try await attempts {
                        let outcome = try await ChildProcess.run(
                            PeerfolioBinary.url(), command + ["--config", config.path], environment: environment,
                            in: cluster.folder)
                        expectFailure(outcome, 64, saying: "wrong or expired password, or no such role", "server's log")
                        #expect(Canary.secrets(in: (outcome.output + outcome.errors).utf8).isEmpty)
                    }
                    #expect(count == 1, "\(command)")
                }
                let count = try await attempts {
                    try await ChildProcess.withRunning(
                        PeerfolioBinary.url(), ["schedule", "--config", config.path], environment: environment,
                        in: cluster.folder
                    ) { daemon in
                        try await daemon.waitForError(
                            containing: "does not accept the role, the next attempt is in 900")
                        // As long as it took before, and then some.
                        try await Task.sleep(for: .seconds(4))
                        await daemon.send(SIGTERM)
                        let outcome = try await daemon.outcome()
                        #expect(outcome.ending == .exit(0))
                        #expect(Canary.secrets(in: (outcome.output + outcome.errors).utf8).isEmpty)
                    }
                }
                #expect(count == 3)
            }
            try await expectRefusals("\(Canary.password)wrong")
            try await cluster.execute("alter role \(role) valid until '2020-01-01'")
            try await expectRefusals(Canary.password)
            try await cluster.execute("drop owned by \(role); drop role \(role)")
            try await expectRefusals(Canary.password)
        }
    }

    /// The daemon finds out about a password that was corrected, and does not ask for what it may not have.
    @Test func theDaemonComesBackAtSIGHUPAndWarnsOfEveryRun() async throws {
        try await TLSCluster.with { cluster in
            let folder = cluster.folder
            let (config, passwordFile) = (
                folder.appendingPathComponent("config.yaml"), folder.appendingPathComponent("named")
            )
            func write(_ password: String) throws {
                try Data("*:*:*:*:\(password)\n".utf8).write(to: passwordFile)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwordFile.path)
            }
            try await cluster.execute("create schema dwh; \(GoldenWarehouse.sql)")
            try Data(
                """
                connection: "\(cluster.conninfo()) sslmode=require passfile=\(passwordFile.path)"
                transport: {allow_insecure: true}
                \(GoldenWarehouse.mapping)
                """.utf8
            ).write(to: config)
            let migrated = try await ChildProcess.run(
                PeerfolioBinary.url(), ["migrate", "up", "--config", config.path],
                environment: ["PEERFOLIO_CONNECTION": cluster.administrator], in: folder)
            expectSuccess(migrated)
            try await cluster.execute(
                """
                grant peerfolio_runner to \(TLSCluster.Role.scram.rawValue);
                grant usage on schema dwh to peerfolio_runner;
                grant select on all tables in schema dwh to peerfolio_runner
                """)
            try write("wrong")
            try await ChildProcess.withRunning(
                PeerfolioBinary.url(), ["schedule", "--json", "--config", config.path], in: folder
            ) { daemon in
                try await daemon.waitForError(containing: "does not accept the role")
                try write(Canary.password.replacing("\\", with: "\\\\").replacing(":", with: "\\:"))
                await daemon.send(SIGHUP)
                try await daemon.waitForError(containing: "this daemon acts")
                try await cluster.execute("select peerfolio.request_run()")
                try await daemon.waitForError(containing: "the run is published")
                try await cluster.execute("select peerfolio.request_run(force => true)")
                try await daemon.waitForError(containing: "\"run_id\":\"2\",\"time\"")
                await daemon.send(SIGTERM)
                let outcome = try await daemon.outcome()
                #expect(outcome.ending == .exit(0), "\(outcome.errors)")
                let warnings = outcome.errorLines.count { $0.contains("which transport.allow_insecure permits") }
                #expect(warnings == 2, "\(outcome.errors)")
                #expect(Canary.secrets(in: outcome.errors.utf8).isEmpty)
            }
        }
    }
}
