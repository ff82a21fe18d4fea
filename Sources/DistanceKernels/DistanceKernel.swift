/// The numeric inner loops of the peer search, built for one instruction set.
///
/// Numbers in, numbers out: the kernels know nothing of clients, products or distances. Scores are Float32 and may
/// differ between instruction sets in their last bits, because some round a product before it is added and some do
/// not. Whoever uses them allows for that.
///
/// The score of a lane is its start plus its overlap with the query, see ``Overlap``, which is added column by column in
/// ascending order. Every operation rounds monotonically, so when the start and all values of one lane are at least those
/// of another, so is its score: a lane of maxima bounds a whole group, without any allowance for rounding.
public protocol DistanceKernel: Sendable {
    /// The name by which a run's summary shows it and `PEERFOLIO_KERNEL` asks for it.
    static var name: String { get }

    /// How many queries a tile works on at once.
    static var tileHeight: Int { get }

    /// Appends, for each query of a batch, the lanes of interest whose score is at least that query's floor.
    ///
    /// Several times faster than ``score(_:for:candidates:count:into:)`` for each query apart when the queries have most
    /// columns in common.
    ///
    /// - Parameters:
    ///   - groups: The lanes that are searched.
    ///   - batch: The queries.
    ///   - candidates: The groups to look at, ascending.
    ///   - count: How many there are.
    ///   - hits: One list for each query of the batch.
    static func search(
        _ groups: LaneGroups, for batch: LaneBatch, candidates: UnsafePointer<Int32>, count: Int,
        into hits: UnsafeMutablePointer<LaneList>
    )

    /// Computes the scores of all lanes of some groups.
    ///
    /// - Parameters:
    ///   - groups: The lanes.
    ///   - query: What they are compared with.
    ///   - candidates: The groups to look at.
    ///   - count: How many there are.
    ///   - scores: Receives a vector for each candidate; minus infinity for lanes that are not of interest.
    static func score(
        _ groups: LaneGroups, for query: LaneQuery, candidates: UnsafePointer<Int32>, count: Int,
        into scores: UnsafeMutablePointer<SIMD16<Float>>
    )

    /// Appends the lanes whose score is at least `floor`.
    ///
    /// - Parameters:
    ///   - scores: Sixteen scores for each group.
    ///   - groups: The groups.
    ///   - count: How many there are.
    ///   - floor: The least score.
    ///   - hits: Receives positions and scores, in the order of the groups; needs room for all.
    static func select(
        _ scores: UnsafePointer<SIMD16<Float>>, of groups: UnsafePointer<Int32>, count: Int, floor: Float,
        into hits: inout LaneList
    )

    /// Finds a score that a number of clients reach, and not many more where scores differ.
    ///
    /// - Parameters:
    ///   - number: Clients, at least 1.
    ///   - scores: Scores in vectors of sixteen; minus infinity for none.
    ///   - weights: The clients who have each score, 0 or more; fewer than 2^31 together.
    ///   - count: Vectors.
    /// - Returns: A score that so many clients reach, though it need not be anybody's; minus infinity where fewer clients
    ///   have any.
    static func score(
        reachedBy number: Int, _ scores: UnsafePointer<SIMD16<Float>>, weights: UnsafePointer<SIMD16<Int32>>, count: Int
    ) -> Float

    /// Rounds to integers, ties to even, what scores tell of other numbers.
    ///
    /// - Parameters:
    ///   - hits: Lanes with their scores.
    ///   - rule: What a score tells.
    ///   - numbers: Receives, for each hit, the integer that every number of its interval is rounded to, below 2^52; or
    ///     ``RoundingRule/undecided``.
    static func round(_ hits: LaneList, by rule: RoundingRule, into numbers: UnsafeMutablePointer<Double>)

    /// Finds the lanes that have a 1 in a given number of columns.
    ///
    /// - Parameters:
    ///   - count: In how many of the columns, exactly; at most as many as there are.
    ///   - columns: The columns.
    ///   - blocks: The blocks to look at.
    ///   - positions: Receives the positions of these lanes, ascending; needs room for all lanes of the blocks.
    /// - Returns: How many there are.
    static func lanes(
        having count: Int, of columns: BitColumns, blocks: Range<Int>, into positions: UnsafeMutablePointer<Int32>
    ) -> Int

    /// Adds up votes for 32 members.
    ///
    /// Round by round, in this order: the clients of the voters who have the member in their set, counted first, times
    /// the round's weight, rounded once, is added to the member's votes. So is their number to its clients. The sums are
    /// the same, bit for bit, for every instruction set.
    ///
    /// - Parameters:
    ///   - rounds: The voters.
    ///   - rows: The sets.
    ///   - word: Which word of every row.
    ///   - votes: The votes of the 32 members, which are added to.
    ///   - clients: The clients of the 32 members, likewise.
    static func addVotes(
        of rounds: VoteRounds, for rows: BitRows, word: Int, votes: UnsafeMutablePointer<SIMD8<Double>>,
        clients: UnsafeMutablePointer<SIMD8<Double>>
    )
}

/// Several queries that are searched for together.
public struct LaneBatch {
    /// The queries; all of them with the same overlap.
    public let queries: UnsafePointer<LaneQuery>
    /// The least score of each query; infinity for none.
    public let floors: UnsafePointer<Float>
    /// How many queries there are, a multiple of the kernel's ``DistanceKernel/tileHeight``.
    public let queryCount: Int
    /// The columns that some query has, ascending.
    public let columns: UnsafePointer<Int32>
    /// How many columns there are.
    public let columnCount: Int
    /// The values, 0 where a query lacks the column: for every `tileHeight` queries, for every column, one for each query.
    public let values: UnsafePointer<Float>

    /// Describes a batch in memory of the caller.
    public init(
        queries: UnsafePointer<LaneQuery>, floors: UnsafePointer<Float>, queryCount: Int,
        columns: UnsafePointer<Int32>, columnCount: Int, values: UnsafePointer<Float>
    ) {
        self.queries = queries
        self.floors = floors
        self.queryCount = queryCount
        self.columns = columns
        self.columnCount = columnCount
        self.values = values
    }
}
