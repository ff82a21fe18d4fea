import Postgres

/// A statement about a source that the server has refused while rows were read.
struct RefusedSource: Error {
    let query: SourceQuery
    let error: PostgresError

    /// What there is to say about it, and what to do.
    ///
    /// - Parameters:
    ///   - session: Outside of a transaction.
    ///   - mode: How sources are read.
    func explained(_ session: Session, _ mode: TransactionMode) -> any Error {
        switch error.sqlState {
        // The transaction that reads is read-only on any server.
        case "25006": return SourceError.writes(query.key)
        case "22021", "22P05": return inconvertibleText(session, mode)
        case _ where error.isRowSecurityRefusal:
            return SourceError(
                .rowSecurity, key: query.key,
                "\(error.serverMessage ?? error.message), by way of a function: let the role that reads see all rows (ALTER ROLE"
                    + " … BYPASSRLS), or declare the function with SET row_security = on if what it sees is enough")
        default: return error
        }
    }

    /// Says which column has the text, which the server does not: each is read alone until one fails likewise.
    private func inconvertibleText(_ session: Session, _ mode: TransactionMode) -> SourceError {
        let names = query.fields.indices.map { "f\($0)" }.joined(separator: ", ")
        let column = query.fields.indices.first { index in
            do {
                try session.transaction(mode) { session in
                    let source = "select f\(index) from (\(query.text)) as source(\(names))"
                    try session.copyOut("copy (\(source)) to stdout (format binary)") { _ in }
                }
                return false
            } catch {
                return (error as? PostgresError)?.sqlState == self.error.sqlState
            }
        }
        let encoding =
            session.serverEncoding.map { "the database's encoding is \($0)" } ?? "see the database's encoding"
        return SourceError(
            .invalidText, key: column.map { query.fields[$0].key } ?? query.key,
            "\(column.map { "the column \"\(query.fields[$0].name)\"" } ?? "a column") has a text that cannot be read as UTF-8"
                + " (\(encoding)): correct it, or convert it in a query (SQLSTATE \(error.sqlState ?? ""))")
    }
}
