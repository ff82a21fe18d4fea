internal import DistanceKernels

/// The portfolios once more, in search order, each in one piece of memory: whoever looks at one waits for one or two cache
/// lines, not for one per property.
final class OrderedPortfolios: Sendable {
    /// A portfolio in memory.
    ///
    /// Columns are filled up to a multiple of four with column 0 and value 0, which change no sum: most portfolios are
    /// done with one step of a loop whose end the processor foresees.
    struct Record {
        fileprivate static let headByteCount = 32
        fileprivate static let stepByteCount = 64
        fileprivate let head: UnsafeMutableRawPointer

        fileprivate struct Head {
            var squaredNorm: Double
            var size: Int32
            var start: Float
            var stepCount: Int32
            var productCount: Int32
        }

        private var properties: UnsafePointer<Head> {
            UnsafePointer(head.assumingMemoryBound(to: Head.self))
        }

        /// |x|².
        var squaredNorm: Double { properties.pointee.squaredNorm }
        /// Columns that are not 0: those of products, then those of attributes.
        var size: Int { Int(properties.pointee.size) }
        /// Products held: the first of the columns.
        var productCount: Int { Int(properties.pointee.productCount) }
        /// The score before any overlap.
        var start: Float { properties.pointee.start }
        /// Steps of four columns.
        var stepCount: Int { Int(properties.pointee.stepCount) }
        /// Columns, those that fill up the last step included.
        var columnCount: Int { stepCount &* OrderedPortfolios.columnsPerStep }
        /// The columns that are not 0, ascending: products, then attributes, see ``PortfolioVectors``.
        var columns: UnsafeMutablePointer<Int32> {
            (head + Self.headByteCount).assumingMemoryBound(to: Int32.self)
        }
        /// The value of each column.
        var values: UnsafeMutablePointer<Double> {
            (head + Self.headByteCount + 16 &* stepCount).assumingMemoryBound(to: Double.self)
        }
        /// What these values become in the kernels.
        var laneValues: UnsafeMutablePointer<Float> {
            (head + Self.headByteCount + 48 &* stepCount).assumingMemoryBound(to: Float.self)
        }
    }

    /// Columns that a step of a loop takes.
    static let columnsPerStep = 4

    /// Portfolios.
    let count: Int
    /// Clients of each portfolio, in whole groups of lanes.
    ///
    /// Together, because whoever counts hits needs only these.
    let clients: AlignedMemory<Int32>
    /// The number of each portfolio.
    let portfolios: AlignedMemory<Int32>
    /// Y of each portfolio, see ``ScoreFilter``.
    let norms: AlignedMemory<Double>

    private let memory: AlignedMemory<UInt64>
    /// Where each record begins, in words of eight bytes.
    private let offsets: AlignedMemory<Int>

    init(
        _ portfolios: Portfolios, order: [Int32], squaredNorms: [Double], laneValues: [Float], filter: ScoreFilter
    ) throws {
        let vectors = portfolios.vectors
        count = order.count
        clients = AlignedMemory(
            repeating: 0, count: (order.count + LaneGroups.laneCount - 1) / LaneGroups.laneCount * LaneGroups.laneCount)
        norms = AlignedMemory(repeating: 0, count: order.count)
        self.portfolios = AlignedMemory(copying: order)
        offsets = AlignedMemory(repeating: 0, count: order.count)
        var byteCount = 0
        for (position, portfolio) in order.enumerated() {
            offsets.start[position] = byteCount / 8
            let stepCount = Self.stepCount(ofColumns: vectors.columns(of: Int(portfolio)).count)
            byteCount += Record.headByteCount + Record.stepByteCount * stepCount
        }
        memory = AlignedMemory(repeating: 0, count: byteCount / 8)
        for (position, portfolio) in order.lazy.map({ Int($0) }).enumerated() {
            if position.isMultiple(of: PeerIndex.cancellationInterval) { try Task.checkCancellation() }
            let columns = vectors.columns(of: portfolio)
            clients.start[position] = Int32(portfolios.multiplicity(of: portfolio))
            norms.start[position] = filter.norm(of: vectors.values[columns])
            let record = self[position]
            record.head.storeBytes(
                of: Record.Head(
                    squaredNorm: squaredNorms[portfolio], size: Int32(columns.count),
                    start: filter.start(norm: norms.start[position]),
                    stepCount: Int32(Self.stepCount(ofColumns: columns.count)),
                    productCount: Int32(portfolios.columns(of: portfolio).count)),
                as: Record.Head.self)
            for (place, column) in columns.enumerated() {
                record.columns[place] = vectors.columns[column]
                record.values[place] = vectors.values[column]
                record.laneValues[place] = laneValues[column]
            }
        }
    }

    /// The portfolio at a place in the order.
    @inline(__always)
    subscript(position: Int) -> Record {
        Record(head: UnsafeMutableRawPointer(memory.start + offsets.start[position]))
    }

    /// The clients of the sixteen portfolios of a group of lanes, 0 for lanes that are not used.
    @inline(__always)
    func clients(ofGroup group: Int) -> SIMD16<Int32> {
        UnsafeRawPointer(clients.start).assumingMemoryBound(to: SIMD16<Int32>.self)[group]
    }

    private static func stepCount(ofColumns columnCount: Int) -> Int {
        (columnCount + columnsPerStep - 1) / columnsPerStep
    }
}
