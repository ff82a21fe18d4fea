import Holdings
import TestSupport
import Testing

@testable import SourceReading

/// Rows that a policy hides are never left out without a word.
@Suite(.requiresServer) struct RowSecurityTests {
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings select c, p, 1 from generate_series(1, 6) c, unnest(array['A', 'B']) p;
        create table dwh.clients (client_id bigint, manager text);
        insert into dwh.clients select c, 'm' from generate_series(1, 6) c;
        """

    private static func reading(
        _ policies: String, from source: SourceRelation? = nil, _ rowSecurity: RowSecurity = .refuse,
        as role: TestDatabase.Role = .runner, then: String = ""
    ) async throws -> Result<SourceInput, SourceError> {
        var result: Result<SourceInput, SourceError>?
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(tables + policies)
            try await database.execute("grant select on all tables in schema dwh to peerfolio_test_runner; \(then)")
            var mapping = try SourceMapping.long(source)
            mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "client_id", manager: "manager")
            mapping.rowSecurity = rowSecurity
            do {
                result = .success(try await database.read(mapping, as: role))
            } catch let error as SourceError {
                result = .failure(error)
            }
        }
        return try #require(result)
    }

    private static let enabled = "alter table dwh.holdings enable row level security;"
    private static let some =
        enabled + "create policy few on dwh.holdings to peerfolio_test_runner using (client_id <= 3);"

    struct Refused: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let policies: String
        var source: SourceRelation?
        var relation = "dwh.holdings"
        var role = "peerfolio_test_runner"
    }

    private static let refused: [Refused] = [
        Refused(testDescription: "a policy for the service", policies: some),
        Refused(testDescription: "no policy, so nothing is seen", policies: enabled),
        Refused(
            testDescription: "a restrictive policy beside one that is open",
            policies: enabled
                + """
                create policy open on dwh.holdings using (true);
                create policy less on dwh.holdings as restrictive using (client_id > 1);
                """),
        Refused(
            testDescription: "the clients",
            policies: """
                alter table dwh.clients enable row level security;
                create policy mine on dwh.clients using (manager = current_user);
                """, relation: "dwh.clients"),
        Refused(
            testDescription: "a query that joins", policies: some,
            source: .query("select h.* from dwh.clients join dwh.holdings h using (client_id)")),
        Refused(
            testDescription: "a view whose owner does not see all",
            policies: enabled
                + """
                create view dwh.seen as select * from dwh.holdings;
                alter view dwh.seen owner to peerfolio_test_stranger;
                grant usage on schema dwh to peerfolio_test_stranger;
                grant select on dwh.holdings to peerfolio_test_stranger;
                create policy few on dwh.holdings to peerfolio_test_stranger using (client_id = 1);
                """, source: .query("select * from dwh.seen"), role: "peerfolio_test_stranger"),
        Refused(
            testDescription: "a partition under a policy that is read by name",
            policies: """
                create table dwh.parts (client_id bigint, product_id text, amount numeric) partition by list (product_id);
                create table dwh.part_a partition of dwh.parts for values in ('A');
                insert into dwh.parts values (1, 'A', 1);
                alter table dwh.part_a enable row level security;
                """, source: .query("select * from dwh.part_a"), relation: "dwh.part_a"),
    ]

    @Test(arguments: refused) func rowsThatAreHiddenAreRefused(_ wrong: Refused) async throws {
        let result = try await Self.reading(wrong.policies, from: wrong.source)
        let error = #expect(throws: SourceError.self) { try result.get() }
        #expect(error?.code == .rowSecurity && error?.key == "checks.row_security", "\(error?.description ?? "")")
        let words = [
            wrong.relation, "ALTER ROLE \(wrong.role) BYPASSRLS", "USING (true)", "checks.row_security: allow",
        ]
        for word in words {
            #expect(error?.message.contains(word) == true, "\(word): \(error?.message ?? "")")
        }
    }

    @Test func whatIsSeenIsReadWhereThatIsAllowed() async throws {
        let input = try await Self.reading(Self.some, .allow).get()
        #expect(input.held.count == 6)
        let finding = try #require(input.findings.first { $0.code == .rowsHidden })
        #expect(finding.severity == .warning && finding.occurrences == 1 && finding.examples == ["dwh.holdings"])
    }

    struct Open: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let policies: String
        var source: SourceRelation?
        var role = TestDatabase.Role.runner
        var then = ""
    }

    private static let open: [Open] = [
        Open(
            testDescription: "a policy that is open",
            policies: enabled + "create policy all_rows on dwh.holdings for select to public using (true);"),
        Open(
            testDescription: "a policy for other roles, and one that is open for this",
            policies: enabled
                + """
                create policy all_rows on dwh.holdings to peerfolio_test_runner using (true);
                create policy less on dwh.holdings as restrictive to peerfolio_test_stranger using (false);
                """),
        Open(testDescription: "a superuser", policies: some, role: .superuser),
        Open(
            testDescription: "a view of the table's owner", policies: some,
            source: .query("select * from dwh.seen"),
            then: "create view dwh.seen as select * from dwh.holdings; grant select on dwh.seen to public"),
        Open(
            testDescription: "a view, and no right on the table", policies: some,
            source: .query("select * from dwh.seen"),
            then: """
                create view dwh.seen as select * from dwh.holdings; grant select on dwh.seen to public;
                revoke select on dwh.holdings from peerfolio_test_runner
                """),
        Open(
            testDescription: "a policy on what is not read",
            policies: """
                create table dwh.other (a int); alter table dwh.other enable row level security;
                """),
        Open(
            testDescription: "a partitioned table whose policy is on the partition alone",
            policies: """
                alter table dwh.holdings rename to old;
                create table dwh.holdings (client_id bigint, product_id text, amount numeric) partition by list (product_id);
                create table dwh.part_a partition of dwh.holdings for values in ('A', 'B');
                insert into dwh.holdings select * from dwh.old;
                alter table dwh.part_a enable row level security;
                """),
    ]

    @Test(arguments: open) func whatNothingHidesIsRead(_ open: Open) async throws {
        let input = try await Self.reading(open.policies, from: open.source, as: open.role, then: open.then).get()
        #expect(input.held.count == 12)
        #expect(!input.findings.contains { $0.code == .rowsHidden })
    }

    /// A view with its caller's rights, which PostgreSQL 15 brought, is read with the service's.
    @Test func aViewOfItsCallersRights() async throws {
        guard try await TestServer.version() >= 150_000 else { return }
        let view = "create view dwh.seen with (security_invoker = true) as select * from dwh.holdings;"
        let result = try await Self.reading(Self.some + view, from: .query("select * from dwh.seen"))
        #expect(throws: SourceError.self) { try result.get() }
    }

    /// Nobody but the server can tell what a function reads.
    @Test func aFunctionThatReadsIsRefusedByTheServer() async throws {
        let function = """
            create function dwh.rows() returns setof dwh.holdings stable language plpgsql
            as 'begin return query select * from dwh.holdings; end';
            """
        let result = try await Self.reading(Self.some + function, from: .query("select * from dwh.rows()"))
        let error = #expect(throws: SourceError.self) { try result.get() }
        #expect(error?.code == .rowSecurity && error?.key == "holdings.query")
        for word in ["holdings", "by way of a function", "BYPASSRLS"] {
            #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
        }
    }
}
