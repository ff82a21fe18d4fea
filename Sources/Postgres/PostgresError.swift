/// An error of a PostgreSQL connection, of a statement, or of data that came through one.
///
/// ``description`` is safe to log: it is built from the SQLSTATE and from the names of schemas, tables, columns and
/// constraints. It never contains what the server's message, detail, hint and context would bring along, since those
/// quote values from the data.
public struct PostgresError: Error, Sendable {
    /// What kind of failure this is.
    public var code: Code

    /// What happened and what to do about it, without data values.
    public var message: String

    /// The five characters of the SQLSTATE, if the server sent one.
    public var sqlState: String?

    /// The severity in English (`ERROR`, `FATAL` or `PANIC`), if the server sent one.
    public var severity: String?

    /// The schema of the object the error is about, if the server named it.
    public var schema: String?

    /// The table the error is about, if the server named it.
    public var table: String?

    /// The column the error is about, if the server named it.
    public var column: String?

    /// The constraint that was violated, if the server named it.
    public var constraint: String?

    /// Where in the statement the error is, counted in characters from 1, if the server said.
    public var statementPosition: Int?

    /// The server's primary message, which may quote values from the data.
    ///
    /// Meant for errors about names, found while a statement is described and before it has touched any row.
    /// Never log it for statements that read or write data.
    public var serverMessage: String?

    /// The function of the server's source that reported the error: the same in every language.
    var routine: String?

    /// What a function of the database said by RAISE, which may be anything, data included.
    ///
    /// Meant for functions whose text is known to be free of it, as Peerfolio's own are.
    public var raisedMessage: String?

    /// The step of a transaction that failed, or `nil` for a statement in its body or outside of one.
    public var transactionStep: TransactionStep?

    /// The error that led to this one.
    public var cause: (any Error)?

    /// Where this error was made.
    public var location: SourceLocation

    /// Creates an error that did not come from a server's error report.
    ///
    /// - Parameters:
    ///   - code: What kind of failure this is.
    ///   - message: What happened and what to do about it, without data values.
    ///   - sqlState: The SQLSTATE, where one is known.
    ///   - cause: The error that led to this one.
    ///   - function: The function in which this error is made.
    ///   - file: The module and the file in which this error is made.
    ///   - line: The line on which this error is made, counted from 1.
    public init(
        code: Code,
        message: String,
        sqlState: String? = nil,
        cause: (any Error)? = nil,
        function: String = #function,
        file: String = #fileID,
        line: Int = #line
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.cause = cause
        location = SourceLocation(function: function, file: file, line: line)
    }

    /// Whether the same work may succeed when it is tried again later, on a new connection where this one is lost.
    ///
    /// True for connections that failed, were lost or ran out of time, for servers that did not prove who they are (a
    /// renewed certificate mends that), unless a server says that it has no such database, or that the role may not
    /// connect to it; for SQLSTATE classes 08, 40 and 53, and for 55P03 and 57P01 to
    /// 57P03. False for authentication failures, since repeated ones lock roles out, and for
    /// ``Code/commitOutcomeUnknown``: find out first what happened.
    public var isRetryable: Bool {
        switch code {
        case .commitOutcomeUnknown, .authenticationFailed: return false
        case .connectionLost, .timeout, .serverNotVerified: return true
        default: break
        }
        guard let sqlState else { return code == .connectionFailed }
        // A server that does not let anybody in now, for whatever reason, may do so later.
        if code == .connectionFailed { return !["0A", "22", "28", "3D", "42"].contains(sqlState.prefix(2)) }
        return ["08", "40", "53"].contains(sqlState.prefix(2))
            || ["55P03", "57P01", "57P02", "57P03"].contains(sqlState)
    }
}

extension PostgresError {
    /// Whether row-level security would have hidden rows, and `row_security` is off, so that the server refused instead.
    public var isRowSecurityRefusal: Bool { sqlState == "42501" && routine == "check_enable_rls" }

    /// A place in the source code.
    public struct SourceLocation: Hashable, Sendable {
        /// The function.
        public var function: String

        /// The module and the file, as in `#fileID`.
        public var file: String

        /// The line, counted from 1.
        public var line: Int
    }

    /// A step of a transaction around its body.
    public enum TransactionStep: String, Hashable, Sendable {
        /// BEGIN and the settings sent along with it.
        case begin
        /// COMMIT.
        case commit
    }
}

extension PostgresError: CustomStringConvertible {
    /// The message, the step of a transaction, the SQLSTATE, and the cause where that is a ``PostgresError`` too.
    public var description: String {
        var text = message
        if let transactionStep {
            text += " [at \(transactionStep.rawValue.uppercased())]"
        }
        if let sqlState {
            text += " (SQLSTATE \(sqlState))"
        }
        // Any other cause may carry data in its description.
        if let cause = cause as? PostgresError {
            text += ": \(cause)"
        }
        return text
    }
}

extension PostgresError: CustomDebugStringConvertible {
    /// The description, with the code and the place where the error was made.
    ///
    /// Without this, `String(reflecting:)` and a test's failure report would print ``serverMessage``.
    public var debugDescription: String {
        "PostgresError.\(code): \(description) [\(location.file):\(location.line)]"
    }
}

extension PostgresError: CustomReflectable {
    /// A mirror of what ``debugDescription`` shows, so that `dump` does not print ``serverMessage`` either.
    public var customMirror: Mirror {
        Mirror(self, children: ["code": code.description, "description": description])
    }
}
