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

        /// The value, such as `2s`.
        public var value: String

        /// Creates a setting.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
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

    /// This mode with one more setting.
    public func setting(_ name: String, _ value: String) -> TransactionMode {
        var mode = self
        mode.settings.append(Setting(name, value))
        return mode
    }
}
