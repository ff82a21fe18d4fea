import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.requiresServer) struct ErrorTests {
    /// Statements that fail on the value `canary`, their SQLSTATE, and a word that the description must hold.
    @Test(arguments: [
        ("INSERT INTO t VALUES ('canary', 1)", "23505", "t_pkey"),
        ("INSERT INTO t VALUES ('canary2', -1)", "23514", "positive"),
        ("INSERT INTO t VALUES ('canary2', NULL)", "23502", "column n"),
        ("INSERT INTO child VALUES ('canary2')", "23503", "child_id_fkey"),
        ("SELECT id::int FROM t", "22P02", "type"),
        ("SELECT id::date FROM t", "22007", "date"),
        ("SELECT id::regclass FROM t", "42P01", "relation"),
        ("SELECT id::regtype FROM t", "42704", "object"),
        ("SELECT set_config('work_mem', id, false) FROM t", "22023", "value"),
        ("DO $$BEGIN RAISE EXCEPTION 'canary' USING detail = 'canary', hint = 'canary'; END$$", "P0001", "function"),
    ])
    func descriptionsHoldNoData(sql: String, sqlState: String, word: String) async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript(
                    """
                    CREATE TABLE t (id text PRIMARY KEY, n int NOT NULL CONSTRAINT positive CHECK (n > 0));
                    CREATE TABLE child (id text REFERENCES t);
                    INSERT INTO t VALUES ('canary', 1)
                    """
                )
                let error = #expect(throws: PostgresError.self) { try session.execute(sql) }
                #expect(error?.sqlState == sqlState)
                #expect(error?.code == .server)
                let texts = [error?.description ?? "", error.map { String(reflecting: $0) } ?? ""]
                #expect(texts.allSatisfy { !$0.contains("canary") && $0.contains(sqlState) && $0.contains(word) })
                var dumped = ""
                dump(error, to: &dumped)
                #expect(!dumped.contains("canary"))
                #expect(try session.execute("SELECT 1").rows.count == 1)
            }
        }
    }

    /// What a function raises by itself can have data in every field.
    @Test(arguments: ["P0001", "23514", "42501", "3F000"])
    func raisedErrorsHoldNoData(sqlState: String) async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                let error = #expect(throws: PostgresError.self) {
                    try session.execute(
                        """
                        DO $$BEGIN
                            RAISE EXCEPTION USING message = 'canary', errcode = '\(sqlState)', detail = 'canary',
                                hint = 'canary', schema = 'canary', table = 'canary', column = 'canary',
                                constraint = 'canary';
                        END$$
                        """)
                }
                #expect(error?.sqlState == sqlState)
                #expect(error.map { String(reflecting: $0).contains("canary") } == false)
                #expect(error?.serverMessage == nil)
            }
        }
    }

    @Test func copyErrorsHoldNoData() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE t (n int)")
                let error = #expect(throws: PostgresError.self) {
                    try session.copyIn("COPY t FROM STDIN") { writer in
                        try Array("1\ncanary\n".utf8).withUnsafeBytes(writer.write)
                    }
                }
                #expect(error?.sqlState == "22P02")
                #expect(error?.description.contains("canary") == false)
                #expect(try session.execute("SELECT * FROM t").rows.isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("SELECT * FROM missing.relation", "42P01", "missing.relation"),
        ("SELECT wrong FROM pg_class", "42703", "wrong"),
        ("SELECT nofunction(1)", "42883", "nofunction"),
    ])
    func errorsAboutNamesSayTheName(sql: String, sqlState: String, name: String) async throws {
        try await TestServer.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { try $0.describe(sql) }
            }
            #expect(error?.sqlState == sqlState)
            #expect(error?.description.contains(name) == true)
            #expect(error?.statementPosition != nil)
        }
    }

    @Test func missingPrivilegesSayWhichTable() async throws {
        try await TestServer.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { session in
                    try session.executeScript("CREATE TABLE secret (n int)")
                    try session.transaction { session in
                        try session.executeScript("SET LOCAL ROLE pg_monitor")
                        try session.execute("SELECT * FROM secret")
                    }
                }
            }
            #expect(error?.description == "permission denied for table secret (SQLSTATE 42501)")
        }
    }

    @Test func failedConnectionsAreClassified() async throws {
        try await TestServer.withDatabase { conninfo in
            let unreachable = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.open(ConnectionSettings(conninfo: "host=/nonexistent user=u dbname=d"))
            }
            #expect(unreachable?.code == .connectionFailed)
            #expect(unreachable?.isRetryable == true)
            #expect(unreachable?.description.contains("/nonexistent") == true)

            let database = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo + " dbname=nowhere"))
            }
            #expect(database?.sqlState == "3D000")
            #expect(database?.isRetryable == false)

            let role = await #expect(throws: PostgresError.self) {
                try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo + " user=nobody_here"))
            }
            #expect(role?.code == .authenticationFailed)
            #expect(role?.isRetryable == false)
        }
    }

    @Test func namesThePlaceWhereItWasMade() {
        let error = PostgresError(code: .server, message: "m")
        #expect(error.location.file == "PostgresTests/ErrorTests.swift")
        #expect(error.debugDescription.contains("ErrorTests.swift:\(error.location.line)"))
    }

    @Test(arguments: [
        ("40001", true), ("40P01", true), ("53300", true), ("55P03", true), ("57P01", true), ("57P03", true),
        ("08006", true), ("57014", false), ("42501", false), ("23505", false), ("55006", false),
    ])
    func retryableStates(sqlState: String, isRetryable: Bool) {
        #expect(PostgresError(code: .server, message: "", sqlState: sqlState).isRetryable == isRetryable)
    }
}
