import Postgres

extension Session {
    /// Streams the rows of a query over Peerfolio's own tables by binary COPY.
    ///
    /// - Parameters:
    ///   - query: One SELECT; COPY takes no parameters, so only numbers may have been put into it.
    ///   - fieldCount: Its columns.
    ///   - receive: Gets each row, valid during the call.
    /// - Throws: What `receive` throws; `PostgresError`; `CancellationError`.
    func copyRows(
        _ query: String, fieldCount: Int, _ receive: (BinaryCopyRow) throws -> Void
    ) throws {
        var decoder = BinaryCopyDecoder(fieldCount: fieldCount)
        try copyOut("copy (\(query)) to stdout (format binary)") { message in
            try decoder.decode(message, receive)
        }
        try decoder.finish()
    }
}
