import Holdings
import TestSupport
import Testing

@testable import Scoring

/// Attributes of clients from the configuration to the peers.
@Suite(.requiresServer) struct ClientAttributeTests {
    /// One client with the product P0, ten young ones who hold P1 beside it, and ten old ones who hold P2.
    private static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings select i, 'P0', 1 from generate_series(0, 20) i;
        insert into dwh.holdings select i, case when i % 2 = 1 then 'P1' else 'P2' end, 1 from generate_series(1, 20) i;
        create table dwh.clients (client_id bigint, generation text, age integer, nothing text, same boolean, area text);
        insert into dwh.clients
            select i, case when i % 2 = 1 then 'young' else 'old' end, case when i % 2 = 1 then 20 + i else 60 + i end,
                   null, true, 'North' from generate_series(0, 20) i;
        """

    private static let yaml =
        SmallWarehouse.yaml + """

            clients: {relation: dwh.clients, id: client_id, segment: area}
            model: {k: 5}
            """

    private static let firstChoice = """
        select product_id, score, peers, peers_holding from peerfolio_bi.recommendations where client_id = 0 and rank = 1
        """

    /// Client 0 is old: with attributes, the peers are the old, who hold P2.
    @Test(arguments: ["generation=0.5", "age=1.5", "age=0.5,generation=1e-3"])
    func changePeers(attributes: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.run(Self.yaml)
            // All twenty are equally far: each counts a quarter, and P1 comes first by its id.
            #expect(try await database.rows(Self.firstChoice) == [["P1", "0.5", "5", "2.5"]])

            let overrides = ["clients.attributes=\(attributes)"]
            let summary = try await database.run(Self.yaml, overrides: overrides)
            #expect(summary.clients == 21 && summary.products == 3)
            #expect(try await database.rows(Self.firstChoice) == [["P2", "1", "5", "5"]])
            let client = try await database.rows(
                "select portfolio_size, status from peerfolio_bi.clients where client_id = 0")
            #expect(client == [["1", "scored"]])
            let rates = try await database.rows(
                "select product_id, holders from peerfolio.run_products order by run_id desc, product_id limit 3")
            #expect(rates == [["P0", "21"], ["P1", "10"], ["P2", "10"]])

            // Explained with the attributes of the run, not with those of the file, which has none.
            let explanation = try await Explainer(try database.installation(Self.yaml)).explain(client: "0")
            #expect(explanation.isSameInput == true)
            #expect(explanation.recommendations.first?.product == "P2")
            #expect(explanation.nearestPeers.allSatisfy { $0.inCommon == ["P0"] && $0.beyond == ["P2"] })
        }
    }

    @Test func thatTellNobodyApartAreRefused() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            let overrides = ["clients.attributes=nothing=1,same=1,age=1"]
            let error = await #expect(throws: ScoringError.self) {
                try await database.run(Self.yaml, overrides: overrides)
            }
            #expect(error?.findings.map(\.code) == [.uselessAttribute])
            #expect(error?.findings.first?.occurrences == 2)
            #expect(error?.message.contains("clients.attributes") == true)
            #expect(error?.message.contains("\"nothing\" (no value), \"same\" (one value)") == true)
            let asOf = try #require(BusinessDate("2026-06-30"))
            let report = try await ServiceCheck(try database.installation(Self.yaml, overrides: overrides)).report(
                asOf: asOf)
            #expect(report.findings.contains { $0.code == .uselessAttribute && $0.severity == .error })
            // Whoever forces it gets what the others say.
            let options = RunOptions(asOf: asOf, isForced: true)
            let summary = try await database.run(Self.yaml, overrides: overrides, options: options)
            #expect(summary.published)
            #expect(try await database.rows(Self.firstChoice).first?.first == "P2")
        }
    }

    @Test func unusableNumbersAreCounted() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            try await database.execute(
                """
                alter table dwh.clients add income numeric;
                update dwh.clients set income = case client_id when 3 then numeric 'NaN' when 4 then 1e400
                    else client_id end;
                """)
            let log = EventLog()
            try await database.run(Self.yaml, overrides: ["clients.attributes=income=1"]) { log.add($0) }
            let finding = log.findings.first { $0.code == .unusableAttribute }
            #expect(finding?.severity == .warning)
            #expect(finding?.occurrences == 2)
            #expect(finding?.examples == ["3", "4"])
        }
    }

    /// Weights are part of the configuration's record, data of the fingerprint.
    @Test func areRecorded() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Self.tables)
            for attributes in ["age=1,generation=0.5", "generation=0.5,age=1.0", "age=2,generation=0.5"] {
                try await database.run(Self.yaml, overrides: ["clients.attributes=\(attributes)"])
            }
            let runs = try await database.rows(
                "select count(distinct config_hash), count(distinct input_fingerprint) from peerfolio.runs")
            #expect(runs == [["2", "1"]])
        }
    }
}
