/// What SQLSTATEs mean, in sentences that say what to do.
///
/// Source: PostgreSQL documentation, appendix A. The names of objects are added by ``PostgresError``.
enum SQLState {
    static let queryCanceled = "57014"

    /// The states whose primary message names catalog objects and nothing else.
    ///
    /// They need a statement position as well: with one, the name stands in the statement; without one it may
    /// come from a value, as in `$1::regclass`.
    private static let namesObjectsAtPosition: Set<String> = ["42P01", "42703", "42704", "42883", "3F000"]

    /// Whether the server's primary message may be shown, since it can only quote names of objects.
    static func messageIsSafe(_ sqlState: String, statementPosition: Int?) -> Bool {
        // 42501 is raised for objects that exist, by their names in the catalog.
        sqlState == "42501" || (namesObjectsAtPosition.contains(sqlState) && statementPosition != nil)
    }

    /// A sentence for one SQLSTATE, falling back to its class.
    static func sentence(for sqlState: String) -> String {
        sentences[sqlState] ?? classSentences[String(sqlState.prefix(2))] ?? "the server refused the statement"
    }

    private static let sentences: [String: String] = [
        "21000": "a subquery or an upsert met more rows than it may",
        "22001": "a value is too long for its type",
        "22003": "a number is out of the range of its type",
        "22007": "a date or time cannot be read",
        "22008": "a date or time is out of range",
        "22012": "division by zero",
        "22021": "text is not valid in the database's encoding; check the encoding of the database and of the data",
        "22P02": "a value cannot be read as the type it is used as",
        "22P03": "a value's binary form is not that of its type",
        "22P04": "COPY data does not have the expected form",
        "22P05": "a character of the database's encoding has no equivalent in UTF-8, or the other way round",
        "23502": "a value that must not be NULL is NULL",
        "23503": "a foreign key is violated",
        "23505": "a unique constraint is violated",
        "23514": "a check constraint is violated",
        "23P01": "an exclusion constraint is violated",
        "25006": "the transaction is read-only; connect to the primary server, and check default_transaction_read_only",
        "25P04": "the transaction took longer than transaction_timeout allows; raise it for the service's role",
        "25P02": "the transaction has failed already; roll it back",
        "25P03": "the server ended an idle transaction (idle_in_transaction_session_timeout)",
        "28000": "wrong or expired password, or no such role: ask the server's log",
        "28P01": "wrong or expired password, or no such role: ask the server's log",
        "3D000": "the database does not exist",
        "3F000": "the schema does not exist",
        "40001": "the transaction conflicts with another one or with recovery; try again",
        "40P01": "a deadlock was resolved at our cost; try again",
        "42501": "permission denied; grant the role what it needs",
        "42601": "the statement has a syntax error",
        "42702": "a column name is ambiguous",
        "42703": "a column does not exist",
        "42704": "an object does not exist",
        "42710": "an object of this name exists already",
        "42804": "a value is not of the type that is needed here",
        "42809": "the object is of another kind than the statement needs",
        "42846": "there is no cast between these types",
        "42883": "no function or operator fits these types",
        "42P01": "the relation does not exist",
        "42P06": "the schema exists already",
        "42P07": "the relation exists already",
        "53100": "the server's disk is full; make room and try again",
        "53200": "the server is out of memory; try again later",
        "53300": "the server has too many connections; try again later, or raise max_connections",
        "55000": "the object is not in the state that the statement needs",
        "55006": "the object is in use",
        "55P03": "a lock was not granted in time (lock_timeout); try again when the other session is done",
        "57014": "the statement was canceled by statement_timeout or by an administrator; "
            + "raise statement_timeout if it needs more time",
        "57P01": "the server is shutting down or an administrator ended the connection; try again",
        "57P02": "the server crashed; try again",
        "57P03": "the server is starting up or shutting down; try again",
        "57P05": "the server ended an idle session (idle_session_timeout)",
        "58030": "the server cannot read or write its files; ask the server's log",
        "P0001": "a function of the database raised an error",
    ]

    private static let classSentences: [String: String] = [
        "08": "the connection failed",
        "0A": "the server does not support this",
        "22": "a value is not valid for what it is used as",
        "23": "a constraint is violated",
        "25": "the statement does not fit the state of the transaction",
        "28": "wrong or expired password, or no such role: ask the server's log",
        "40": "the transaction was rolled back; try again",
        "42": "the statement does not fit the database's objects or privileges",
        "53": "the server is out of resources; try again later",
        "54": "a limit of the server was exceeded",
        "55": "the object is not in the state that the statement needs",
        "57": "an operator or a timeout intervened",
        "58": "the server met a system error; ask the server's log",
        "P0": "a function of the database raised an error",
        "XX": "the server met an internal error; ask the server's log",
    ]
}
