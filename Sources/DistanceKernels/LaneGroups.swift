/// Vectors stored side by side, sixteen to a group, so that one instruction works on a column of all sixteen.
///
/// A *lane* is one vector's place in a group; its *position* is `16 * group + lane`. Every lane has a starting score and
/// a support, the set of its columns that are not 0, as bits of 32-bit words. The memory belongs to the caller.
public struct LaneGroups {
    /// Vectors in a group.
    public static let laneCount = 16

    /// The values, `columnCount` vectors of sixteen for each group.
    public let values: UnsafePointer<SIMD16<Float>>
    /// The score of each lane before any column has been added, one vector for each group.
    public let starts: UnsafePointer<SIMD16<Float>>
    /// The supports, `wordCount` vectors of sixteen words for each group; 0 for lanes that are not used.
    public let supports: UnsafePointer<SIMD16<UInt32>>
    /// Where lanes are bounds and products are counted, what keeps each count low: `wordCount + 1` vectors for each group,
    /// the columns that all vectors below a lane have, as bits, and the most columns that any of them has.
    ///
    /// A vector with s columns, t of which a query lacks, shares at most s - t with it.
    public let limits: UnsafePointer<SIMD16<UInt32>>?
    /// Columns of every vector.
    public let columnCount: Int
    /// Words in a support.
    public let wordCount: Int

    /// Describes memory that is laid out as groups of lanes.
    public init(
        values: UnsafePointer<SIMD16<Float>>, starts: UnsafePointer<SIMD16<Float>>,
        supports: UnsafePointer<SIMD16<UInt32>>, limits: UnsafePointer<SIMD16<UInt32>>? = nil, columnCount: Int,
        wordCount: Int
    ) {
        self.values = values
        self.starts = starts
        self.supports = supports
        self.limits = limits
        self.columnCount = columnCount
        self.wordCount = wordCount
    }
}

/// What two vectors have in common: what is added to the start of a lane.
public enum Overlap: Sendable, Hashable, BitwiseCopyable {
    /// For every column of the query, its value times the lane's.
    case product
    /// For every column of the query, the lesser of the two values.
    case minimum
    /// The number of columns in both supports, as far as ``LaneGroups/limits`` allows, times the query's only value and
    /// the lane's: for vectors whose values are all the same. The lanes have a single column.
    case count
}

/// A vector that lanes are compared with, by the columns in which it is not 0.
public struct LaneQuery: BitwiseCopyable {
    /// What is added to a score.
    public let overlap: Overlap
    /// The columns, ascending.
    public let columns: UnsafePointer<Int32>
    /// The value in each of these columns, not negative.
    public let values: UnsafePointer<Float>
    /// How many columns there are.
    public let count: Int
    /// The columns as bits: the query's support.
    public let support: UnsafePointer<UInt32>
    /// A lane is of interest only if its support has a bit of these words.
    public let outside: UnsafePointer<UInt32>
    /// A lane is of interest only if its support also has a bit of these words.
    public let inside: UnsafePointer<UInt32>

    /// Describes a query in memory of the caller.
    public init(
        overlap: Overlap, columns: UnsafePointer<Int32>, values: UnsafePointer<Float>, count: Int,
        support: UnsafePointer<UInt32>, outside: UnsafePointer<UInt32>, inside: UnsafePointer<UInt32>
    ) {
        self.overlap = overlap
        self.columns = columns
        self.values = values
        self.count = count
        self.support = support
        self.outside = outside
        self.inside = inside
    }
}

/// A growing list of lanes with their scores, in memory of the caller.
public struct LaneList: BitwiseCopyable {
    /// The positions of the lanes.
    public let positions: UnsafeMutablePointer<Int32>
    /// The score of each of them.
    public let scores: UnsafeMutablePointer<Float>
    /// How many there are.
    public var count: Int

    /// Creates an empty list over memory that is large enough for everything that will be appended.
    public init(positions: UnsafeMutablePointer<Int32>, scores: UnsafeMutablePointer<Float>) {
        self.positions = positions
        self.scores = scores
        count = 0
    }
}
