import Postgres

extension Session {
    /// Streams the rows of an earlier run in one table by binary COPY.
    ///
    /// - Parameters:
    ///   - table: A table whose rows lie in slots.
    ///   - columns: The columns that are wanted.
    ///   - run: The run.
    ///   - receive: Gets each row, valid during the call.
    /// - Throws: What `receive` throws; `PostgresError`; `CancellationError`.
    func copyRows(
        of table: any ResultTable.Type, _ columns: String..., in run: EarlierRun,
        _ receive: (BinaryCopyRow) throws -> Void
    ) throws {
        var decoder = BinaryCopyDecoder(fieldCount: columns.count)
        // COPY takes no parameters.
        let query = """
            select \(columns.joined(separator: ", ")) from peerfolio.\(table.name)
            where slot = \(run.slot) and run_id = \(run.runID)
            """
        try copyOut("copy (\(query)) to stdout (format binary)") { message in
            try decoder.decode(message, receive)
        }
        try decoder.finish()
    }
}
