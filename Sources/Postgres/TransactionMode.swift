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

    /// This mode with a `search_path` in which a name without a schema is one of PostgreSQL's own.
    ///
    /// `pg_temp` comes last: unless it is named, temporary relations and types are found before all others.
    public var pinningNames: TransactionMode { setting("search_path", "pg_catalog", "pg_temp") }
}
