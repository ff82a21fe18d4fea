/// How a transaction runs.
public struct TransactionMode: Sendable {
    /// An isolation level.
    public enum Isolation: String, Sendable {
        /// Each statement sees what was committed before it began.
        case readCommitted = "READ COMMITTED"
        /// All statements see one snapshot.
        case repeatableRead = "REPEATABLE READ"
        /// One snapshot, and conflicts with other serializable transactions are refused.
        case serializable = "SERIALIZABLE"
    }

    /// A server setting that holds until the end of the transaction.
    public struct Setting: Hashable, Sendable {
        /// The name, such as `lock_timeout`.
        public var name: String

        /// The value, such as `2s`; several for a setting that is a list, such as `search_path`.
        public var values: [String]

        /// Creates a setting.
        ///
        /// - Precondition: There is a value.
        public init(_ name: String, _ values: [String]) {
            precondition(!values.isEmpty, "a setting has a value")
            self.name = name
            self.values = values
        }
    }

    /// The isolation level.
    public var isolation: Isolation

    /// Whether writes are refused.
    public var isReadOnly: Bool

    /// Settings that are sent with BEGIN, in the same round trip.
    public var settings: [Setting]

    /// Creates a mode.
    public init(isolation: Isolation = .readCommitted, isReadOnly: Bool = false, settings: [Setting] = []) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.settings = settings
    }

    /// Read committed and writable.
    public static let readWrite = TransactionMode()

    /// One snapshot for all statements, without writes.
    public static let consistentRead = TransactionMode(isolation: .repeatableRead, isReadOnly: true)

    /// This mode with one more setting; several values are a list.
    public func setting(_ name: String, _ values: String...) -> TransactionMode {
        setting(name, values)
    }

    /// This mode with one more setting, which is a list.
    public func setting(_ name: String, _ values: [String]) -> TransactionMode {
        var mode = self
        mode.settings.append(Setting(name, values))
        return mode
    }

    /// This mode with settings under which a statement means, and its values read, what they do on any server.
    ///
    /// For statements of our own: see ``Setting/pinned``.
    public var pinningNames: TransactionMode {
        var mode = self
        mode.settings += Setting.pinned
        return mode
    }
}

extension TransactionMode.Setting {
    /// What a database, a role or `PGOPTIONS` may have set otherwise, and what statements of our own take for granted.
    ///
    /// Never for the statements of the warehouse's people: what a query or a view means under their settings is theirs.
    static let pinned = [
        // A name without a schema is one of PostgreSQL's own. `pg_temp` comes last: unless it is named, temporary
        // relations and types are found before all others.
        Self("search_path", ["pg_catalog", "pg_temp"]),
        // The names of types and relations as text, and what quote_ident() makes.
        Self("quote_all_identifiers", ["off"]),
        // A backslash in a literal is one, and NULL in the text of an array is none of its strings.
        Self("standard_conforming_strings", ["on"]),
        Self("array_nulls", ["on"]),
        // No relation of ours has policies; off, it would refuse a sample of those that have.
        Self("row_security", ["on"]),
        // Values as text. Below 1, extra_float_digits has numbers rounded.
        Self("datestyle", ["ISO", "YMD"]),
        Self("intervalstyle", ["postgres"]),
        Self("extra_float_digits", ["1"]),
        Self("bytea_output", ["hex"]),
    ]
}
