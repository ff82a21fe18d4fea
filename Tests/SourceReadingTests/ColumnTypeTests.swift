import Holdings
import Postgres
import TestSupport
import Testing

@testable import SourceReading

/// The types of columns as the server numbers them.
@Suite(.requiresServer) struct ColumnTypeTests {
    @Test(
        arguments: [
            ("smallint", .smallint, .bigint), ("integer", .integer, .bigint), ("bigint", .bigint, .bigint),
            ("text", .text, .text), ("varchar(9)", .varchar, .text), ("char(3)", .char, .text), ("uuid", .uuid, .uuid),
            ("real", .real, nil), ("double precision", .double, nil), ("numeric(9, 2)", .numeric, .numeric),
            ("money", .money, nil), ("boolean", .boolean, nil), ("date", .date, nil), ("timestamp", .timestamp, nil),
            ("timestamptz", .timestamptz, nil), ("bytea", .other, nil), ("interval", .other, nil),
        ] as [(String, ColumnType, IdentifierType?)])
    func isTheServers(name: String, type: ColumnType, identifierType: IdentifierType?) async throws {
        try await TestServer.withMigratedDatabase { database in
            let oid = try await database.withSession(as: .runner) { session in
                try session.execute("select null::\(name) limit 0").columns[0].typeOID
            }
            #expect(ColumnType(oid: oid) == type)
            #expect(type.identifierType == identifierType)
        }
    }

    @Test func tellsWhatCanBeReadOfIt() {
        func types(_ isSo: (ColumnType) -> Bool) -> [ColumnType] { ColumnType.allCases.filter(isSo) }
        #expect(types(\.isNumber) == [.bigint, .smallint, .integer, .real, .double, .numeric])
        #expect(types(\.isDate) == [.date, .timestamp, .timestamptz])
        #expect(types(\.isText) == [.text, .char, .varchar])
        #expect(Set(types(\.isMeasure)) == Set(types(\.isNumber) + types(\.isDate) + [.money]))
        #expect(ColumnType(oid: 0) == .other && ColumnType(oid: .max) == .other)
    }
}
