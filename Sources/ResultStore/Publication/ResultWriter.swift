public import Postgres
public import Recommending

/// Loads the results of a run into its slot by binary COPY, and verifies in SQL what has arrived.
public struct ResultWriter {
    private let store: StoreSession
    private let lease: RunLease

    /// What was loaded into the slot.
    public struct Totals: Sendable, Equatable {
        /// Of each table that lies in slots, by its name; without those that have no rows.
        var tables: [String: TableTotals]

        /// The totals of nothing.
        public static let zero = Totals(tables: [:])

        /// The totals of two parts together.
        public static func + (left: Totals, right: Totals) -> Totals {
            Totals(tables: left.tables.merging(right.tables) { first, _ in first })
        }

        /// Of one table.
        subscript(table: any ResultTable.Type) -> TableTotals { tables[table.name] ?? TableTotals() }

        /// Over all tables.
        var checksum: Int128 { tables.values.reduce(0) { $0 + $1.checksum } }
        /// Over all tables.
        var contents: Int128 { tables.values.reduce(0) { $0 + $1.contents } }

        /// In words, such as `30 recommendations, 10 clients`.
        var description: String {
            ResultPart.slotTables.map { "\(self[$0].count) \($0.countColumn ?? $0.name)" }.joined(separator: ", ")
        }
    }

    /// Creates a writer for a run over a session outside a transaction.
    ///
    /// - Parameters:
    ///   - lease: The run's right to its slot.
    ///   - statementTimeout: The server's limit for each statement.
    public init(_ session: Session, _ lease: RunLease, statementTimeout: Duration = .seconds(30)) {
        store = StoreSession(session, statementTimeout)
        self.lease = lease
    }

    /// Loads one part in one transaction.
    ///
    /// The rows of a part whose companion failed belong to a run that cannot succeed: reports never see them, and the
    /// next sweep deletes them.
    ///
    /// - Parameters:
    ///   - part: What to load.
    ///   - results: What the rows are made of.
    ///   - progress: Called with the clients that have been written, every few thousand clients.
    /// - Returns: What was sent; `verify` compares the sum of all parts with what is there.
    /// - Throws: `PostgresError`, `CancellationError`; nothing of the part is loaded then.
    public func write(
        _ part: ResultPart, _ results: RunResults, progress: (Int) -> Void = { _ in }
    ) throws -> Totals {
        try store.transaction { session in
            var totals = Totals.zero
            for table in part.tables {
                let loaded = try table.load(results, of: lease.place, session: session, progress: progress)
                if table.isInSlots && loaded.count > 0 { totals.tables[table.name] = loaded }
            }
            return totals
        }
    }

    /// Collects statistics on what was loaded, so that reports get good plans from their first second on: without them
    /// the planner takes thousands of new rows for a handful, and joins them by nested loops.
    ///
    /// - Throws: `PostgresError`; the run can go on without.
    public func analyze() throws {
        try store.transaction { session in
            _ = try session.execute("select peerfolio.analyze_slot($1::smallint)", [.integer(Int32(lease.slot))])
        }
    }

    /// Collects statistics over all slots together, skipped where another run is collecting them.
    ///
    /// They change little from run to run and take longer than those of one slot, so nothing waits for them: they are
    /// collected when the run is published.
    ///
    /// - Throws: `PostgresError`; those of the runs before stay then.
    public func analyzeAllSlots() throws {
        try store.transaction { session in
            _ = try session.execute("select peerfolio.analyze_slots()")
        }
    }

    /// Compares what is in the slot with what was sent, and records it: the run can be published from then on.
    ///
    /// - Parameter concentration: What the run's suggestions come down to; nil when it has none.
    /// - Throws: `RunError.verificationFailed`; `RunError.fenceLost`; `PostgresError`.
    public func verify(
        _ sent: Totals, distinctPortfolios: Int, kernel: String, width: Int, concentration: Concentration?
    ) throws {
        try store.transaction { session in
            let there = try totals(session)
            guard there == sent else {
                // The rows of a run that was taken for dead may have been swept.
                let live = try session.execute(
                    "select from peerfolio.runs where run_id = $1 and status = 'running'", [.bigint(lease.runID)])
                guard !live.rows.isEmpty else { throw RunError.fenceLost(lease) }
                throw RunError(
                    .verificationFailed,
                    "run \(lease.runID) sent \(sent.description), but its slot has \(there.description), or other"
                        + " scores or lists; it is not published")
            }
            let run = try session.execute(
                """
                update peerfolio.runs
                set recommendations = $2, checksum = $3::numeric, distinct_portfolios = $4, kernel = $5, width = $6,
                    lists = $7, contents_checksum = $8::numeric, coverage = $9, gini = $10, top3_share = $11,
                    heartbeat_at = clock_timestamp()
                where run_id = $1 and status = 'running'
                """,
                [
                    .bigint(lease.runID), .bigint(Int64(sent[RecommendationRows.self].count)),
                    .text("\(sent.checksum)"), .bigint(Int64(distinctPortfolios)), .text(kernel),
                    .integer(Int32(width)), .bigint(Int64(sent[RunListRows.self].count)), .text("\(sent.contents)"),
                    .doubleOrNull(concentration?.coverage), .doubleOrNull(concentration?.gini),
                    .doubleOrNull(concentration?.top3Share),
                ])
            guard run.affectedRows == 1 else { throw RunError.fenceLost(lease) }
        }
    }

    /// Counts what is in the slot.
    private func totals(_ session: Session) throws -> Totals {
        let found = try session.execute(
            """
            select r.table_name, r.count, r.checksum::text, r.contents::text
            from (\(SlotRows.counted(slot: "$1", runID: "$2"))) r
            """, [.integer(Int32(lease.slot)), .bigint(lease.runID)])
        return try found.rows.reduce(into: .zero) { totals, row in
            let there = TableTotals(
                count: try row.get(at: 1), checksum: try row.get(at: 2), contents: try row.get(at: 3))
            if there.count > 0 { totals.tables[try row.get(at: 0)] = there }
        }
    }
}
