import Postgres

/// An earlier run: where its rows lie, and how many they are.
///
/// Somebody may sweep them while they are read; whoever reads them counts, and does without when some are missing.
struct EarlierRun {
    let runID: Int64
    let slot: Int
    let clients: Int
    let recommendations: Int
    let lists: Int

    /// Finds it; nil if it has given up its slot, or has never loaded it.
    static func find(_ runID: Int64, _ session: Session) throws -> EarlierRun? {
        try session.execute(
            """
            select slot::bigint, clients, recommendations, lists from peerfolio.runs
            where run_id = $1 and slot is not null and clients is not null and recommendations is not null
              and lists is not null
            """, [.bigint(runID)]
        ).rows.first.map { row in
            EarlierRun(
                runID: runID, slot: try row.get(at: 0), clients: try row.get(at: 1),
                recommendations: try row.get(at: 2), lists: try row.get(at: 3))
        }
    }
}
