internal import DistanceKernels

/// Everything that the search for peers needs and that is the same for all queries.
public struct PeerIndex: Sendable {
    /// How portfolios are laid out in memory.
    enum Layout: Sendable {
        /// As columns of lanes.
        case lanes(LaneIndex)
        /// As columns of lanes that are searched for several queries at once: when portfolios hold most products.
        case batchedLanes(LaneIndex, LaneSample)
        /// As lanes of bits: when all values are equal.
        case countedLanes(LaneIndex)
        /// As lists of holders.
        case lists(HolderLists)
    }

    /// The portfolios that are searched.
    public let portfolios: Portfolios
    /// What counts as a peer.
    public let model: PeerModel
    /// What the inner loops run on.
    public let kernel: SearchKernel
    /// The portfolios in an order in which similar ones are neighbors.
    ///
    /// Searching for their peers in this order is fastest: a search begins where the one before has ended.
    public let order: [Int32]

    /// Portfolios between two looks at whether the task was cancelled: a few milliseconds of work.
    static let cancellationInterval = 1 << 14

    let distance: PortfolioDistance
    let filter: ScoreFilter
    let layout: Layout
    let ordered: OrderedPortfolios
    /// The place of each portfolio in the order.
    let positions: [Int32]

    /// Prepares the search.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios in the encoding of `model`; may be empty.
    ///   - model: What counts as a peer.
    ///   - kernel: What the inner loops run on; changes the speed, never the result.
    /// - Throws: `CancellationError` within a tenth of a second of a cancellation, at a million portfolios.
    /// - Complexity: O(n log n + held pairs), and, laid out as lanes, O(n x products).
    public init(portfolios: Portfolios, model: PeerModel, kernel: SearchKernel = .best) throws {
        try self.init(
            portfolios: portfolios, model: model, kernel: kernel, layout: LayoutChoice(portfolios, as: model.encoding))
    }

    init(portfolios: Portfolios, model: PeerModel, kernel: SearchKernel, layout choice: LayoutChoice) throws {
        self.portfolios = portfolios
        self.model = model
        self.kernel = kernel
        let squaredNorms = (0..<portfolios.count).map {
            PortfolioDistance.squaredNorm(of: portfolios.values[portfolios.columns(of: $0)])
        }
        let distance = PortfolioDistance(metric: model.distance, decimals: model.decimals)
        let filter = ScoreFilter(portfolios: portfolios, squaredNorms: squaredNorms, distance: distance)
        var laneValues: [Float] = []
        laneValues.reserveCapacity(portfolios.values.count)
        for portfolio in 0..<portfolios.count {
            let norm = squaredNorms[portfolio].squareRoot()
            for column in portfolios.columns(of: portfolio) {
                laneValues.append(filter.laneValue(portfolios.values[column], norm: norm))
            }
        }
        let order =
            switch choice {
            case .lanes, .batchedLanes: try SearchOrder.order(of: portfolios, laneValues: laneValues)
            case .countedLanes: SearchOrder.order(bySizeOf: portfolios)
            // Lists have no bounds, and gain no more from a better order than it costs.
            case .lists: Array(0..<Int32(portfolios.count))
            }
        let ordered = try OrderedPortfolios(
            portfolios, order: order, squaredNorms: squaredNorms, laneValues: laneValues, filter: filter)
        self.distance = distance
        self.filter = filter
        self.order = order
        self.ordered = ordered
        var positions = [Int32](repeating: 0, count: order.count)
        for (position, portfolio) in order.enumerated() { positions[Int(portfolio)] = Int32(position) }
        self.positions = positions
        let productCount = portfolios.productCount
        layout =
            switch choice {
            case .lanes: .lanes(try LaneIndex(ordered, productCount: productCount))
            case .batchedLanes:
                .batchedLanes(
                    try LaneIndex(ordered, productCount: productCount), LaneSample(ordered, productCount: productCount))
            case .countedLanes: .countedLanes(try LaneIndex(ordered, productCount: productCount, isCounted: true))
            case .lists: .lists(try HolderLists(ordered, productCount: productCount))
            }
    }
}

/// Which layout promises the least work.
enum LayoutChoice: Sendable, Hashable, CaseIterable {
    case lanes
    case batchedLanes
    /// For the encoding ``Encoding/binary`` only.
    case countedLanes
    case lists

    /// Estimates what one query costs, in instructions of the inner loops.
    init(_ portfolios: Portfolios, as encoding: Encoding) {
        let count = Double(portfolios.count)
        let size = Double(portfolios.products.count) / max(1, count)
        var holders = [Double](repeating: 0, count: portfolios.productCount)
        for product in portfolios.products { holders[Int(product)] += 1 }
        // A query meets every holder of each of its products.
        let lists = holders.reduce(0) { $0 + $1 * $1 } / max(1, count)
        // It meets a group of lanes in about one of five cases; columns far apart in memory cost more to fetch.
        let visits = 0.2 * count / 16
        let lanes = visits * (size + 4) * (1 + Double(portfolios.productCount) / 64)
        // Or it counts bits, all words of which lie together.
        let words = Double(LaneIndex.wordCount(ofColumns: portfolios.productCount))
        let counted = encoding == .binary ? visits * (3 + 7 * words) : .infinity
        if lists < min(lanes, counted) {
            self = .lists
        } else if counted < lanes {
            self = .countedLanes
        } else {
            // A tile computes every column for every query, about eight times as fast as one query alone.
            self = size > Double(portfolios.productCount) / 3 ? .batchedLanes : .lanes
        }
    }
}
