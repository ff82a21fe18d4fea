import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.requiresServer) struct StatementTests {
    @Test func valuesOfEveryKind() async throws {
        try await TestServer.withConnection { connection in
            let row = try await connection.withSession { session in
                try session.execute(
                    """
                    SELECT $1 AS big, $2 AS small, $3 AS double, $4 AS yes, $5 AS bytes, $6::text AS text,
                           $7::int AS nothing, 'Infinity'::float8 AS infinite, $8::date AS day,
                           'NaN'::float8 AS undefined, '-Infinity'::float8 AS least
                    """,
                    [
                        .bigint(.min), .integer(.max), .double(0.1), true, .bytea([0, 10, 255]), "it's \"ö\"\n",
                        nil, "2024-02-29",
                    ]
                ).rows[0]
            }
            #expect(try row.get("big") == Int64.min)
            #expect(try row.get("small") == Int32.max)
            #expect(try row.get("double") == 0.1)
            #expect(try row.get("yes") == true)
            #expect(try row.get("bytes", as: String.self) == "\\x000aff")
            #expect(try row.get("text") == "it's \"ö\"\n")
            #expect(try row.getIfPresent("nothing", as: Int.self) == nil)
            #expect(try row.get("infinite") == Double.infinity)
            #expect(try row.get("least") == -Double.infinity)
            #expect(try row.get("undefined", as: Double.self).isNaN)
            #expect(try row.get(at: 8) == "2024-02-29")
            #expect(throws: PostgresError.self) { try row.get("nothing", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.get("absent", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.get("text", as: Int.self) }
        }
    }

    @Test func numbersBeyondDoubleAreRefused() async throws {
        try await TestServer.withConnection { connection in
            let row = try await connection.withSession { try $0.execute("SELECT 1e400::numeric AS big").rows[0] }
            #expect(throws: PostgresError.self) { try row.get("big", as: Double.self) }
        }
    }

    @Test func countsRowsAndNamesColumns() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE t (a int, \"B c\" text); INSERT INTO t VALUES (1, 'x')")
                let inserted = try session.execute("INSERT INTO t SELECT generate_series(1, $1::int), 'y'", [4])
                #expect(inserted.affectedRows == 4)
                #expect(inserted.commandTag == "INSERT 0 4")
                let columns = try session.describe("SELECT a, \"B c\", 1::bigint AS a FROM t WHERE a = $1")
                #expect(columns.map(\.name) == ["a", "B c", "a"])
                #expect(columns.map(\.typeOID) == [23, 25, 20])
                #expect(try session.describe("DELETE FROM t").isEmpty)
            }
        }
    }

    @Test func knowsTheServer() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                #expect(session.serverVersion >= 130_000)
                let row = try session.execute("SELECT pg_backend_pid(), current_setting('application_name')").rows[0]
                #expect(try row.get(at: 0) == session.backendPID)
                #expect(try row.get(at: 1) == "peerfolio")
            }
        }
    }

    @Test(arguments: ["plain", "with space", "quo\"te", "it's", "ünïcode", "back\\slash", "new\nline", "$1", "a.b"])
    func quotedNamesAndTextsComeBack(text: String) async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                let name = try session.escapeIdentifier(text)
                let result = try session.execute("SELECT \(try session.escapeLiteral(text)) AS \(name)")
                #expect(result.columns[0].name == text)
                #expect(try result.rows[0].get(at: 0) == text)
            }
        }
    }

    @Test func nulIsRefusedEverywhere() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                let attempts: [(Session) throws -> Void] = [
                    { try $0.execute("SELECT 1\0") }, { try $0.execute("SELECT $1::text", ["a\0b"]) },
                    { try $0.executeScript("\0") }, { _ = try $0.escapeIdentifier("a\0b") },
                    { _ = try $0.escapeLiteral("a\0b") },
                ]
                for attempt in attempts {
                    let error = #expect(throws: PostgresError.self) { try attempt(session) }
                    #expect(error?.code == .invalidParameter)
                }
            }
        }
    }

    @Test func textThatIsNotUTF8IsAnError() async throws {
        try await TestServer.withDatabase(encoding: "SQL_ASCII") { conninfo in
            let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo))
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { try $0.execute("SELECT convert_from('\\xff41', 'SQL_ASCII') AS c") }
            }
            #expect(error?.code == .decoding || error?.sqlState == "22021")
            await connection.close()
        }
    }

    @Test func aCopyInExecuteDoesNotHang() async throws {
        for sql in ["COPY (SELECT 1) TO STDOUT", "COPY pg_class FROM STDIN"] {
            try await TestServer.withConnection { connection in
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.withSession { try $0.execute(sql) }
                }
                #expect(error?.code == .protocolViolation || error?.code == .server)
            }
        }
    }

    @Test func useAfterCloseIsAnError() async throws {
        try await TestServer.withConnection { connection in
            await connection.close()
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { try $0.execute("SELECT 1") }
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.isRetryable == true)
        }
    }
}
