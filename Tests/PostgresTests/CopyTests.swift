import Foundation
import Postgres
import TestSupport
import Testing

@Suite(.requiresServer) struct CopyTests {
    private struct ReceiverError: Error {}

    private static let rowCount = 100_000

    @Test func rowsGoInAndComeOut() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE t (id bigint, name text, n float8, flag bool, small int2)")
                let count = try session.copyIn("COPY t FROM STDIN (FORMAT binary)") { writer in
                    let encoder = BinaryCopyEncoder(writer)
                    for id in 0..<Int64(Self.rowCount) {
                        try encoder.beginRow(fieldCount: 5)
                        try encoder.append(id)
                        try id % 3 == 0 ? encoder.appendNull() : encoder.append("name \(id)")
                        try encoder.append(Double(id) / 7)
                        try encoder.append(id % 2 == 0)
                        try encoder.append(Int16(truncatingIfNeeded: id))
                    }
                    try encoder.finish()
                }
                #expect(count == Self.rowCount)

                var decoder = BinaryCopyDecoder(fieldCount: 5)
                var expected: Int64 = 0
                var differenceCount = 0
                try session.copyOut("COPY (SELECT * FROM t ORDER BY id) TO STDOUT (FORMAT binary)") { message in
                    try decoder.decode(message) { row in
                        let isEqual =
                            try row.int64(0) == expected
                            && row.text(1) == (expected % 3 == 0 ? nil : "name \(expected)")
                            && row.double(2) == Double(expected) / 7 && row.bool(3) == (expected % 2 == 0)
                            && row.int16(4) == Int16(truncatingIfNeeded: expected)
                        differenceCount += isEqual ? 0 : 1
                        expected += 1
                    }
                }
                try decoder.finish()
                #expect(decoder.rowCount == Self.rowCount)
                #expect(differenceCount == 0)
            }
        }
    }

    @Test func aReceiverThatThrowsLeavesTheConnectionUsable() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                for messageCount in [1, 1000] {
                    var seen = 0
                    #expect(throws: ReceiverError.self) {
                        try session.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
                            seen += 1
                            if seen == messageCount { throw ReceiverError() }
                        }
                    }
                    let value = try session.execute("SELECT 7").rows[0].get(at: 0, as: Int.self)
                    #expect(value == 7)
                }
            }
        }
    }

    @Test func aWriterThatThrowsLoadsNothing() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE t (n int)")
                let lines = Array(String(repeating: "1\n", count: 500_000).utf8)
                for writes in 0..<3 {
                    #expect(throws: ReceiverError.self) {
                        try session.copyIn("COPY t FROM STDIN") { writer in
                            for _ in 0..<writes { try lines.withUnsafeBytes(writer.write) }
                            throw ReceiverError()
                        }
                    }
                    #expect(try session.execute("SELECT * FROM t LIMIT 1").rows.isEmpty)
                }
            }
        }
    }

    @Test func failuresAtTheStartInTheMiddleAndAtTheEnd() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE t (n int CHECK (n < 5000))")
                let failures: [(String, (Session) throws -> Void)] = [
                    ("42P01", { try $0.copyOut("COPY missing TO STDOUT") { _ in } }),
                    ("42P01", { _ = try $0.copyIn("COPY missing FROM STDIN") { _ in } }),
                    (
                        "22012",
                        { try $0.copyOut("COPY (SELECT 1/(3-n) FROM generate_series(1,3) n) TO STDOUT") { _ in } }
                    ),
                    (
                        "23514",
                        { session in
                            _ = try session.copyIn("COPY t FROM STDIN") { writer in
                                for n in 0..<9000 { try Array("\(n)\n".utf8).withUnsafeBytes(writer.write) }
                            }
                        }
                    ),
                ]
                for (sqlState, failure) in failures {
                    let error = #expect(throws: PostgresError.self) { try failure(session) }
                    #expect(error?.sqlState == sqlState)
                    let value = try session.execute("SELECT 7").rows[0].get(at: 0, as: Int.self)
                    #expect(value == 7)
                }
            }
        }
    }

    @Test func aValueLargerThanTheBufferGoesInAndComesOut() async throws {
        try await TestServer.withConnection { connection in
            try await connection.withSession { session in
                try session.executeScript("CREATE TABLE t (b bytea)")
                let value = [UInt8](repeating: 7, count: 1_000_000)
                _ = try session.copyIn("COPY t FROM STDIN (FORMAT binary)") { writer in
                    let encoder = BinaryCopyEncoder(writer)
                    try encoder.beginRow(fieldCount: 1)
                    try value.withUnsafeBytes(encoder.append(bytes:))
                    try encoder.finish()
                }
                var decoder = BinaryCopyDecoder(fieldCount: 1)
                var isEqual = false
                try session.copyOut("COPY t TO STDOUT (FORMAT binary)") { message in
                    try decoder.decode(message) { isEqual = $0[0]?.elementsEqual(value) ?? false }
                }
                #expect(isEqual)
            }
        }
    }

    @Test func aStatementThatIsNoCopyIsRefused() async throws {
        try await TestServer.withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { try $0.copyOut("SELECT 1") { _ in } }
            }
            #expect(error?.code == .protocolViolation)
        }
    }
}
