import TestSupport
import Testing

@testable import Scoring

/// What `explain` recomputes is what the run has written, and adds up.
@Suite(.requiresServer) struct ExplainerTests {
    @Test func agreesWithWhatWasWritten() async throws {
        try await TestServer.withMigratedDatabase { database in
            let yaml = try await database.loadDemo(clientCount: 500)
            let summary = try await database.run(yaml)
            let explainer = Explainer(try database.installation(yaml))
            // Some of every status, and enough of the usual one.
            let clients = try await database.rows(
                """
                (select client_id from peerfolio_bi.clients where status <> 'scored' order by client_id limit 5)
                union all
                (select client_id from peerfolio_bi.clients where status = 'scored' order by client_id limit 17)
                """)
            #expect(clients.count == 22)
            for client in clients.compactMap({ $0[0] }) {
                let explanation = try await explainer.explain(client: client)
                #expect(explanation.runID == summary.runID)
                #expect(explanation.isSameInput == true)
                #expect(explanation.asOf == "2026-06-30")
                try await Self.compare(explanation, database)
            }
        }
    }

    private static func compare(_ explanation: ClientExplanation, _ database: TestDatabase) async throws {
        let row = try await database.rows(
            "select status, portfolio_size, peers, kth_distance from peerfolio_bi.clients where client_id = \(explanation.client)"
        )[0]
        #expect(row[0] == explanation.status)
        #expect(row[1] == "\(explanation.portfolio.count)")
        #expect(row[2] == "\(explanation.peers)")
        #expect(row[3].flatMap(Double.init) == explanation.kthDistance)

        let written = try await database.rows(
            """
            select rank, product_id, score, peers_holding, reason_code, lift from peerfolio_bi.recommendations
            where client_id = \(explanation.client) order by rank
            """)
        #expect(written.count == explanation.recommendations.count)
        for (row, suggestion) in zip(written, explanation.recommendations) {
            #expect(row[0] == "\(suggestion.rank)")
            #expect(row[1] == suggestion.product)
            #expect(row[2].flatMap(Double.init) == suggestion.score)
            #expect(row[3].flatMap(Double.init) == suggestion.peersHolding)
            #expect(row[4] == suggestion.reasonCode)
            #expect(row[5].flatMap(Double.init) == suggestion.lift)
            guard suggestion.reasonCode == "PEERS" else {
                #expect(suggestion.levels.isEmpty)
                #expect(suggestion.score == suggestion.baseRate)
                continue
            }
            // The sums of the levels, in their order, make the very score that was stored.
            let all = suggestion.levels.reduce(0) { $0 + $1.weight * $1.peers }
            let holding = suggestion.levels.reduce(0) { $0 + $1.weight * $1.peersHolding }
            #expect(holding / all == suggestion.score)
            #expect(abs(suggestion.levels.reduce(0) { $0 + $1.peers } - Double(explanation.peers)) < 1e-9)
            #expect(abs(suggestion.levels.reduce(0) { $0 + $1.peersHolding } - suggestion.peersHolding) < 1e-9)
            #expect(suggestion.levels.map(\.distance) == suggestion.levels.map(\.distance).sorted())
        }
        let held = Set(explanation.portfolio.map(\.product))
        for peer in explanation.nearestPeers {
            #expect(held.isSuperset(of: peer.inCommon) && !peer.inCommon.isEmpty)
            #expect(held.isDisjoint(with: peer.beyond) && !peer.beyond.isEmpty)
            #expect(peer.fraction > 0 && peer.fraction <= 1)
        }
    }

    @Test func saysThatTheInputHasChanged() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let explainer = Explainer(try database.installation(SmallWarehouse.yaml))
            let before = try await explainer.explain(client: "7")
            #expect(before.runID == nil)
            #expect(before.isSameInput == nil)
            try await database.run(SmallWarehouse.yaml)
            #expect(try await explainer.explain(client: "7").isSameInput == true)
            try await database.execute("update dwh.holdings set amount = 2 where client_id = 20")
            #expect(try await explainer.explain(client: "7").isSameInput == false)
        }
    }

    /// The settings of the run count, not those of the file as it is now.
    @Test func usesTheSettingsOfTheRun() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            try await database.run(
                SmallWarehouse.yaml, overrides: ["model.k=3", "output.top_n=1", "model.distance=manhattan"])
            let explanation = try await Explainer(try database.installation(SmallWarehouse.yaml)).explain(client: "7")
            #expect(explanation.peers == 3)
            #expect(explanation.recommendations.count == 1)
            try await Self.compare(explanation, database)
        }
    }

    @Test(arguments: ["21", "seven", "", "7 "])
    func refusesUnknownClients(client: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(SmallWarehouse.tables)
            let explainer = Explainer(try database.installation(SmallWarehouse.yaml))
            let error = await #expect(throws: ScoringError.self) { _ = try await explainer.explain(client: client) }
            #expect(error?.code == .unknownClient)
            #expect(client.isEmpty || error?.message.contains(client) == false)
        }
    }
}
