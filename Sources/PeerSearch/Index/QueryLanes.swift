internal import DistanceKernels

/// One query in the form that kernels take, with what decides on who qualifies as its peer.
///
/// A class, because kernels keep pointers into its memory, which belongs to one worker.
final class QueryLanes {
    private let portfolios: OrderedPortfolios
    private let filter: ScoreFilter
    private let model: PeerModel
    private let overlap: Overlap
    private let columns: AlignedMemory<Int32>
    private let values: AlignedMemory<Float>
    private let outside: AlignedMemory<UInt32>
    private let inside: AlignedMemory<UInt32>
    /// 1 for the products of the query, by column: 0 for all columns of attributes.
    private let isHeld: AlignedMemory<UInt8>
    private let valueOfColumn: AlignedMemory<Float>

    /// Clients who are looked for.
    var k: Int { model.k }
    /// The query's place in the search order.
    private(set) var position = -1
    /// Columns of the query: its products, then those of its attributes.
    private(set) var size = 0
    /// Products of the query, the first of its columns.
    private(set) var productCount = 0
    /// X, see ``ScoreFilter``.
    private(set) var norm = 1.0

    init(index: ScoreIndex) {
        portfolios = index.ordered
        filter = index.filter
        model = index.model
        overlap = index.model.distance == .manhattan ? .minimum : .product
        let columnCount = index.portfolios.vectors.columnCount
        let wordCount = LaneIndex.wordCount(ofProducts: index.portfolios.productCount)
        columns = AlignedMemory(repeating: 0, count: columnCount)
        values = AlignedMemory(repeating: 0, count: columnCount)
        outside = AlignedMemory(repeating: .max, count: wordCount)
        inside = AlignedMemory(repeating: .max, count: wordCount)
        isHeld = AlignedMemory(repeating: 0, count: max(1, columnCount))
        valueOfColumn = AlignedMemory(repeating: 0, count: columnCount)
    }

    /// Takes another query.
    func load(position: Int) {
        for place in 0..<size {
            isHeld.start[Int(columns.start[place])] = 0
            valueOfColumn.start[Int(columns.start[place])] = 0
        }
        self.position = position
        let portfolio = portfolios[position]
        size = portfolio.size
        productCount = portfolio.productCount
        norm = filter.norm(of: UnsafeBufferPointer(start: portfolio.values, count: size))
        // Any bit will do where a condition is not asked for: every support has one.
        outside.start.update(repeating: .max, count: outside.count)
        inside.start.update(repeating: model.minOverlap > 0 ? 0 : .max, count: inside.count)
        for place in 0..<size {
            let column = Int(portfolio.columns[place])
            let value = portfolio.laneValues[place]
            columns.start[place] = Int32(column)
            values.start[place] = value
            valueOfColumn.start[column] = value
        }
        for place in 0..<productCount {
            let product = Int(portfolio.columns[place])
            isHeld.start[product] = 1
            if model.isInformative { outside.start[product / 32] &= ~(1 << UInt32(product % 32)) }
            if model.minOverlap > 0 { inside.start[product / 32] |= 1 << UInt32(product % 32) }
        }
    }

    var lanes: LaneQuery {
        LaneQuery(
            overlap: overlap, columns: columns.start, values: values.start, count: size,
            outside: outside.start, inside: inside.start)
    }

    /// Whether a portfolio shares enough products once its support has qualified.
    var sharesEnough: Bool { model.minOverlap <= 1 }

    /// The clients of every portfolio, by its position.
    var clientsByPosition: UnsafePointer<Int32> { UnsafePointer(portfolios.clients.start) }

    /// The clients of a portfolio who count as peers, if its support has qualified already: everybody but the client
    /// who asks, unless the portfolio shares too few products.
    @inline(__always)
    func clients(at other: Int) -> Int32 {
        if model.minOverlap > 1, sharedProducts(with: portfolios[other]) < model.minOverlap { return 0 }
        return max(0, portfolios.clients.start[other] &- (other == position ? 1 : 0))
    }

    /// The score that everybody within the distance of some score has.
    func floor(ofScore score: Double) -> Float {
        filter.floor(ofScore: score, norm: norm, size: size)
    }

    /// The query's value of a column, 0 if it has none.
    func value(ofColumn column: Int32) -> Float {
        valueOfColumn.start[Int(column)]
    }

    /// Whether the support of a portfolio qualifies it as a peer.
    @inline(__always)
    func qualifies(_ other: Int) -> Bool {
        let portfolio = portfolios[other]
        let shared = sharedProducts(with: portfolio)
        return shared >= model.minOverlap && (shared < portfolio.productCount || !model.isInformative)
    }

    /// The products of a portfolio that the query holds, too.
    @inline(__always)
    private func sharedProducts(with portfolio: OrderedPortfolios.Record) -> Int {
        let (columns, isHeld) = (portfolio.columns, isHeld.start)
        var shared = 0
        var column = 0
        while column < portfolio.columnCount {
            for column in column..<(column &+ OrderedPortfolios.columnsPerStep) {
                shared &+= Int(isHeld[Int(columns[column])])
            }
            column &+= OrderedPortfolios.columnsPerStep
        }
        // The columns that fill up the last step are those of product 0.
        return shared &- (portfolio.columnCount &- portfolio.size) &* Int(isHeld[0])
    }
}
