import Holdings
import PeerSearch
import TestSupport
import Testing

@testable import Scoring

/// Small random warehouses, loaded into PostgreSQL and run, compared with a brute force over the same tables.
@Suite(.requiresServer) struct RandomWarehouseTests {
    private struct Settings {
        var model: PeerModel
        var topN: Int
        var minAmount: Double
        /// Columns of the clients with their weights.
        var attributes: [String: Double] = [:]

        init(_ random: inout SeededGenerator) {
            model = PeerModel(
                encoding: Encoding.allCases.randomElement(using: &random) ?? .binary,
                distance: DistanceMetric.allCases.randomElement(using: &random) ?? .cosine,
                decimals: [1, 4, 6].randomElement(using: &random) ?? 4,
                k: [1, 2, 3, 5, 200].randomElement(using: &random) ?? 200,
                isInformative: Int.random(in: 0..<4, using: &random) > 0,
                minOverlap: Int.random(in: 0...2, using: &random))
            topN = [1, 3, 20].randomElement(using: &random) ?? 3
            minAmount = [0, 0, 1].randomElement(using: &random) ?? 0
        }

        var overrides: [String] {
            [
                "model.encoding=\(model.encoding)", "model.distance=\(model.distance)",
                "model.decimals=\(model.decimals)", "model.k=\(model.k)", "model.informative=\(model.isInformative)",
                "model.min_overlap=\(model.minOverlap)", "output.top_n=\(topN)", "holdings.min_amount=\(minAmount)",
                "execution.chunk=\(model.k % 4 + 1)",
            ]
                + (attributes.isEmpty
                    ? [] : ["clients.attributes=" + attributes.map { "\($0)=\($1)" }.joined(separator: ",")])
        }
    }

    private static let yaml = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
        clients: {relation: dwh.clients, id: client_id}
        products: {relation: dwh.products, id: product_id, available: is_available}
        exclusions: {query: "select client_id, product_id, reason from dwh.exclusions"}
        """

    /// Few products and few amounts, so that there are twins, subsets and ties.
    private static func tables(_ random: inout SeededGenerator) -> String {
        let clientCount = Int.random(in: 4...40, using: &random)
        let productCount = Int.random(in: 2...9, using: &random)
        func client() -> Int { Int.random(in: 1...clientCount, using: &random) }
        func product() -> String { "'P\(Int.random(in: 1...productCount, using: &random))'" }
        let amounts = ["1", "1", "2", "0.5", "100", "0", "-1"]
        let holdings = (0..<clientCount * 3).map { _ in
            "(\(client()), \(product()), \(amounts.randomElement(using: &random) ?? "1"))"
        }
        let exclusions = (0..<Int.random(in: 0...5, using: &random)).map { _ in
            let kind = Int.random(in: 0..<10, using: &random)
            return "(\(kind == 0 ? "null" : "\(client())"), \(kind == 1 ? "null" : product()), 'x')"
        }
        return """
            create table dwh.holdings (client_id bigint, product_id text, amount numeric);
            create table dwh.clients as select generate_series(1, \(clientCount + 2))::bigint as client_id;
            create table dwh.products (product_id text, is_available boolean);
            create table dwh.exclusions (client_id bigint, product_id text, reason text);
            insert into dwh.holdings values \(holdings.joined(separator: ", "));
            insert into dwh.products select 'P' || i, i <> \(Int.random(in: 1...productCount + 4, using: &random))
                from generate_series(1, \(productCount)) i;
            \(exclusions.isEmpty ? "" : "insert into dwh.exclusions values \(exclusions.joined(separator: ", "));")
            """
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func agreesWithABruteForce(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let settings = Settings(&random)
        try await compare(Self.tables(&random), settings)
    }

    @Test(arguments: 101...140 as ClosedRange<UInt64>)
    func agreesWithABruteForceWithAttributes(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        var settings = Settings(&random)
        let weights = [0.125, 0.3, 1, 4]
        for column in ["age", "kind"] { settings.attributes[column] = weights.randomElement(using: &random) }
        // Drawn by hashes of the ids, so that nothing here depends on how the tables are made.
        let attributes = """
            alter table dwh.clients add age integer, add kind text;
            update dwh.clients set
                age = nullif(abs(hashint8extended(client_id, \(seed))) % 6, 0),
                kind = nullif('K' || abs(hashint8extended(client_id, \(seed + 1))) % 4, 'K0');
            """
        try await compare(Self.tables(&random) + attributes, settings)
    }

    private func compare(_ tables: String, _ settings: Settings) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(tables)
            let asOf = BusinessDate("2026-06-30")
            let summary = try await database.run(
                Self.yaml, overrides: settings.overrides, options: RunOptions(asOf: asOf, isForced: true))
            let reference = try await Self.bruteForce(database, settings)
            #expect(summary.clients == reference.clients.count)
            #expect(summary.clientsWithPortfolio == reference.clientsWithPortfolio)
            let written = try await database.rows(
                """
                select client_id, product_id, score, reason_code, base_rate from peerfolio_bi.recommendations
                order by client_id, rank
                """, as: .reader)
            let rowsOfClient = Dictionary(grouping: written) { $0[0].flatMap(Int.init) ?? 0 }
            let clients = try await database.rows(
                "select client_id, status, peers, kth_distance from peerfolio_bi.clients order by 1", as: .reader)
            #expect(clients.compactMap { $0[0].flatMap(Int.init) } == reference.clients)
            for row in clients {
                let client = row[0].flatMap(Int.init) ?? 0
                let expected = reference.result(of: client)
                #expect(row[1] == expected.status, "client \(client)")
                #expect(abs((row[2].flatMap(Double.init) ?? -1) - expected.peers) < 1e-9, "client \(client)")
                #expect(row[3].flatMap(Double.init) == expected.kthDistance, "client \(client)")
                Self.compare(rowsOfClient[client] ?? [], expected, reference, topN: settings.topN)
            }
        }
    }

    /// The rows of one client, best first.
    private static func compare(
        _ rows: [[String?]], _ expected: BruteForce.Client, _ reference: BruteForce, topN: Int
    ) {
        let products = rows.compactMap { $0[1] }
        let scores = rows.compactMap { $0[2].flatMap(Double.init) }
        guard expected.status == "scored" else {
            #expect(rows.allSatisfy { $0[3] == "POPULAR" && $0[2] == $0[4] })
            #expect(products == Array(expected.popular.prefix(topN)))
            return
        }
        #expect(rows.allSatisfy { $0[3] == "PEERS" })
        #expect(products.count == min(topN, expected.scores.count))
        for (product, score) in zip(products, scores) {
            #expect(abs(score - (expected.scores[product] ?? -1)) < 1e-9)
        }
        for (left, right) in zip(products.indices, products.indices.dropFirst()) {
            func key(_ index: Int) -> (Double, Int, String) {
                (-scores[index], -reference.holders(of: products[index]), products[index])
            }
            #expect(key(left) < key(right))
        }
        // Nothing that is better was left out.
        let leftOut = expected.scores.filter { !products.contains($0.key) }.values.max() ?? 0
        #expect((scores.last ?? 0) >= leftOut - 1e-9)
    }

    /// The reference over what the tables hold, read without any of the code under test.
    private static func bruteForce(_ database: TestDatabase, _ settings: Settings) async throws -> BruteForce {
        let held = try await database.rows(
            """
            select client_id, product_id, sum(amount) from dwh.holdings
            group by 1, 2 having sum(amount) > \(settings.minAmount)
            """)
        var portfolios: [Int: [String: Double]] = [:]
        for row in held {
            portfolios[Int(row[0] ?? "") ?? 0, default: [:]][row[1] ?? ""] = Double(row[2] ?? "")
        }
        let clients = try await database.rows("select client_id from dwh.clients order by 1")
        let available = Set(
            try await database.rows("select product_id from dwh.products where is_available").compactMap { $0[0] })
        let exclusions = try await database.rows("select client_id, product_id from dwh.exclusions")
        func isBarred(_ client: Int, _ product: String?) -> Bool {
            exclusions.contains { ($0[0] ?? "\(client)") == "\(client)" && ($0[1] == nil || $0[1] == product) }
        }
        return BruteForce(
            portfolios: portfolios, clients: clients.compactMap { Int($0[0] ?? "") },
            attributes: settings.attributes.isEmpty ? [:] : try await attributes(database, settings),
            isOffered: { available.contains($1) && !isBarred($0, $1) },
            isExcluded: { isBarred($0, nil) }, model: settings.model)
    }

    /// The weighted columns of every client, with names that come after those of all products.
    private static func attributes(
        _ database: TestDatabase, _ settings: Settings
    ) async throws -> [Int: [String: Double]] {
        let rows = try await database.rows(
            """
            select client_id, kind,
                   case when age is not null then
                       (rank() over (order by age) - 1 + count(age) over (partition by age) / 2.0::double precision)
                           / count(age) over () end
            from dwh.clients
            """)
        var attributes: [Int: [String: Double]] = [:]
        for row in rows {
            var columns: [String: Double] = [:]
            if let quantile = row[2].flatMap(Double.init) {
                columns["~age"] = quantile * (settings.attributes["age"] ?? 0)
            }
            if let kind = row[1] { columns["~kind=\(kind)"] = settings.attributes["kind"] }
            attributes[Int(row[0] ?? "") ?? 0] = columns
        }
        return attributes
    }
}
