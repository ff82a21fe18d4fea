import CLibPQ

/// Owns one `PGresult`.
final class LibPQResult {
    private let handle: OpaquePointer

    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQclear(handle)
    }

    var status: ExecStatusType {
        PQresultStatus(handle)
    }

    var isError: Bool {
        status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR
    }

    var commandTag: String {
        PQcmdStatus(handle).map { String(cString: $0) } ?? ""
    }

    var affectedRows: Int {
        PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0
    }

    var columns: [ResultColumn] {
        (0..<PQnfields(handle)).map { index in
            ResultColumn(
                name: PQfname(handle, index).map { String(cString: $0) } ?? "",
                typeOID: PQftype(handle, index)
            )
        }
    }

    /// Copies the rows out.
    ///
    /// - Throws: ``PostgresError/Code/decoding`` for a value that is not UTF-8, as a SQL_ASCII database can send it.
    func decoded() throws(PostgresError) -> PostgresResult {
        let columns = self.columns
        var rows: [PostgresRow] = []
        rows.reserveCapacity(Int(PQntuples(handle)))
        for row in 0..<PQntuples(handle) {
            var values: [String?] = []
            values.reserveCapacity(columns.count)
            for column in 0..<PQnfields(handle) {
                guard PQgetisnull(handle, row, column) == 0, let text = PQgetvalue(handle, row, column) else {
                    values.append(nil)
                    continue
                }
                guard let value = String(validatingCString: text) else {
                    throw PostgresError(
                        code: .decoding,
                        message: "column \"\(columns[Int(column)].name)\", row \(row + 1): the text is not valid "
                            + "UTF-8; check the encoding of the database"
                    )
                }
                values.append(value)
            }
            rows.append(PostgresRow(columns: columns, values: values))
        }
        return PostgresResult(columns: columns, rows: rows, affectedRows: affectedRows, commandTag: commandTag)
    }

    /// The error that the server or libpq reported in this result.
    func error() -> PostgresError {
        guard let sqlState = field("C") else {
            // Without a SQLSTATE it is libpq that speaks, of the connection or of a broken protocol.
            return PostgresError(code: .protocolViolation, message: "libpq could not finish the statement")
        }
        let severity = field("V") ?? field("S")
        var error = PostgresError(
            code: severity == "FATAL" || severity == "PANIC" ? .connectionLost : .server,
            message: "",
            sqlState: sqlState
        )
        error.severity = severity
        error.routine = field("R")
        error.statementPosition = field("P").flatMap { Int($0) }
        // RAISE lets a function write whatever it likes into every field, data included.
        guard field("R").map(Self.raisingFunctions.contains) != true else {
            error.message = SQLState.sentence(for: sqlState)
            error.raisedMessage = field("M")
            return error
        }
        error.schema = field("s")
        error.table = field("t")
        error.column = field("c")
        error.constraint = field("n")
        error.serverMessage = field("M")
        error.message = message(for: error, sqlState: sqlState)
        return error
    }

    /// The functions of the server's source by which PL/pgSQL and PL/Python raise errors for their users.
    static let raisingFunctions: Set<String> = ["exec_stmt_raise", "PLy_output"]

    private func message(for error: PostgresError, sqlState: String) -> String {
        // PgBouncer's own words, which are English anywhere.
        if sqlState == "08P01", error.serverMessage?.contains("statement pooling mode") == true {
            return "PgBouncer pools single statements here, and transactions need pool_mode = transaction or session"
        }
        let isSafe = SQLState.messageIsSafe(sqlState, statementPosition: error.statementPosition)
        if isSafe, let text = error.serverMessage {
            return text
        }
        var names: [String] = []
        if let table = error.table {
            names.append("table \(error.schema.map { $0 + "." } ?? "")\(table)")
        } else if let schema = error.schema {
            names.append("schema \(schema)")
        }
        if let column = error.column {
            names.append("column \(column)")
        }
        if let constraint = error.constraint {
            names.append("constraint \(constraint)")
        }
        let sentence = SQLState.sentence(for: sqlState)
        return names.isEmpty ? sentence : "\(sentence) (\(names.joined(separator: ", ")))"
    }

    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(code.value)).map { String(cString: $0) }
    }
}
