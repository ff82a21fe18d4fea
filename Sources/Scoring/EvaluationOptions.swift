public import Holdings
public import SourceReading

/// What the caller of an evaluation asks for.
public struct EvaluationOptions: Sendable {
    /// What the truth is taken from.
    public enum History: Sendable {
        /// One product of each client, hidden; no dates needed.
        case leaveOneOut
        /// What clients added from the first day to the second, and over as many windows before as are asked for, each
        /// ending where the next begins.
        case dates(train: BusinessDate, test: BusinessDate, windows: Int)
        /// What clients hold in the second relation and not in the first; the first is `holdings.relation` where none is
        /// named.
        case relations(train: RelationName?, test: RelationName)
    }

    /// What the truth is taken from.
    public var history: History
    /// Finds the weights of the hybrid model.
    public var tunes: Bool
    /// Writes the figures into the database, when Peerfolio is installed there.
    public var stores: Bool

    /// Creates options.
    public init(history: History = .leaveOneOut, tunes: Bool = false, stores: Bool = true) {
        self.history = history
        self.tunes = tunes
        self.stores = stores
    }
}
