/// Who votes with which weight: rounds of voters, each with one weight.
///
/// A voter votes for the members of a set, as many times as it has clients. Sets are rows of bits, 32 to a word. The
/// memory belongs to the caller.
public struct VoteRounds {
    /// The row of each voter, round by round.
    public let rows: UnsafePointer<Int32>
    /// The clients of each voter, whole numbers; fewer than 2^53 together.
    public let clients: UnsafePointer<Double>
    /// What each client of a round counts.
    public let weights: UnsafePointer<Double>
    /// Where each round ends among the voters, ascending; the first begins at ``start``.
    public let ends: UnsafePointer<Int32>
    /// How many rounds there are.
    public let count: Int
    /// The first voter of the first round.
    public let start: Int

    /// Describes rounds in memory of the caller.
    public init(
        rows: UnsafePointer<Int32>, clients: UnsafePointer<Double>, weights: UnsafePointer<Double>,
        ends: UnsafePointer<Int32>, count: Int, start: Int
    ) {
        self.rows = rows
        self.clients = clients
        self.weights = weights
        self.ends = ends
        self.count = count
        self.start = start
    }
}

/// Sets of numbers as rows of bits in memory of the caller.
public struct BitRows {
    /// Numbers that one word stands for.
    public static let wordSize = 32

    /// The words of each row, one row after the other.
    public let words: UnsafePointer<UInt32>
    /// Words of every row.
    public let wordCount: Int

    /// Describes rows in memory of the caller.
    public init(words: UnsafePointer<UInt32>, wordCount: Int) {
        self.words = words
        self.wordCount = wordCount
    }
}
