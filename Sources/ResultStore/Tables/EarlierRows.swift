import Postgres

/// Where the rows of an earlier run lie, and how many they are.
///
/// Somebody may sweep them while they are read; whoever reads them counts, and does without when some are missing.
struct EarlierRows {
    let runID: Int64
    let slot: Int
    let clients: Int
    let recommendations: Int

    /// Finds them; nil if the run has given up its slot, or has never loaded it.
    static func find(ofRun runID: Int64, session: Session) throws -> EarlierRows? {
        try session.execute(
            """
            select slot::bigint, clients, recommendations from peerfolio.runs
            where run_id = $1 and slot is not null and clients is not null and recommendations is not null
            """, [.bigint(runID)]
        ).rows.first.map { row in
            EarlierRows(
                runID: runID, slot: try row.get(at: 0), clients: try row.get(at: 1),
                recommendations: try row.get(at: 2))
        }
    }
}
