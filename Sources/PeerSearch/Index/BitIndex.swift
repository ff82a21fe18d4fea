internal import DistanceKernels

/// Portfolios whose values are all 1, as bits: one for each portfolio and product, 512 portfolios to a vector.
///
/// The distance of two of them depends on their sizes and the number of shared products alone. So portfolios are kept by
/// size, and those of one size begin with a new block of lanes; a block's distances are as many as numbers of shared
/// products.
struct BitIndex: Sendable {
    /// The portfolios with one number of products.
    struct SizeClass: Sendable {
        /// Products held.
        let size: Int
        /// Where they are; the last block is filled up with lanes that no portfolio has.
        let blocks: Range<Int>
    }

    /// Ascending by size.
    let classes: [SizeClass]
    /// The portfolios by size, and those of one size in the order of their products, in which they come.
    let order: [Int32]
    /// The portfolio of each lane; -1 for a lane that is not used.
    let portfolios: AlignedMemory<Int32>
    /// The clients of each lane's portfolio; 0 for a lane that is not used.
    let clients: AlignedMemory<Int32>

    /// By product, then by block.
    private let bits: AlignedMemory<SIMD8<UInt64>>
    private let blockCount: Int

    /// Lays out portfolios.
    init(_ portfolios: Portfolios) throws {
        var (classes, blockCount) = ([SizeClass](), 0)
        for (size, count) in Self.countsBySize(portfolios).enumerated() where count > 0 {
            let end = blockCount + Self.blockCount(ofLanes: count)
            classes.append(SizeClass(size: size, blocks: blockCount..<end))
            blockCount = end
        }
        var lanes = [Int](repeating: 0, count: portfolios.productCount + 1)
        for sizeClass in classes { lanes[sizeClass.size] = sizeClass.blocks.lowerBound * BitColumns.laneCount }
        self.classes = classes
        self.blockCount = blockCount
        self.portfolios = AlignedMemory(repeating: -1, count: blockCount * BitColumns.laneCount)
        clients = AlignedMemory(repeating: 0, count: blockCount * BitColumns.laneCount)
        bits = AlignedMemory(repeating: .zero, count: portfolios.productCount * blockCount)
        let words = UnsafeMutableRawPointer(bits.start).assumingMemoryBound(to: UInt64.self)
        for portfolio in 0..<portfolios.count {
            if portfolio.isMultiple(of: PeerIndex.cancellationInterval) { try Task.checkCancellation() }
            let columns = portfolios.columns(of: portfolio)
            let lane = lanes[columns.count]
            lanes[columns.count] += 1
            self.portfolios.start[lane] = Int32(portfolio)
            clients.start[lane] = Int32(portfolios.multiplicity(of: portfolio))
            for column in columns {
                let word = Int(portfolios.products[column]) * blockCount * 8 + lane / 64
                words[word] |= 1 << UInt64(lane % 64)
            }
        }
        order = (0..<self.portfolios.count).lazy.map { [portfolios = self.portfolios] in portfolios.start[$0] }
            .filter { $0 >= 0 }
    }

    /// The blocks of a product.
    func start(ofProduct product: Int) -> UnsafePointer<SIMD8<UInt64>> {
        UnsafePointer(bits.start + product * blockCount)
    }

    /// Lanes, used or not, in all classes.
    var laneCount: Int { portfolios.count }

    /// The memory that the bits of some portfolios would take.
    static func byteCount(_ portfolios: Portfolios) -> Int {
        let blockCount = countsBySize(portfolios).reduce(0) { $0 + Self.blockCount(ofLanes: $1) }
        return blockCount * portfolios.productCount * MemoryLayout<SIMD8<UInt64>>.stride
    }

    private static func blockCount(ofLanes count: Int) -> Int {
        (count + BitColumns.laneCount - 1) / BitColumns.laneCount
    }

    private static func countsBySize(_ portfolios: Portfolios) -> [Int] {
        var counts = [Int](repeating: 0, count: portfolios.productCount + 1)
        for portfolio in 0..<portfolios.count { counts[portfolios.columns(of: portfolio).count] += 1 }
        return counts
    }
}
