internal import DistanceKernels

/// Portfolios as dense columns of lanes, with bounds above them.
///
/// Level 0 has a lane for every portfolio, in search order. A lane of the next level stands for a group of sixteen lanes
/// below: the highest value of each column, the highest start and the union of the supports. Its score is an upper bound
/// of theirs, and if its support does not qualify, none of theirs does. So one kernel serves all levels.
struct LaneIndex: Sendable {
    /// Groups of one level, and the memory that they lie in.
    struct Level: Sendable {
        let laneCount: Int
        fileprivate let values: AlignedMemory<SIMD16<Float>>
        fileprivate let starts: AlignedMemory<SIMD16<Float>>
        fileprivate let supports: AlignedMemory<SIMD16<UInt32>>
        private let columnCount: Int
        private let wordCount: Int

        init(laneCount: Int, columnCount: Int) {
            self.laneCount = laneCount
            self.columnCount = columnCount
            wordCount = LaneIndex.wordCount(ofColumns: columnCount)
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

        /// Puts a portfolio into a lane that has none.
        func set(_ portfolio: OrderedPortfolios.Record, ofLane lane: Int) {
            let (values, supports) = pointers(toLane: lane)
            let (products, laneValues) = (portfolio.products, portfolio.laneValues)
            for column in 0..<portfolio.size {
                let product = Int(products[column])
                values[LaneGroups.laneCount &* product] = laneValues[column]
                supports[LaneGroups.laneCount &* (product >> 5)] |= 1 << UInt32(product & 31)
            }
            UnsafeMutableRawPointer(starts.start).assumingMemoryBound(to: Float.self)[lane] = portfolio.start
        }

        /// Takes a portfolio out of its lane.
        func clear(_ portfolio: OrderedPortfolios.Record, ofLane lane: Int) {
            let (values, supports) = pointers(toLane: lane)
            let products = portfolio.products
            for column in 0..<portfolio.size {
                let product = Int(products[column])
                values[LaneGroups.laneCount &* product] = 0
                supports[LaneGroups.laneCount &* (product >> 5)] = 0
            }
        }

        /// Where the numbers of a lane begin; the next column, or word, is sixteen numbers further.
        private func pointers(
            toLane lane: Int
        ) -> (values: UnsafeMutablePointer<Float>, supports: UnsafeMutablePointer<UInt32>) {
            let (group, offset) = (lane / LaneGroups.laneCount, lane % LaneGroups.laneCount)
            return (
                UnsafeMutableRawPointer(values.start + group * columnCount)
                    .assumingMemoryBound(to: Float.self) + offset,
                UnsafeMutableRawPointer(supports.start + group * wordCount)
                    .assumingMemoryBound(to: UInt32.self) + offset
            )
        }

        /// The level above: a lane for every group of this one.
        fileprivate func bounds() -> Level {
            let bounds = Level(laneCount: groupCount, columnCount: columnCount)
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
    static func wordCount(ofColumns columnCount: Int) -> Int { (columnCount + 31) / 32 }

    /// Lays out portfolios in their order.
    init(_ portfolios: OrderedPortfolios, columnCount: Int) {
        let level = Level(laneCount: portfolios.count, columnCount: columnCount)
        for lane in 0..<portfolios.count {
            level.set(portfolios[lane], ofLane: lane)
        }
        var levels = [level]
        while let last = levels.last, last.groupCount > Self.topGroupCount {
            levels.append(last.bounds())
        }
        self.levels = levels
    }
}
