/// The rows of a run in its slot, in all tables.
enum SlotRows {
    /// A query that counts them, as SQL: `table_name`, `count`, `checksum` and `contents` of each table.
    ///
    /// - Parameters:
    ///   - slot: The slot, as SQL.
    ///   - runID: The run, as SQL.
    static func counted(slot: String, runID: String) -> String {
        ResultPart.slotTables.map { table in
            let contents = table.contents.map { "coalesce(sum(\($0)), 0)" } ?? "0"
            return """
                select '\(table.name)'::text as table_name, \(table.count) as count,
                       (\(table.checksum ?? "0"))::numeric as checksum, (\(contents))::numeric as contents
                from \(table.countedRows) where t.slot = \(slot) and t.run_id = \(runID)
                """
        }.joined(separator: "\nunion all\n")
    }
}
