import Postgres
import Reporting
import TestSupport
import Testing

@testable import Scoring

@Suite(.requiresServer) struct ReportReaderTests {
    private static func read(
        _ database: TestDatabase, as role: TestDatabase.Role = .reader,
        verify: @escaping @Sendable (Session) throws -> Void = { _ in }
    ) async throws -> ReportContent {
        try await database.withSession(as: role) { session in
            try ReportReader.read(
                programVersion: "test", statementTimeout: .seconds(30), session: session, verify: verify)
        }
    }

    /// A published run with a product, two clients, three suggestions and a finding.
    private static let published = """
        insert into peerfolio.runs (
            channel, term, status, phase, trigger, as_of_date, config, config_hash, slot, holdings, recommendations,
            started_at, finished_at, published_at, host, process_id, program_version, grade)
        values ('live', 1, 'succeeded', 'done', 'manual', '2026-01-31', '{}', 'x', 0, 5, 4, '2026-02-01 05:00+00',
                '2026-02-01 05:00:02+00', '2026-02-01 05:00:02+00', 'h', 1, 'test', 'B');
        update peerfolio.publication p set live_run_id = r.run_id, live_slot = 0, published_at = r.published_at
        from peerfolio.runs r where p.channel = 'live';
        insert into peerfolio.run_products (run_id, product_id, name, holders, base_rate, is_available)
        select run_id, p, case p when 'A' then 'Fund A' end, case p when 'D' then 0 else 1 end, 0.5, p <> 'X'
        from peerfolio.runs, unnest(array['A', 'B', 'C', 'D', 'X']) as p;
        insert into flat.run_clients (slot, run_id, client_id, status, portfolio_size, peers)
        select 0, run_id, c, case c when 3 then 'no_portfolio' else 'scored' end, 1, 2
        from peerfolio.runs, generate_series(1, 3) as c;
        insert into flat.recommendations (
            slot, run_id, client_id, rank, product_id, score, peers, peers_holding, reason_code)
        select 0, run_id, c, r, p, score, 2, 1, reason from peerfolio.runs, (values
            (1, 1, 'A', 0.0, 'PEERS'), (1, 2, 'B', 0.0, 'PEERS'), (2, 1, 'A', 1.0, 'PEERS'),
            (3, 1, 'A', 0.5, 'POPULAR')) as v(c, r, p, score, reason);
        insert into peerfolio.run_checks (run_id, code, severity, occurrences, examples, message)
        select run_id, code, severity, 2, array['4711'], 'in words' from peerfolio.runs,
            (values ('ODD', 'info'), ('BAD', 'error'), ('POOR', 'warning')) as v(code, severity);
        """

    @Test func readsThePublishedRunAsAReader() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(FlatRows.script + Self.published)
            let content = try await Self.read(database)
            #expect(content.runs.count == 1)
            #expect(content.runs.first?.isLive == true && content.runs.first?.grade == "B")
            #expect(content.runs.first?.durationMS == 2000)
            let live = try #require(content.live)
            #expect(live.asOf == "2026-01-31")
            #expect(live.publishedAt.hasPrefix("2026-02-01 "))
            #expect(live.served.map(\.status) == ["scored", "no_portfolio"] && live.served.map(\.clients) == [2, 1])
            #expect(live.topProducts.map(\.name) == ["Fund A", "B"])
            #expect(live.topProducts.map(\.suggestedClients) == [3, 1])
            // C could be offered, but is not. Nobody holds D, and X may not be offered.
            #expect(live.exposure.productCount == 3 && live.exposure.suggestionCount == 4)
            #expect(live.findings.map(\.code) == ["BAD", "POOR", "ODD"])
        }
    }

    @Test func scoresAtBothEndsHaveTheirBins() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(FlatRows.script + Self.published)
            let scores = try #require(try await Self.read(database).live?.scores)
            #expect(scores.upperBound == 1)
            #expect(scores.series.map(\.reasonCode) == ["PEERS", "POPULAR"])
            let (peers, popular) = (scores.series[0].counts, scores.series[1].counts)
            #expect(peers.first == 2 && peers.last == 1 && peers.reduce(0, +) == 3)
            #expect(popular[ScoreHistogram.binCount / 2] == 1 && popular.reduce(0, +) == 1)
        }
    }

    @Test(arguments: [TestDatabase.Role.reader, .runner])
    func readsWhatHasNotHappenedYet(_ role: TestDatabase.Role) async throws {
        try await TestServer.withMigratedDatabase { database in
            let content = try await Self.read(database, as: role)
            #expect(content.runs.isEmpty)
            #expect(content.live == nil && content.quality == nil && content.calibration == nil)
        }
    }

    @Test func readsOneSnapshotAndCannotWrite() async throws {
        try await TestServer.withMigratedDatabase { database in
            _ = try await Self.read(database) { session in
                let isolation: String = try session.execute("show transaction_isolation").rows[0].get(at: 0)
                let isReadOnly: String = try session.execute("show transaction_read_only").rows[0].get(at: 0)
                #expect([isolation, isReadOnly] == ["repeatable read", "on"])
            }
        }
    }

    @Test func onlyThoseWithoutRightsMaySeeNoTables() async throws {
        try await TestServer.withMigratedDatabase { database in
            for (role, maySee) in [(TestDatabase.Role.reader, false), (.runner, true), (.superuser, true)] {
                let found = try await database.withSession(as: role) { try ReportReader.maySeeTables($0) }
                #expect(found == maySee, "\(role)")
            }
        }
    }
}
