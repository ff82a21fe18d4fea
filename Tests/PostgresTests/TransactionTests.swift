import Postgres
import TestSupport
import Testing

@Suite(.requiresServer) struct TransactionTests {
    private static let table = "CREATE TABLE t (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)"

    @Test func commitsWhatTheBodyDid() async throws {
        try await TestServer.withConnection { connection in
            let count = try await connection.withSession { session in
                try session.executeScript(Self.table)
                try session.transaction { _ = try $0.execute("INSERT INTO t VALUES (1)") }
                return try session.execute("SELECT count(*) FROM t").rows[0].get(at: 0, as: Int.self)
            }
            #expect(count == 1)
        }
    }

    @Test func pinsNamesWithinATransactionAndOutsideOfOne() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                func path(_ session: Session) throws -> String {
                    try session.execute("show search_path").rows[0].get(at: 0)
                }
                let odd = #""$user", "a, ""b", public"#
                try session.executeScript("set search_path = \(odd)")
                let outside = [try session.withPinnedNames(path), try path(session)]
                let inside = try session.transaction { [try $0.withPinnedNames(path), try path($0)] }
                #expect(outside == ["pg_catalog, pg_temp", odd])
                #expect(inside == ["pg_catalog, pg_temp", odd])
                let refusal = #expect(throws: PostgresError.self) {
                    try session.withPinnedNames { session in try session.executeScript("create table public.t ()") }
                }
                #expect(refusal?.sqlState == "25006")
            }
        }
    }

    @Test func rollsBackWhenTheBodyThrows() async throws {
        struct BodyError: Error {}
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript(Self.table)
                #expect(throws: BodyError.self) {
                    try session.transaction { session in
                        try session.execute("INSERT INTO t VALUES (1)")
                        throw BodyError()
                    }
                }
                let failed = #expect(throws: PostgresError.self) {
                    try session.transaction { _ = try $0.execute("SELECT 1/0") }
                }
                #expect(failed?.sqlState == "22012")
                #expect(failed?.transactionStep == nil)
                #expect(try session.execute("SELECT * FROM t").rows.isEmpty)
            }
        }
    }

    @Test func modesAndSettingsHoldInsideOnly() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                let mode = TransactionMode.consistentRead.setting("lock_timeout", "1234ms")
                    .setting("my.note", "it's; DROP TABLE x")
                let row = try session.transaction(mode) { session in
                    try session.execute(
                        """
                        SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'),
                               current_setting('lock_timeout'), current_setting('my.note')
                        """
                    ).rows[0]
                }
                #expect(row.values == ["repeatable read", "on", "1234ms", "it's; DROP TABLE x"])
                let after = try session.execute("SELECT current_setting('lock_timeout')").rows[0]
                #expect(try after.get(at: 0) == "0")
            }
        }
    }

    @Test func failuresOfBeginAndCommitSayTheStep() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript(Self.table)
                let begin = #expect(throws: PostgresError.self) {
                    try session.transaction(.readWrite.setting("no_such_setting", "1")) { _ in }
                }
                #expect(begin?.transactionStep == .begin)
                #expect(begin?.sqlState == "42704")

                let commit = #expect(throws: PostgresError.self) {
                    try session.transaction { _ = try $0.execute("INSERT INTO t VALUES (1), (1)") }
                }
                #expect(commit?.transactionStep == .commit)
                #expect(commit?.sqlState == "23505")
                #expect(commit?.code == .server)

                let swallowed = #expect(throws: PostgresError.self) {
                    try session.transaction { _ = try? $0.execute("SELECT 1/0") }
                }
                #expect(swallowed?.code == .transactionAborted)
                #expect(try session.transaction { try $0.execute("SELECT 1").rows.count } == 1)
            }
        }
    }

    @Test func writesInAReadOnlyTransactionAreRefused() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript(Self.table)
                let error = #expect(throws: PostgresError.self) {
                    try session.transaction(.consistentRead) { _ = try $0.execute("INSERT INTO t VALUES (1)") }
                }
                #expect(error?.sqlState == "25006")
            }
        }
    }

    @Test func anOpenTransactionEndsWithTheSession() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript(Self.table)
                try session.executeScript("BEGIN; INSERT INTO t VALUES (1)")
            }
            try await connection.withSession { session in
                let rows = try session.execute("SELECT * FROM t").rows
                #expect(rows.isEmpty)
                #expect(try session.transaction { try $0.execute("SELECT 1").rows.count } == 1)
            }
        }
    }
}
