public import Evaluation
public import Holdings
public import Postgres
public import Recommending

/// Loads the results of a run into its slot by binary COPY, and verifies in SQL what has arrived.
public struct ResultWriter: Sendable {
    private let lease: RunLease
    private let statementTimeout: Duration

    /// What one connection loads in one transaction.
    ///
    /// Loading takes a server process's time, not ours, so the parts are loaded side by side. The recommendations of a
    /// run stay together: their index grows at its end only, which a second loader in the middle of it made 1.4 times
    /// as expensive (measured with 5 M rows).
    public enum Part: Sendable, CaseIterable {
        /// `run_products` and `recommendations`.
        case recommendations
        /// `run_clients`.
        case clients
    }

    /// What was loaded.
    public struct Totals: Sendable, Equatable {
        /// Rows in `recommendations`.
        public var recommendations: Int
        /// Rows in `run_clients`.
        public var clients: Int
        /// Sum over recommendations of round(score * 2^30) * rank: catches a lost, doubled or altered row.
        public var checksum: Int

        /// The totals of nothing.
        public static let zero = Totals(recommendations: 0, clients: 0, checksum: 0)

        /// The totals of two parts together.
        public static func + (left: Totals, right: Totals) -> Totals {
            Totals(
                recommendations: left.recommendations + right.recommendations, clients: left.clients + right.clients,
                checksum: left.checksum + right.checksum)
        }
    }

    /// Creates a writer for a run.
    ///
    /// - Parameters:
    ///   - lease: The run's right to its slot.
    ///   - statementTimeout: The server's limit for each statement.
    public init(_ lease: RunLease, statementTimeout: Duration) {
        self.lease = lease
        self.statementTimeout = statementTimeout
    }

    /// Loads one part in one transaction.
    ///
    /// The rows of a part whose companion failed belong to a run that cannot succeed: reports never see them, and the
    /// next sweep deletes them.
    ///
    /// - Parameters:
    ///   - part: What to load.
    ///   - roster: The ids and names of what was read.
    ///   - policy: What was not to be offered.
    ///   - components: What products are made of; nil when all were scored by votes alone.
    ///   - recommendations: What was computed, for the same clients and products.
    ///   - popularity: Holders of each product.
    ///   - propensity: What scores have come to mean; nothing where that has not been earned.
    ///   - session: Any session outside a transaction.
    ///   - progress: Called with the clients whose recommendations have been written, every few thousand clients.
    /// - Returns: What was sent; `verify` compares the sum of all parts with what is there.
    /// - Throws: `PostgresError`, `CancellationError`; nothing of the part is loaded then.
    public func write(
        _ part: Part, _ roster: Roster, _ recommendations: Recommendations, policy: Policy,
        components: ProductComponents? = nil, popularity: ProductPopularity, propensity: IsotonicRegression? = nil,
        session: Session, progress: (Int) -> Void = { _ in }
    ) throws -> Totals {
        try session.ours(statementTimeout: statementTimeout) { session in
            var totals = Totals.zero
            switch part {
            case .clients:
                totals.clients = try copyIn(
                    "run_clients", "slot, run_id, client_id, status, portfolio_size, peers, kth_distance, manager",
                    session
                ) {
                    try writeClients(roster, recommendations, $0)
                }
            case .recommendations:
                try copyIn(
                    "run_products", "run_id, product_id, name, holders, base_rate, is_available, scored_from", session
                ) {
                    try writeProducts(roster, policy, components, popularity, $0)
                }
                totals.recommendations = try copyIn(
                    "recommendations",
                    """
                    slot, run_id, client_id, rank, product_id, score, peers, peers_holding, reason_code, propensity,
                    signal_scores
                    """, session
                ) {
                    totals.checksum = try writeRecommendations(roster, recommendations, propensity, $0, progress)
                }
            }
            return totals
        }
    }

    /// Collects statistics on what was loaded, so that reports get good plans from their first second on: without them
    /// the planner takes thousands of new rows for a handful, and joins them by nested loops.
    ///
    /// Statistics over all slots come second, in a transaction of their own: those on the new rows last even if these
    /// fail, and no other run waits for the locks of both. They are skipped where another run is collecting them.
    ///
    /// - Throws: `PostgresError`; the run can go on without.
    public func analyze(_ session: Session) throws {
        try session.ours(statementTimeout: statementTimeout) { session in
            _ = try session.execute("select peerfolio.analyze_slot($1::smallint)", [.integer(Int32(lease.slot))])
        }
        try session.ours(statementTimeout: statementTimeout) { session in
            _ = try session.execute("select peerfolio.analyze_slots()")
        }
    }

    /// Compares what is in the slot with what was sent, and records it: the run can be published from then on.
    ///
    /// - Throws: `RunError.verificationFailed`; `RunError.fenceLost`; `PostgresError`.
    public func verify(
        _ sent: Totals, distinctPortfolios: Int, kernel: String, width: Int, session: Session
    ) throws {
        try session.ours(statementTimeout: statementTimeout) { session in
            let found = try session.execute(
                """
                select count(*), \(Publication.checksum)::text,
                       (select count(*) from peerfolio.run_clients where slot = $1 and run_id = $2)
                from peerfolio.recommendations where slot = $1 and run_id = $2
                """,
                [.integer(Int32(lease.slot)), .bigint(lease.runID)]
            ).rows[0]
            let there = Totals(
                recommendations: try found.get(at: 0), clients: try found.get(at: 2), checksum: try found.get(at: 1))
            guard there == sent else {
                // The rows of a run that was taken for dead may have been swept.
                let live = try session.execute(
                    "select from peerfolio.runs where run_id = $1 and status = 'running'", [.bigint(lease.runID)])
                guard !live.rows.isEmpty else { throw RunLog.fenceLost(lease) }
                throw RunError(
                    .verificationFailed,
                    "run \(lease.runID) sent \(sent.recommendations) recommendations for \(sent.clients) clients,"
                        + " but its slot has \(there.recommendations) for \(there.clients), or other scores;"
                        + " it is not published")
            }
            let run = try session.execute(
                """
                update peerfolio.runs
                set recommendations = $2, checksum = $3::numeric, distinct_portfolios = $4, kernel = $5, width = $6,
                    heartbeat_at = clock_timestamp()
                where run_id = $1 and status = 'running'
                """,
                [
                    .bigint(lease.runID), .bigint(Int64(sent.recommendations)), .bigint(Int64(sent.checksum)),
                    .bigint(Int64(distinctPortfolios)), .text(kernel), .integer(Int32(width)),
                ])
            guard run.affectedRows == 1 else { throw RunLog.fenceLost(lease) }
        }
    }

    // MARK: Rows

    private func writeProducts(
        _ roster: Roster, _ policy: Policy, _ components: ProductComponents?, _ popularity: ProductPopularity,
        _ rows: BinaryCopyEncoder
    ) throws {
        for product in 0..<Int32(roster.products.count) {
            try rows.beginRow(fieldCount: 7)
            try rows.append(lease.runID)
            try roster.products.withBytes(at: product) { try rows.append(bytes: $0) }
            if let name = roster.productNames[Int(product)] { try rows.append(name) } else { try rows.appendNull() }
            try rows.append(Int64(popularity.holders[Int(product)]))
            try rows.append(popularity.baseRate(of: product))
            try rows.append(policy.isOffered(product: product))
            if let source = components?.source(of: product) {
                try rows.append(source.rawValue)
            } else {
                try rows.appendNull()
            }
        }
    }

    private func writeClients(
        _ roster: Roster, _ recommendations: Recommendations, _ rows: BinaryCopyEncoder
    ) throws {
        for client in 0..<roster.clients.count {
            let outcome = recommendations.outcome(ofClient: client)
            try rows.beginRow(fieldCount: 8)
            try rows.append(lease.slot)
            try rows.append(lease.runID)
            try roster.clients.withBytes(at: Int32(client)) { try rows.append(bytes: $0) }
            try rows.append(outcome.status.rawValue)
            try rows.append(Int32(outcome.portfolioSize))
            try rows.append(Double(outcome.peers))
            if let distance = outcome.kthDistance { try rows.append(distance) } else { try rows.appendNull() }
            if let manager = roster.manager(ofClient: client) {
                try rows.append(manager)
            } else {
                try rows.appendNull()
            }
        }
    }

    private func writeRecommendations(
        _ roster: Roster, _ recommendations: Recommendations, _ propensity: IsotonicRegression?,
        _ rows: BinaryCopyEncoder, _ progress: (Int) -> Void
    ) throws -> Int {
        var checksum = 0
        for client in 0..<roster.clients.count {
            if client % 4096 == 0 { progress(client) }
            var parts = recommendations.parts(ofClient: client)
            for row in recommendations.rows(ofClient: client) {
                try rows.beginRow(fieldCount: 11)
                try rows.append(lease.slot)
                try rows.append(lease.runID)
                try roster.clients.withBytes(at: Int32(client)) { try rows.append(bytes: $0) }
                try rows.append(Int16(row.rank))
                try roster.products.withBytes(at: row.product) { try rows.append(bytes: $0) }
                try rows.append(row.score)
                try rows.append(Double(row.peers))
                try rows.append(row.peersHolding)
                try rows.append(row.reason.rawValue)
                // Only such suggestions were looked at when it was earned.
                if let propensity, row.reason == .peers || row.reason == .hybrid {
                    try rows.append(propensity.share(at: row.score))
                } else {
                    try rows.appendNull()
                }
                if let known = parts.popFirst()?.known, !known.isEmpty {
                    try Self.jsonb(known).withUnsafeBytes { try rows.append(bytes: $0) }
                } else {
                    try rows.appendNull()
                }
                checksum += Int((row.score * 1_073_741_824).rounded(.toNearestOrEven)) * Int(row.rank)
            }
        }
        progress(roster.clients.count)
        return checksum
    }

    /// An object with a score per signal, as COPY takes a jsonb: a version, and its text.
    private static func jsonb(_ scores: [(signal: Signal, score: Float)]) -> [UInt8] {
        let members = scores.map { "\"\($0.signal.rawValue)\": \($0.score)" }
        return [1] + Array("{\(members.joined(separator: ", "))}".utf8)
    }

    @discardableResult
    private func copyIn(
        _ table: String, _ columns: String, _ session: Session, _ write: (BinaryCopyEncoder) throws -> Void
    ) throws -> Int {
        try session.copyIn("copy peerfolio.\(table) (\(columns)) from stdin (format binary)") { writer in
            let rows = BinaryCopyEncoder(writer)
            try write(rows)
            try rows.finish()
        }
    }
}
