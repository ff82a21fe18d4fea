/// Some columns of vectors of zeros and ones, 512 vectors to a block, so that one instruction works on a column of all of
/// them.
///
/// Lane l of block b, at position `512 * b + l`, is bit `l % 64` of word `l / 64`. The memory belongs to the caller.
public struct BitColumns {
    /// Vectors in a block.
    public static let laneCount = 512

    /// The blocks of each column.
    public let starts: UnsafePointer<UnsafePointer<SIMD8<UInt64>>>
    /// How many columns there are.
    public let count: Int

    /// Describes columns in memory of the caller.
    public init(starts: UnsafePointer<UnsafePointer<SIMD8<UInt64>>>, count: Int) {
        self.starts = starts
        self.count = count
    }
}
