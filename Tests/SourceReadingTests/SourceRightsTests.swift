import Postgres
import TestSupport
import Testing

@testable import Holdings
@testable import ResultStore
@testable import SourceReading

/// Which columns a query reads, found out without reading.
@Suite(.requiresServer) struct SourceRightsTests {
    private static let tables = """
        create table dwh.t (id bigint, a text, b text, "Odd, name" text);
        create table dwh.u (id bigint, c text, d text);
        create schema other;
        create table other.v (id bigint, e text);
        create view other.plain as select id, a from dwh.t where b is not null;
        create function dwh.good(text) returns boolean language sql as 'select true';
        create table dwh.parted (id bigint, p text, q text) partition by list (p);
        create table dwh.parted_x partition of dwh.parted for values in ('x');
        create materialized view dwh.kept as select id, a, b from dwh.t;
        create foreign data wrapper elsewhere;
        create server elsewhere foreign data wrapper elsewhere;
        create foreign table dwh.far (id bigint, f text, g text) server elsewhere;
        """

    /// Views of their callers' rights, which PostgreSQL 15 brought.
    private static let invokingViews = """
        create view other.invoking with (security_invoker = true) as select id, a from dwh.t where b is not null;
        create view other.twice with (security_invoker = on) as select id from other.invoking;
        """

    /// What a query takes, as `GRANT` statements without their role.
    private static func grants(
        _ query: String, as role: TestDatabase.Role = .superuser, in database: TestDatabase
    ) async throws -> [String] {
        let day = try #require(BusinessDate("2026-06-30"))
        return try await database.withSession(as: role) { session in
            let source = MappedSource(key: "exclusions.query", source: .query(query), columns: [])
            let need = try #require(try SourceRights(session, asOf: day).need(of: source))
            if let problem = need.problem { return ["problem: \(problem)"] }
            return try RightsReview(session).grants(need.rights, to: "r").map { $0.replacing(" TO r", with: "") }
                + need.notes.map { "note: \($0)" }
        }
    }

    @Test(
        arguments: [
            ("select id, a from dwh.t", ["USAGE ON SCHEMA dwh", "SELECT (a, id) ON dwh.t"]),
            ("select id from dwh.t x where x.b = 'x' -- done", ["USAGE ON SCHEMA dwh", "SELECT (b, id) ON dwh.t"]),
            (
                "select id, id from dwh.t order by \"Odd, name\"",
                ["USAGE ON SCHEMA dwh", "SELECT (\"Odd, name\", id) ON dwh.t"]
            ),
            ("select * from dwh.u", ["USAGE ON SCHEMA dwh", "SELECT (c, d, id) ON dwh.u"]),
            (
                "with w as (select id from dwh.u where d::date < :as_of) select a from dwh.t join w using (id)",
                ["USAGE ON SCHEMA dwh", "SELECT (a, id) ON dwh.t", "SELECT (d, id) ON dwh.u"]
            ),
            (
                "select id from dwh.t union all select id from other.v where exists (select from dwh.u where c = e)",
                [
                    "USAGE ON SCHEMA dwh", "SELECT (id) ON dwh.t", "SELECT (c) ON dwh.u", "USAGE ON SCHEMA other",
                    "SELECT (e, id) ON other.v",
                ]
            ),
            ("select count(*) from dwh.t", ["USAGE ON SCHEMA dwh", "SELECT (id) ON dwh.t"]),
            (
                "select to_jsonb(t)->>'a' from dwh.t t",
                ["USAGE ON SCHEMA dwh", "SELECT ON dwh.t", "note: whole rows are used, so all columns are needed"]
            ),
            ("select id from other.plain", ["USAGE ON SCHEMA other", "SELECT (id) ON other.plain"]),
            ("select p from dwh.parted", ["USAGE ON SCHEMA dwh", "SELECT (p) ON dwh.parted"]),
            ("select a from dwh.kept", ["USAGE ON SCHEMA dwh", "SELECT (a) ON dwh.kept"]),
            (
                "select k from dwh.kept k",
                ["USAGE ON SCHEMA dwh", "SELECT ON dwh.kept", "note: whole rows are used, so all columns are needed"]
            ),
            ("select 1 as id", []),
            ("select oid from pg_catalog.pg_class", []),
        ] as [(String, [String])])
    func aQuerysColumnsAreKnown(query: String, grants: [String]) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let expected = grants.map { $0.hasPrefix("note") ? $0 : "GRANT " + $0 }
            #expect(try await Self.grants(query, in: database) == expected)
            // Rights and nothing else: whoever has them may run the query, and nothing has stayed.
            let left = try await database.value("select count(*) from pg_class where relname = 'peerfolio_reads'")
            #expect(left == "0")
            let statements = expected.filter { !$0.hasPrefix("note") }.map { $0 + " TO peerfolio_test_stranger;" }
            try await database.execute(statements.joined())
            let runnable = query.replacing(":as_of", with: "'2026-06-30'")
            #expect(try await database.sqlState(of: runnable, as: .stranger) == nil)
        }
    }

    /// A relation of any kind that holds rows: its columns that are mapped, and what a role lacks of them.
    @Test(arguments: ["t", "parted", "kept", "far"]) func relationsOfEveryKindAreFound(name: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let day = try #require(BusinessDate("2026-06-30"))
            let column = name == "parted" ? "p" : name == "far" ? "f" : "a"
            let source = MappedSource(
                key: "clients", source: .relation(try RelationName(parsing: "dwh.\(name)")), columns: ["id", column])
            let rights = try await database.withSession { session in
                try #require(try SourceRights(session, asOf: day).need(of: source)).rights
            }
            let grants = ["GRANT USAGE ON SCHEMA dwh TO r", "GRANT SELECT (id, \(column)) ON dwh.\(name) TO r"]
            #expect(try await database.withSession { try RightsReview($0).grants(rights, to: "r") } == grants)
            let stranger = TestDatabase.Role.stranger.rawValue
            let lacking = { @Sendable (session: Session) in try RightsReview(session).sourceRights(rights).grants }
            #expect(
                try await database.withSession(as: .stranger, lacking)
                    == grants.map { $0.replacing("TO r", with: "TO \(stranger)") })
            try await database.execute(
                "grant usage on schema dwh to \(stranger); grant select (id) on dwh.\(name) to \(stranger)")
            #expect(
                try await database.withSession(as: .stranger, lacking)
                    == ["GRANT SELECT (\(column)) ON dwh.\(name) TO \(stranger)"])
        }
    }

    /// A foreign table that a query reads, which cannot be tried without the server that it stands for.
    @Test func foreignTablesInQueriesAreFound() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            #expect(
                try await Self.grants("select f from dwh.far", in: database)
                    == ["GRANT USAGE ON SCHEMA dwh", "GRANT SELECT (f) ON dwh.far"])
        }
    }

    /// A view of its caller's rights needs what it reads, through any number of views.
    @Test(.requiresVersion(15)) func viewsOfTheCallersRightsAreLookedThrough() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables + Self.invokingViews)
            let grants = try await Self.grants("select id from other.twice", in: database)
            #expect(
                grants == [
                    "GRANT USAGE ON SCHEMA dwh", "GRANT SELECT (a, b, id) ON dwh.t", "GRANT USAGE ON SCHEMA other",
                    "GRANT SELECT (id) ON other.invoking", "GRANT SELECT (id) ON other.twice",
                ])
        }
    }

    @Test func functionsAreNamedAndNotLookedInto() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            #expect(
                try await Self.grants("select id from dwh.t where dwh.good(a)", in: database) == [
                    "GRANT USAGE ON SCHEMA dwh", "GRANT SELECT (a, id) ON dwh.t",
                    "GRANT EXECUTE ON FUNCTION dwh.good(text)",
                    "note: dwh.good is a function; what it reads itself is not looked into",
                ])
        }
    }

    /// Without the right to make a temporary view there is a reason, and the relations whose names stand there.
    @Test func whoMayNotLookIntoAQueryIsToldWhy() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let query = """
                select id from Other."v" where e > 'dwh.u' and id in (select id from dwh . t)
                union select id from dwh.kept union select id from dwh.far
                """
            #expect(
                try await Self.grants(query, as: .stranger, in: database)
                    == ["problem: permission denied for schema other"])
            let day = try #require(BusinessDate("2026-06-30"))
            let rights = try await database.withSession(as: .stranger) { session in
                let source = MappedSource(key: "x", source: .query(query), columns: [])
                return try SourceRights(session, asOf: day).need(of: source)?.rights.map {
                    "\($0.privilege) \($0.schema).\($0.name)"
                }
            }
            #expect(
                rights == [
                    "USAGE dwh.", "SELECT dwh.far", "SELECT dwh.kept", "SELECT dwh.t", "SELECT dwh.u", "USAGE other.",
                    "SELECT other.v",
                ])
        }
    }
}
