import CLibPQ

/// The use of a connection inside ``PostgresConnection/withSession(_:)``: statements, one after the other.
///
/// Every method waits in the connection's own thread. Each throws ``PostgresError``, or `CancellationError` when the
/// task was cancelled; a statement under way is then stopped on the server before the method returns. A session is
/// valid inside the closure only.
///
/// A statement outside of a transaction that ends in ``PostgresError/Code/connectionLost`` or
/// ``PostgresError/Code/timeout`` may have taken effect all the same; put writes into a transaction.
public final class Session {
    let connection: LibPQConnection

    init(_ connection: LibPQConnection) {
        self.connection = connection
    }

    /// The server's version as one number, such as 150018 for 15.18.
    public var serverVersion: Int {
        connection.serverVersion
    }

    /// The encoding of the database, such as `LATIN1`; nil behind a pooler that does not pass it on.
    public var serverEncoding: String? {
        connection.parameter("server_encoding")
    }

    /// The server process that the connection began with.
    ///
    /// Behind a pooler in transaction mode it is not the process that runs a statement, which `pg_backend_pid()` names.
    public var backendPID: Int32 {
        connection.backendPID
    }

    /// The time limit of one statement, and of one step of a COPY without any byte moving.
    ///
    /// When it passes, the connection is closed. It guards against a peer that never answers; let the server's
    /// `statement_timeout` limit statements that take long, and keep this one above it.
    public var operationTimeout: Duration {
        get { connection.operationTimeout }
        set { connection.operationTimeout = newValue }
    }

    /// Runs one statement with parameters and returns its rows.
    ///
    /// - Throws: ``PostgresError/Code/invalidParameter`` for text that contains a NUL, which PostgreSQL cannot hold.
    @discardableResult
    public func execute(_ sql: String, _ parameters: [PostgresParameter] = []) throws -> PostgresResult {
        try Self.refuseNUL(in: sql)
        let values = parameters.map { $0.textFormat }
        for case let value? in values {
            try Self.refuseNUL(in: value)
        }
        let types = parameters.map { $0.typeOID }
        let results = try connection.run { handle in
            CStrings.withArray(values) { pointers in
                PQsendQueryParams(handle, sql, Int32(values.count), types, pointers, nil, nil, 0)
            }
        }
        guard let result = results.first else {
            throw PostgresError(code: .protocolViolation, message: "the server sent no result")
        }
        return try result.decoded()
    }

    /// Runs any number of statements without parameters in one round trip; rows they return are dropped.
    ///
    /// The first error ends the script. Outside of a transaction all statements together form one.
    public func executeScript(_ sql: String) throws {
        try Self.refuseNUL(in: sql)
        _ = try connection.run { PQsendQuery($0, sql) }
    }

    /// Returns the columns that a statement would return, without running it.
    ///
    /// It takes two round trips; behind a pooler in transaction mode use it inside a transaction.
    public func describe(_ sql: String) throws -> [ResultColumn] {
        try Self.refuseNUL(in: sql)
        _ = try connection.run { PQsendPrepare($0, "", sql, 0, nil) }
        let results = try connection.run { PQsendDescribePrepared($0, "") }
        return results.first?.columns ?? []
    }

    /// Quotes a name for use in a statement.
    ///
    /// - Throws: ``PostgresError/Code/invalidParameter`` if no name can hold this text.
    public func escapeIdentifier(_ name: String) throws -> String {
        try escape(name, with: PQescapeIdentifier)
    }

    /// Quotes a text as a literal for use where a statement takes no parameters.
    ///
    /// - Throws: ``PostgresError/Code/invalidParameter`` if no text value can hold it.
    public func escapeLiteral(_ text: String) throws -> String {
        try escape(text, with: PQescapeLiteral)
    }

    private func escape(
        _ text: String,
        with function: (OpaquePointer?, UnsafePointer<CChar>?, Int) -> UnsafeMutablePointer<CChar>?
    ) throws(PostgresError) -> String {
        try Self.refuseNUL(in: text)
        guard let quoted = function(try connection.open(), text, text.utf8.count) else {
            throw PostgresError(code: .invalidParameter, message: "a name or text cannot be quoted for the server")
        }
        defer { PQfreemem(quoted) }
        return String(cString: quoted)
    }

    /// A C string ends at the first NUL, so the server would see another text than the caller wrote.
    static func refuseNUL(in text: String) throws(PostgresError) {
        if text.utf8.contains(0) {
            throw PostgresError(code: .invalidParameter, message: "a text for the server contains a NUL character")
        }
    }
}
