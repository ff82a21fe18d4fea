import Foundation
import Postgres
import TestSupport
import Testing

/// Servers that are set up so that nothing can work: what is said tells why.
@Suite(.requiresServer) struct HostileServerTests {
    @Test func aTriggerThatForbidsDDL() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            try await installation.execute(
                """
                create function forbid() returns event_trigger language plpgsql as
                    'begin raise exception ''no DDL before Monday''; end';
                create event trigger peerfolio_test_forbid on ddl_command_start execute function forbid()
                """)
            let administrator = ["PEERFOLIO_CONNECTION": installation.administrator]
            let refused = try await installation.peerfolio("migrate", "up", environment: administrator)
            expectFailure(refused, 64)
            for word in ["a trigger of the database forbids the change", "no DDL before Monday", "ALTER EVENT TRIGGER"]
            {
                #expect(refused.errors.contains(word), "\(refused.errors)")
            }
            try await installation.execute("alter event trigger peerfolio_test_forbid disable")
            expectSuccess(try await installation.peerfolio("migrate", "up", environment: administrator))
        }
    }

    /// Runs change no schema, so such a trigger is no obstacle to them.
    @Test func aTriggerThatForbidsDDLStopsNoRun() async throws {
        try await Installation.withDemo { installation in
            try await installation.execute(
                """
                create function forbid() returns event_trigger language plpgsql as
                    'begin raise exception ''no DDL before Monday''; end';
                create event trigger peerfolio_test_forbid on ddl_command_start execute function forbid()
                """)
            for _ in 1...2 { _ = try await installation.succeed("run", "--force") }
        }
    }

    @Test func aPoolerOfStatements() async throws {
        try await Installation.withDemo { installation in
            try await PgBouncer.with(installation, settings: "pool_mode = statement") { bouncer in
                let pooled = ["PEERFOLIO_CONNECTION": try await bouncer.conninfo(installation)]
                let outcome = try await installation.peerfolio("check", environment: pooled)
                expectFailure(outcome, 69)
                #expect(outcome.errors.contains("pool_mode = transaction or session"), "\(outcome.errors)")
            }
        }
    }

    /// A commit that waits for a standby is not over, and no time limit of a statement ends it.
    @Test func aStandbyThatNeverComes() async throws {
        try await TLSCluster.with { cluster in
            try await cluster.execute("create table notes (note text)")
            try await cluster.reload(["synchronous_commit": "on", "synchronous_standby_names": "nobody"])
            let error = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.withSession(ConnectionSettings(conninfo: cluster.administrator)) {
                    session in
                    session.operationTimeout = .milliseconds(500)
                    try session.transaction(.readWrite) { try $0.executeScript("insert into notes values ('seen')") }
                }
            }
            #expect(error?.code == .commitOutcomeUnknown)
            #expect(error?.message.contains("synchronous_standby_names") == true, "\(error?.message ?? "")")
            try await cluster.reload(["synchronous_standby_names": ""])
        }
    }
}
