internal import DistanceKernels

/// Portfolios as lanes, a dense column for each product and each column of attributes, with bounds above them.
///
/// Level 0 has a lane for every portfolio, in search order. A lane of the next level stands for a group of sixteen lanes
/// below: the highest value of each column, the highest start and the union of the supports. Its score is an upper bound
/// of theirs, and if its support does not qualify, none of theirs does. So one kernel serves all levels.
///
/// Supports are sets of products: attributes make nobody a peer.
struct LaneIndex: Sendable {
    /// Groups of one level, and the memory that they lie in.
    struct Level: Sendable {
        let laneCount: Int
        fileprivate let values: AlignedMemory<SIMD16<Float>>
        fileprivate let starts: AlignedMemory<SIMD16<Float>>
        fileprivate let supports: AlignedMemory<SIMD16<UInt32>>
        private let columnCount: Int
        private let wordCount: Int

        init(laneCount: Int, columnCount: Int, wordCount: Int) {
            self.laneCount = laneCount
            self.columnCount = columnCount
            self.wordCount = wordCount
            let groupCount = (laneCount + LaneGroups.laneCount - 1) / LaneGroups.laneCount
            values = AlignedMemory(repeating: SIMD16(repeating: 0), count: groupCount * columnCount)
            starts = AlignedMemory(repeating: SIMD16(repeating: -.infinity), count: groupCount)
            supports = AlignedMemory(repeating: .zero, count: groupCount * wordCount)
        }

        var groupCount: Int { starts.count }

        var groups: LaneGroups {
            LaneGroups(
                values: values.start, starts: starts.start, supports: supports.start, columnCount: columnCount,
                wordCount: wordCount)
        }

        /// Puts a portfolio into its lane.
        func set(_ portfolio: OrderedPortfolios.Record, ofLane lane: Int) {
            let (group, offset) = (lane / LaneGroups.laneCount, lane % LaneGroups.laneCount)
            starts.start[group][offset] = portfolio.start
            for place in 0..<portfolio.size {
                let column = Int(portfolio.columns[place])
                values.start[group * columnCount + column][offset] = portfolio.laneValues[place]
            }
            for place in 0..<portfolio.productCount {
                let product = Int(portfolio.columns[place])
                supports.start[group * wordCount + product / 32][offset] |= 1 << UInt32(product % 32)
            }
        }

        /// The level above: a lane for every group of this one.
        fileprivate func bounds() -> Level {
            let bounds = Level(laneCount: groupCount, columnCount: columnCount, wordCount: wordCount)
            for group in 0..<groupCount {
                let (above, lane) = group.quotientAndRemainder(dividingBy: LaneGroups.laneCount)
                for column in 0..<columnCount {
                    bounds.values.start[above * columnCount + column][lane] =
                        values.start[group * columnCount + column].max()
                }
                for word in 0..<wordCount {
                    let supports = self.supports.start[group * wordCount + word]
                    var union: UInt32 = 0
                    for lane in supports.indices { union |= supports[lane] }
                    bounds.supports.start[above * wordCount + word][lane] = union
                }
                bounds.starts.start[above][lane] = starts.start[group].max()
            }
            return bounds
        }
    }

    /// From the portfolios up to the level that is searched first.
    let levels: [Level]

    /// Groups of the highest level, at most: fewer would take longer to bound than to visit.
    private static let topGroupCount = 64

    /// Words of a support.
    static func wordCount(ofProducts productCount: Int) -> Int { (productCount + 31) / 32 }

    /// Lays out portfolios in their order.
    init(_ portfolios: OrderedPortfolios, _ vectors: PortfolioVectors) throws {
        let level = Level(
            laneCount: portfolios.count, columnCount: vectors.columnCount,
            wordCount: Self.wordCount(ofProducts: vectors.productCount))
        for lane in 0..<portfolios.count {
            if lane.isMultiple(of: PeerIndex.cancellationInterval) { try Task.checkCancellation() }
            level.set(portfolios[lane], ofLane: lane)
        }
        var levels = [level]
        while let last = levels.last, last.groupCount > Self.topGroupCount {
            levels.append(last.bounds())
        }
        self.levels = levels
    }
}
