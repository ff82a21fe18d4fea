/// The rows of a run in its slot, in all tables.
enum SlotRows {
    /// A query that counts them, as SQL: `table_name`, `rows` and `checksum` of each table.
    ///
    /// - Parameters:
    ///   - slot: The slot, as SQL.
    ///   - runID: The run, as SQL.
    static func counted(slot: String, runID: String) -> String {
        ResultPart.slotTables.map { table in
            """
            select '\(table.name)'::text as table_name, count(*) as rows, \(table.checksum ?? "0")::numeric as checksum
            from peerfolio.\(table.name) where slot = \(slot) and run_id = \(runID)
            """
        }.joined(separator: "\nunion all\n")
    }
}
