internal import DistanceKernels

/// Portfolios as lanes, with bounds above them: a dense column for each product, or, where every portfolio has all of its
/// products in the same amount, a single column for that amount and bits for the products.
///
/// Level 0 has a lane for every portfolio, in search order. A lane of the next level stands for a group of sixteen lanes
/// below: the highest value of each column, the highest start and the union of the supports; where products are counted,
/// also what all of them hold, which the query may lack. Its score is an upper bound of theirs, and if its support does
/// not qualify, none of theirs does. So one kernel serves all levels.
struct LaneIndex: Sendable {
    /// Groups of one level, and the memory that they lie in.
    struct Level: Sendable {
        let laneCount: Int
        fileprivate let values: AlignedMemory<SIMD16<Float>>
        fileprivate let starts: AlignedMemory<SIMD16<Float>>
        fileprivate let supports: AlignedMemory<SIMD16<UInt32>>
        /// See ``LaneGroups/limits``.
        private let limits: AlignedMemory<SIMD16<UInt32>>?
        private let isCounted: Bool
        private let productCount: Int
        private let columnCount: Int
        private let wordCount: Int

        init(laneCount: Int, productCount: Int, isCounted: Bool, areBounds: Bool = false) {
            self.laneCount = laneCount
            self.isCounted = isCounted
            self.productCount = productCount
            columnCount = isCounted ? 1 : productCount
            wordCount = LaneIndex.wordCount(ofColumns: productCount)
            let groupCount = (laneCount + LaneGroups.laneCount - 1) / LaneGroups.laneCount
            values = AlignedMemory(repeating: SIMD16(repeating: 0), count: groupCount * columnCount)
            starts = AlignedMemory(repeating: SIMD16(repeating: -.infinity), count: groupCount)
            supports = AlignedMemory(repeating: .zero, count: groupCount * wordCount)
            limits =
                isCounted && areBounds ? AlignedMemory(repeating: .zero, count: groupCount * (wordCount + 1)) : nil
        }

        var groupCount: Int { starts.count }

        var groups: LaneGroups {
            LaneGroups(
                values: values.start, starts: starts.start, supports: supports.start, limits: limits?.start,
                columnCount: columnCount, wordCount: wordCount)
        }

        /// Puts a portfolio into its lane.
        func set(_ portfolio: OrderedPortfolios.Record, ofLane lane: Int) {
            let (group, offset) = (lane / LaneGroups.laneCount, lane % LaneGroups.laneCount)
            starts.start[group][offset] = portfolio.start
            for column in 0..<portfolio.size {
                let product = Int(portfolio.products[column])
                values.start[group * columnCount + (isCounted ? 0 : product)][offset] = portfolio.laneValues[column]
                supports.start[group * wordCount + product / 32][offset] |= 1 << UInt32(product % 32)
            }
        }

        /// The level above: a lane for every group of this one.
        fileprivate func bounds() -> Level {
            let bounds = Level(
                laneCount: groupCount, productCount: productCount, isCounted: isCounted, areBounds: true)
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
                if let limits = bounds.limits { limit(group, in: limits.start + above * (wordCount + 1), lane) }
            }
            return bounds
        }

        /// Writes down what all lanes of a group have in common, and the most products that any of them has.
        private func limit(_ group: Int, in limits: UnsafeMutablePointer<SIMD16<UInt32>>, _ lane: Int) {
            let used = 0..<min(LaneGroups.laneCount, laneCount - group * LaneGroups.laneCount)
            let words = self.limits.map { $0.start + group * (wordCount + 1) } ?? supports.start + group * wordCount
            for word in 0..<wordCount {
                limits[word][lane] = used.reduce(.max) { $0 & words[word][$1] }
            }
            let sizes = used.map { lane -> UInt32 in
                if self.limits != nil { return words[wordCount][lane] }
                return (0..<wordCount).reduce(0) { $0 + UInt32(words[$1][lane].nonzeroBitCount) }
            }
            limits[wordCount][lane] = sizes.max() ?? 0
        }
    }

    /// From the portfolios up to the level that is searched first.
    let levels: [Level]

    /// Groups of the highest level, at most: fewer would take longer to bound than to visit.
    private static let topGroupCount = 64

    /// Words of a support.
    static func wordCount(ofColumns columnCount: Int) -> Int { (columnCount + 31) / 32 }

    /// Lays out portfolios in their order.
    ///
    /// - Parameter isCounted: Whether a single column will do: all values of a portfolio are the same.
    init(_ portfolios: OrderedPortfolios, productCount: Int, isCounted: Bool = false) throws {
        let level = Level(laneCount: portfolios.count, productCount: productCount, isCounted: isCounted)
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
