/// The numeric inner loops of the peer search, in plain Swift for every processor.
///
/// Numbers in, numbers out: the kernels know nothing of clients, products or distances. They work on one *block* of
/// references at a time, small enough for its accumulators to stay in the first-level cache, and a reference is named
/// by its position inside the block.
///
/// Every accumulator receives its terms in the order of the calls, so a caller that goes through its columns in a fixed
/// order gets the same Float64 sum on every machine.
public enum BaselineKernels {
    /// The name of this set of kernels, as a run's summary shows it.
    public static let name = "baseline"

    /// The most references in a block.
    ///
    /// 2,048 keep the accumulators (12 bytes per reference) within 24 KiB, half of a usual first-level cache.
    public static let blockCapacity = 2048

    /// Adds `weight * values[i]` to the overlap of `holders[i]` and 1 to its count, for every `i`.
    ///
    /// - Parameters:
    ///   - weight: The query's value in this column.
    ///   - holders: Positions inside the block, distinct, each below the size of `overlaps`; may be empty.
    ///   - values: The values of these references in this column, as many as `holders`.
    ///   - overlaps: One sum per reference of the block.
    ///   - counts: How many columns each reference of the block shares with the query.
    public static func accumulateProducts(
        weight: Double,
        holders: Span<UInt16>,
        values: Span<Double>,
        overlaps: inout MutableSpan<Double>,
        counts: inout MutableSpan<Int32>
    ) {
        precondition(values.count == holders.count && counts.count == overlaps.count)
        for index in holders.indices {
            let holder = Int(holders[unchecked: index])
            overlaps[unchecked: holder] += weight * values[unchecked: index]
            counts[unchecked: holder] &+= 1
        }
    }

    /// Adds `min(weight, values[i])` to the overlap of `holders[i]` and 1 to its count, for every `i`.
    ///
    /// The parameters are those of ``accumulateProducts(weight:holders:values:overlaps:counts:)``; values are not
    /// negative.
    public static func accumulateMinima(
        weight: Double,
        holders: Span<UInt16>,
        values: Span<Double>,
        overlaps: inout MutableSpan<Double>,
        counts: inout MutableSpan<Int32>
    ) {
        precondition(values.count == holders.count && counts.count == overlaps.count)
        for index in holders.indices {
            let holder = Int(holders[unchecked: index])
            let value = values[unchecked: index]
            overlaps[unchecked: holder] += value < weight ? value : weight
            counts[unchecked: holder] &+= 1
        }
    }

    /// Lists the references that may be near enough to the query.
    ///
    /// A reference `i` is listed when `counts[i]` is at least `leastCount` and below `ceilings[i]`, and
    /// `overlaps[i] * slopes[i] - offsets[i]` is at least `floor`. Every span has one element per reference.
    ///
    /// - Parameters:
    ///   - overlaps: The accumulated overlaps.
    ///   - counts: The accumulated counts.
    ///   - slopes: The factor of each reference's overlap.
    ///   - offsets: What is taken off each reference's scaled overlap.
    ///   - ceilings: The count from which on a reference is of no interest.
    ///   - floor: The least scaled overlap of interest; minus infinity lets every reference pass.
    ///   - leastCount: The least count of interest; 0 lets references without anything in common pass.
    ///   - selection: Receives the positions found, ascending; at least as large as the block.
    /// - Returns: The number of positions written to `selection`.
    public static func select(
        overlaps: Span<Double>,
        counts: Span<Int32>,
        slopes: Span<Double>,
        offsets: Span<Double>,
        ceilings: Span<Int32>,
        floor: Double,
        leastCount: Int32,
        into selection: inout MutableSpan<UInt16>
    ) -> Int {
        precondition(counts.count == overlaps.count && slopes.count == overlaps.count)
        precondition(offsets.count == overlaps.count && ceilings.count == overlaps.count)
        precondition(selection.count >= overlaps.count && overlaps.count <= blockCapacity)
        // Few references pass, and those in groups: most groups are done with one vector comparison.
        let groupSize = SIMD8<Double>.scalarCount
        let floors = SIMD8<Double>(repeating: floor)
        var found = 0
        var index = 0
        while index + groupSize <= overlaps.count {
            let byteOffset = index * MemoryLayout<Double>.stride
            let overlapGroup = overlaps.bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: byteOffset, as: SIMD8<Double>.self)
            let slopeGroup = slopes.bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: byteOffset, as: SIMD8<Double>.self)
            let offsetGroup = offsets.bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: byteOffset, as: SIMD8<Double>.self)
            let isNear = overlapGroup * slopeGroup - offsetGroup .>= floors
            if any(isNear) {
                for lane in 0..<groupSize {
                    // Written without a branch: which reference passes cannot be predicted.
                    let count = counts[unchecked: index + lane]
                    let sharesEnough = count >= leastCount ? 1 : 0
                    let isOfInterest = count < ceilings[unchecked: index + lane] ? 1 : 0
                    selection[unchecked: found] = UInt16(truncatingIfNeeded: index + lane)
                    found &+= (isNear[lane] ? 1 : 0) & sharesEnough & isOfInterest
                }
            }
            index += groupSize
        }
        while index < overlaps.count {
            let isNear = overlaps[unchecked: index] * slopes[unchecked: index] - offsets[unchecked: index] >= floor
            let count = counts[unchecked: index]
            if isNear && count >= leastCount && count < ceilings[unchecked: index] {
                selection[unchecked: found] = UInt16(truncatingIfNeeded: index)
                found &+= 1
            }
            index += 1
        }
        return found
    }
}
