import TestSupport
import Testing

@testable import Schema

/// A column that views pass on is described in one place.
@Suite(.requiresServer) struct CommentTests {
    /// Columns of views that mean something else than the columns of their name in the other views.
    private static let othersOfTheName: Set<String> = [
        "model_quality.channel", "model_quality.clients", "model_quality.method", "model_quality.run_id",
        "run_findings.as_of_date", "run_findings.run_id", "run_health.channel", "run_health.published_at",
        "run_history.as_of_date", "run_history.published_at", "run_history.reason_code", "run_history.run_id",
        "run_history.status",
    ]

    private static let comments = """
        select a.attname, c.relname, col_description(c.oid, a.attnum)
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'peerfolio_bi'::regnamespace and c.relkind = 'v'
        order by 1, 2
        """

    @Test func columnsOfOneNameHaveOneComment() async throws {
        try await TestServer.withMigratedDatabase { database in
            let columns = Dictionary(grouping: try await database.rows(Self.comments)) { $0[0] ?? "" }
            #expect(columns.count > 100)
            var others = Self.othersOfTheName
            for (column, rows) in columns {
                #expect(rows.allSatisfy { $0[2]?.isEmpty == false }, "\(column)")
                let same = rows.filter { others.remove("\($0[1] ?? "").\(column)") == nil }
                #expect(Set(same.map { $0[2] }).count <= 1, "\(column) of \(same.compactMap { $0[1] })")
                // An exception that says the same as the others is none.
                let comments = Set(rows.map { $0[2] })
                #expect(comments.count == rows.count - same.count + (same.isEmpty ? 0 : 1), "\(column)")
            }
            #expect(others == [], "no such columns")
        }
    }

    /// Also where the view itself has not changed: it inherits from one that has.
    @Test func migratingHandsCommentsOn() async throws {
        try await TestServer.withMigratedDatabase { database in
            let before = try await database.rows(Self.comments)
            try await database.execute(
                """
                comment on column peerfolio_bi.recommendations.lift is 'as an older version had it';
                comment on column peerfolio_bi.top_suggestions.lift is 'drifted';
                comment on column peerfolio_bi.my_suggestions.lift is null;
                comment on column peerfolio_bi.run_findings.message is 'drifted';
                update peerfolio.schema_objects set checksum = 'older' where name = 'recommendations';
                """)
            #expect(try await database.rows(Self.comments) != before)
            let parameters = SchemaParameters(clientIDType: "bigint", productIDType: "text", slots: 4)
            let applied = try await database.withSession(as: .migrator) { session in
                try Migrator(programVersion: "test").up(session, parameters: parameters)
            }
            #expect(applied == ["recommendations"])
            #expect(try await database.rows(Self.comments) == before)
        }
    }
}
