import PeerSearch
import Postgres
import TestSupport
import Testing

@testable import Holdings
@testable import Recommending
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
        let recommender = try await Recommender(
            ScoringInput(holdings: input.holdings, model: PeerModel(), policy: input.policy, topN: 5))
        return (input, recommender, try await recommender.recommend())
    }

    /// Compares what the sources give now with an earlier run.
    func compare(_ mapping: SourceMapping, with earlier: RunLease) async throws -> RunComparison? {
        let (input, _, recommendations) = try await compute(mapping)
        return try await withSession(as: .runner) { session in
            try EarlierRuns(session).compare(input.roster, recommendations, with: earlier.runID)
        }
    }

    /// A run of the sources through read, score, write, verify and publish, with a runner's rights.
    @discardableResult
    func publishRun(_ mapping: SourceMapping, channel: String = "live") async throws -> RunLease {
        let (input, recommender, recommendations) = try await compute(mapping)
        let portfolios = recommender.portfolios
        return try await withSession(as: .runner) { session in
            let lease = try RunLog(session).start(.test(channel: channel))
            try RunLog(session).recordInput(
                lease, counts: RunCounts(input.holdings), fingerprint: input.fingerprint, findings: [])
            let writer = ResultWriter(session, lease)
            let results = RunResults(
                roster: input.roster, recommendations: recommendations, policy: input.policy,
                popularity: recommender.popularity)
            let totals = try ResultPart.allCases.map { try writer.write($0, results) }
                .reduce(.zero, +)
            try writer.verify(
                totals, distinctPortfolios: portfolios.count, kernel: "test", width: 1,
                concentration: Concentration(
                    recommendations, policy: input.policy, popularity: recommender.popularity))
            try Publication(session).publish(lease)
            return lease
        }
    }
}

extension ResultWriter.Totals {
    /// What is sent for clients who each get a list of one product, sent as if by a run.
    ///
    /// - Parameter lists: The lists by number: the client, the product, and its score, which is also `peers_holding`.
    static func byHand(_ lists: [(client: Int64, product: String, score: Double)]) -> Self {
        let place = RunPlace(runID: 0, slot: 0)
        let noBytes = UnsafeRawBufferPointer(start: nil, count: 0)
        let outcome = ClientOutcome(status: .scored, portfolioSize: 1, peers: 1, kthDistance: 0.5)
        var totals = (lists: TableTotals(), clients: TableTotals(), recommendations: TableTotals())
        for (number, list) in zip(Int32(0)..., lists) {
            totals.lists.add(
                RunListRows.totals(of: .init(run: place, list: number, group: number, clients: 1, outcome: outcome)))
            let (client, product) = (ClientID(bytes: noBytes), ProductID(bytes: noBytes))
            totals.clients.add(
                RunClientRows.totals(
                    of: .init(
                        run: place, list: number, client: client, clientText: "\(list.client)", manager: nil)))
            let recommendation = Recommendation(
                product: 0, rank: 1, score: list.score, peers: 1, peersHolding: list.score, reason: .peers)
            totals.recommendations.add(
                RecommendationRows.totals(
                    of: .init(
                        run: place, list: number, clients: 1, product: product, productText: list.product,
                        recommendation: recommendation, propensity: nil, signalScores: nil)))
        }
        return Self(tables: [
            "run_lists": totals.lists, "run_clients": totals.clients, "recommendations": totals.recommendations,
        ])
    }
}

extension RunLease {
    /// Writes one client with one recommendation, as small a result as there is.
    func writeOneRow(_ session: Session, client: Int64 = 1) throws {
        try session.executeScript(
            """
            insert into peerfolio.run_products values (\(runID), 'A', 'Fund A', 1, 0.5, true, null), (\(runID), 'B', null, 1, 0.5, true, null);
            insert into peerfolio.run_lists values (\(slot), 0, \(runID), 0.5, 0, 1, 1, 1, 'S');
            insert into peerfolio.run_clients values (\(slot), 0, \(runID), \(client));
            insert into peerfolio.recommendations values (\(slot), 1, 0, \(runID), 0.5, 0.5, null, 'B', 'P');
            """)
    }

    /// Verifies what `writeOneRow` has written for client 1.
    func verifyOneRow(_ session: Session) throws {
        try ResultWriter(session, self).verify(
            .byHand([(1, "B", 0.5)]), distinctPortfolios: 1, kernel: "test", width: 1,
            concentration: Concentration([0, 1]))
    }

    /// Writes, verifies and publishes one row.
    func publishOneRow(_ session: Session) throws {
        try writeOneRow(session)
        try verifyOneRow(session)
        try Publication(session).publish(self)
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
