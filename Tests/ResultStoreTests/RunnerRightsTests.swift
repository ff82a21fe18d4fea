import Postgres
import TestSupport
import Testing

@testable import ResultStore

/// The table of the service's rights is what the migrations grant, and what a review finds missing.
@Suite(.requiresServer) struct RunnerRightsTests {
    /// Every right of `peerfolio_runner` in the catalog: kind, schema, name, column, privilege.
    static let granted = """
        select 'schema', n.nspname, '', null, e.privilege_type
        from pg_namespace n, aclexplode(n.nspacl) e
        where n.nspname like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        union all
        select 'relation', n.nspname, c.relname, null, e.privilege_type
        from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) e
        where n.nspname like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        union all
        select 'column', n.nspname, c.relname, a.attname, e.privilege_type
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace,
             aclexplode(a.attacl) e
        where n.nspname like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        union all
        select 'function', n.nspname, p.proname, null, e.privilege_type
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) e
        where n.nspname like 'peerfolio%' and e.grantee = 'peerfolio_runner'::regrole
        """

    @Test func theTableIsWhatMigrationsGrant() async throws {
        try await TestServer.withMigratedDatabase { database in
            let granted = try await database.rows(Self.granted)
            let listed = RunnerRights.all.map { right in
                [right.kind.rawValue, right.schema, right.name, right.column, right.privilege]
            }
            #expect(Set(granted).count == granted.count && Set(listed).count == listed.count)
            #expect(Set(granted).subtracting(listed) == [], "granted and not listed")
            #expect(Set(listed).subtracting(granted) == [], "listed and not granted")
            #expect(granted.count > 130)
        }
    }

    @Test func nothingIsMissingAfterInstalling() async throws {
        try await TestServer.withMigratedDatabase { database in
            let (missing, repairs) = try await database.withSession(as: .runner) { session in
                (try RightsReview(session).ownRights(), try RightsReview(session).repairs())
            }
            #expect(missing == MissingRights(role: "peerfolio_test_runner", grants: []))
            #expect(repairs == [])
        }
    }

    @Test func whoIsNoMemberIsToldSoAndNoMore() async throws {
        try await TestServer.withMigratedDatabase { database in
            let inheriting = try await TestDatabase.inheritingMembership()
            for role in [TestDatabase.Role.reader, .stranger] {
                let missing = try await database.withSession(as: role) { try RightsReview($0).ownRights() }
                #expect(missing.grants == ["GRANT peerfolio_runner TO \(role.rawValue)\(inheriting)"])
            }
            try await database.execute("revoke update (slot), delete on peerfolio.runs from peerfolio_runner")
            let missing = try await database.withSession(as: .stranger) { try RightsReview($0).ownRights() }
            #expect(
                missing.grants == [
                    "GRANT peerfolio_runner TO peerfolio_test_stranger\(inheriting)",
                    "GRANT DELETE, UPDATE (slot) ON peerfolio.runs TO peerfolio_runner",
                ])
            let repairs = try await database.withSession { try RightsReview($0).repairs() }
            #expect(repairs == ["GRANT DELETE, UPDATE (slot) ON peerfolio.runs TO peerfolio_runner"])
        }
    }

    @Test func nothingIsMissingWhereNothingIsInstalled() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute("drop schema peerfolio cascade; drop schema peerfolio_bi cascade")
            let missing = try await database.withSession(as: .runner) { try RightsReview($0).ownRights() }
            #expect(missing.isEmpty)
        }
    }
}
