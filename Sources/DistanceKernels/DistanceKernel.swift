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

    /// Appends the lanes of interest whose score is at least `floor`.
    ///
    /// - Parameters:
    ///   - groups: The lanes that are searched.
    ///   - query: What they are compared with.
    ///   - floor: The least score; minus infinity for any.
    ///   - candidates: The groups to look at, ascending, each with an upper bound of its scores; those with a bound below
    ///     `floor` are passed over.
    ///   - range: The part of the candidates to look at.
    ///   - hits: Receives positions and scores, in the order of the candidates; needs room for sixteen for each.
    static func search(
        _ groups: LaneGroups, for query: LaneQuery, floor: Float, candidates: LaneList, range: Range<Int>,
        into hits: inout LaneList
    )

    /// How many queries a tile works on at once.
    static var tileHeight: Int { get }

    /// Appends, for each query of a batch, the lanes of interest whose score is at least that query's floor.
    ///
    /// The same as ``search(_:for:floor:candidates:range:into:)`` for each query apart, several times faster when the
    /// queries have most columns in common.
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

    /// Appends the positions of the scores that are at least `floor`.
    ///
    /// - Parameters:
    ///   - scores: One score for each position.
    ///   - count: How many there are, a multiple of 16.
    ///   - firstPosition: The position of the first score.
    ///   - floor: The least score.
    ///   - hits: Receives positions and scores, ascending; needs room for all.
    static func select(
        _ scores: UnsafePointer<SIMD16<Float>>, count: Int, firstPosition: Int32, floor: Float,
        into hits: inout LaneList
    )

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
