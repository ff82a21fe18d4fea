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
    /// Columns of every vector.
    public let columnCount: Int
    /// Words in a support.
    public let wordCount: Int

    /// Describes memory that is laid out as groups of lanes.
    public init(
        values: UnsafePointer<SIMD16<Float>>, starts: UnsafePointer<SIMD16<Float>>,
        supports: UnsafePointer<SIMD16<UInt32>>, columnCount: Int, wordCount: Int
    ) {
        self.values = values
        self.starts = starts
        self.supports = supports
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
    /// A lane is of interest only if its support has a bit of these words.
    public let outside: UnsafePointer<UInt32>
    /// A lane is of interest only if its support also has a bit of these words.
    public let inside: UnsafePointer<UInt32>

    /// Describes a query in memory of the caller.
    public init(
        overlap: Overlap, columns: UnsafePointer<Int32>, values: UnsafePointer<Float>, count: Int,
        outside: UnsafePointer<UInt32>, inside: UnsafePointer<UInt32>
    ) {
        self.overlap = overlap
        self.columns = columns
        self.values = values
        self.count = count
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
