import DistanceKernels

/// The overlaps of one query with the portfolios of one block: scratch memory of about 30 KiB.
struct BlockOverlaps {
    /// The overlap of each portfolio of the block, by its position.
    private(set) var overlaps = [Double](repeating: 0, count: BaselineKernels.blockCapacity)
    /// The positions that ``select(query:block:floor:in:)`` found, followed by leftovers.
    private(set) var selection = [UInt16](repeating: 0, count: BaselineKernels.blockCapacity)

    private var counts = [Int32](repeating: 0, count: BaselineKernels.blockCapacity)

    /// Accumulates the overlap of the query with every portfolio of a block, ascending by product.
    mutating func accumulate(query: Int, block: Int, in index: PeerIndex) {
        Self.accumulate(query: query, block: block, in: index, overlaps: &overlaps, counts: &counts)
    }

    /// Lists the portfolios of the accumulated block that may be peers, at the beginning of ``selection``.
    ///
    /// - Parameter floor: The least scaled overlap, see ``DistanceFilter``.
    /// - Returns: The number of positions found.
    mutating func select(block: Int, floor: Double, in index: PeerIndex) -> Int {
        Self.select(block: block, floor: floor, in: index, overlaps: overlaps, counts: counts, selection: &selection)
    }

    // Spans of several stored properties cannot be formed at once, those of several parameters can.

    private static func accumulate(
        query: Int, block: Int, in index: PeerIndex, overlaps: inout [Double], counts: inout [Int32]
    ) {
        var overlaps = overlaps.mutableSpan
        var counts = counts.mutableSpan
        overlaps.update(repeating: 0)
        counts.update(repeating: 0)
        for column in index.portfolios.columns(of: query) {
            let list = index.list(ofProduct: index.portfolios.products[column], inBlock: block)
            let weight = index.portfolios.values[column]
            let holders = index.holders.span.extracting(list)
            let values = index.holderValues.span.extracting(list)
            if index.model.distance == .manhattan {
                BaselineKernels.accumulateMinima(
                    weight: weight, holders: holders, values: values, overlaps: &overlaps, counts: &counts)
            } else {
                BaselineKernels.accumulateProducts(
                    weight: weight, holders: holders, values: values, overlaps: &overlaps, counts: &counts)
            }
        }
    }

    private static func select(
        block: Int, floor: Double, in index: PeerIndex,
        overlaps: [Double], counts: [Int32], selection: inout [UInt16]
    ) -> Int {
        let portfolios = index.portfolios(ofBlock: block)
        var selection = selection.mutableSpan
        return BaselineKernels.select(
            overlaps: overlaps.span.extracting(..<portfolios.count),
            counts: counts.span.extracting(..<portfolios.count),
            slopes: index.filter.slopes.span.extracting(portfolios),
            offsets: index.filter.offsets.span.extracting(portfolios),
            ceilings: index.ceilings.span.extracting(portfolios),
            floor: floor,
            leastCount: Int32(clamping: index.model.minOverlap),
            into: &selection
        )
    }
}
