internal import DistanceKernels

/// Portfolios as lists of holders for each product, and for each column of attributes, for the many products of which a portfolio has few.
///
/// Portfolios, in search order, are cut into blocks. Each block lists, per product, the portfolios that hold it and their
/// values: the scores of a query with all portfolios of a block accumulate over the lists of the query's products.
struct HolderLists: Sendable {
    /// Portfolios in a block: their scores, 16 KiB, stay in the first-level cache.
    static let blockCapacity = 4096

    /// The score of each portfolio before any overlap; the last block is filled up with minus infinity.
    let starts: AlignedMemory<Float>
    /// The bits of each portfolio's products, see ``bit(ofProduct:)``: who has a bit that another lacks holds something that
    /// the other lacks, and most who do are known by that.
    let signatures: AlignedMemory<UInt64>
    /// Positions of the holders inside their block.
    let holders: AlignedMemory<UInt16>
    /// The holders' values.
    let values: AlignedMemory<Float>

    private let columnCount: Int
    /// Where the list of (block, column) begins, at `block * columnCount + column`; one more at the end.
    private let offsets: [Int]

    /// Lists the holders of portfolios in their order.
    init(_ portfolios: OrderedPortfolios, _ vectors: PortfolioVectors) throws {
        let columnCount = vectors.columnCount
        self.columnCount = columnCount
        let capacity = Self.blockCapacity
        let blockCount = (portfolios.count + capacity - 1) / capacity
        starts = AlignedMemory(repeating: -.infinity, count: blockCount * capacity)
        signatures = AlignedMemory(repeating: 0, count: portfolios.count)
        var offsets = [Int](repeating: 0, count: blockCount * columnCount + 1)
        for position in 0..<portfolios.count {
            let portfolio = portfolios[position]
            for place in 0..<portfolio.size {
                offsets[position / capacity * columnCount + Int(portfolio.columns[place]) + 1] += 1
            }
        }
        for list in 1..<max(1, offsets.count) {
            offsets[list] += offsets[list - 1]
        }
        var next = offsets
        holders = AlignedMemory(repeating: 0, count: offsets[offsets.count - 1])
        values = AlignedMemory(repeating: 0, count: offsets[offsets.count - 1])
        for position in 0..<portfolios.count {
            if position.isMultiple(of: PeerIndex.cancellationInterval) { try Task.checkCancellation() }
            let portfolio = portfolios[position]
            starts.start[position] = portfolio.start
            for place in 0..<portfolio.productCount {
                signatures.start[position] |= Self.bit(ofProduct: portfolio.columns[place])
            }
            for place in 0..<portfolio.size {
                let list = position / capacity * columnCount + Int(portfolio.columns[place])
                holders.start[next[list]] = UInt16(position % capacity)
                values.start[next[list]] = portfolio.laneValues[place]
                next[list] += 1
            }
        }
        self.offsets = offsets
    }

    /// The bit that stands for a product and some others.
    static func bit(ofProduct product: Int32) -> UInt64 { 1 << UInt64(product % 64) }

    var blockCount: Int { starts.count / Self.blockCapacity }

    /// Where the holders of a column in a block are in ``holders`` and ``values``.
    func list(ofColumn column: Int32, inBlock block: Int) -> Range<Int> {
        let list = block * columnCount + Int(column)
        return offsets[list]..<offsets[list + 1]
    }
}
