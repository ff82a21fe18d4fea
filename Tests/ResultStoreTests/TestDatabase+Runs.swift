import PeerSearch
import Postgres
import Recommending
import TestSupport
import Testing

@testable import Holdings
@testable import ResultStore
@testable import SourceReading

extension RunRequest {
    /// A request of nobody in particular.
    static func test(
        channel: String = "live", lease: Duration = .seconds(30), slotCount: Int = 4
    ) throws -> RunRequest {
        RunRequest(
            channel: channel, trigger: .manual, asOf: try #require(BusinessDate("2026-06-30")), configJSON: "{}",
            isForced: false, host: "testhost", processID: 4711, programVersion: "test", lease: lease,
            slotCount: slotCount)
    }
}

extension TestDatabase {
    /// Reads and scores the sources.
    private func compute(_ mapping: SourceMapping) async throws -> (SourceInput, Recommender, Recommendations) {
        let input = try await read(mapping)
        let recommender = try Recommender(
            ScoringInput(holdings: input.holdings, model: PeerModel(), policy: input.policy, topN: 5))
        return (input, recommender, try await recommender.recommend())
    }

    /// Compares what the sources give now with an earlier run.
    func compare(_ mapping: SourceMapping, with earlier: RunLease) async throws -> RunComparison? {
        let (input, _, recommendations) = try await compute(mapping)
        return try await withSession(as: .runner) { session in
            try RunComparison.compare(
                input.roster, recommendations, with: earlier.runID, statementTimeout: .seconds(30), session: session)
        }
    }

    /// A run of the sources through read, score, write, verify and publish, with a runner's rights.
    @discardableResult
    func publishRun(_ mapping: SourceMapping, channel: String = "live") async throws -> RunLease {
        let (input, recommender, recommendations) = try await compute(mapping)
        let portfolios = recommender.portfolios
        return try await withSession(as: .runner) { session in
            let lease = try RunLog.start(.test(channel: channel), session: session)
            try RunLog.recordInput(
                lease, counts: RunCounts(input.holdings), fingerprint: input.fingerprint, findings: [], session: session
            )
            let writer = ResultWriter(lease, statementTimeout: .seconds(30))
            let totals = try ResultWriter.Part.allCases.map { part in
                try writer.write(
                    part, input.roster, recommendations, policy: input.policy, popularity: recommender.popularity,
                    session: session)
            }.reduce(.zero, +)
            try writer.verify(
                totals, distinctPortfolios: portfolios.count, kernel: "test", width: 1, session: session)
            try Publication.publish(lease, session: session)
            return lease
        }
    }
}

extension RunLease {
    /// Writes one client with one recommendation, as small a result as there is.
    func writeOneRow(_ session: Session, client: Int64 = 1) throws {
        try session.executeScript(
            """
            insert into peerfolio.run_products values (\(runID), 'A', 'Fund A', 1, 0.5, true, null), (\(runID), 'B', null, 1, 0.5, true, null);
            insert into peerfolio.run_clients values (\(slot), \(runID), \(client), 'scored', 1, 1, 0.5, null);
            insert into peerfolio.recommendations values (\(slot), \(runID), \(client), 1, 'B', 0.5, 1, 0.5, 'PEERS');
            """)
    }

    /// What `writeOneRow` has sent: round(0.5 * 2^30) * 1.
    static let oneRow = ResultWriter.Totals(recommendations: 1, clients: 1, checksum: 536_870_912)

    /// Verifies what `writeOneRow` has written.
    func verifyOneRow(_ session: Session) throws {
        try ResultWriter(self, statementTimeout: .seconds(30)).verify(
            Self.oneRow, distinctPortfolios: 1, kernel: "test", width: 1, session: session)
    }

    /// Writes, verifies and publishes one row.
    func publishOneRow(_ session: Session) throws {
        try writeOneRow(session)
        try verifyOneRow(session)
        try Publication.publish(self, session: session)
    }
}

/// Expects a `RunError` of a kind whose message has some words.
func expectRunError(
    _ code: RunError.Code, _ words: String..., sourceLocation: Testing.SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    let error = await #expect(throws: RunError.self, sourceLocation: sourceLocation) { try await body() }
    #expect(error?.code == code, sourceLocation: sourceLocation)
    for word in words {
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
    }
}
