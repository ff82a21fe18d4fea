internal import DistanceKernels

/// Portfolios laid out for a search by Float32 scores, see ``ScoreFilter``.
struct ScoreIndex: Sendable {
    /// How portfolios are laid out in memory.
    enum Layout: Sendable {
        /// As columns of lanes.
        case lanes(LaneIndex)
        /// As columns of lanes that are searched for several queries at once: when portfolios hold most products.
        case batchedLanes(LaneIndex)
        /// As lists of holders.
        case lists(HolderLists)
    }

    let portfolios: Portfolios
    let model: PeerModel
    let kernel: SearchKernel
    let distance: PortfolioDistance
    let filter: ScoreFilter
    let layout: Layout
    /// The portfolios in an order in which similar ones are neighbors.
    let order: [Int32]
    /// The portfolios once more, in this order.
    let ordered: OrderedPortfolios
    /// The place of each portfolio in the order.
    let positions: [Int32]

    /// What becomes of vectors before they are put in order.
    struct Values: Sendable {
        let squaredNorms: [Double]
        let distance: PortfolioDistance
        let filter: ScoreFilter
        /// What each value of the vectors becomes in the kernels.
        let laneValues: [Float]

        init(_ vectors: PortfolioVectors, model: PeerModel) {
            squaredNorms = (0..<vectors.count).map {
                PortfolioDistance.squaredNorm(of: vectors.values[vectors.columns(of: $0)])
            }
            distance = PortfolioDistance(metric: model.distance, decimals: model.decimals)
            filter = ScoreFilter(vectors: vectors, squaredNorms: squaredNorms, distance: distance)
            var laneValues: [Float] = []
            laneValues.reserveCapacity(vectors.values.count)
            for portfolio in 0..<vectors.count {
                let norm = squaredNorms[portfolio].squareRoot()
                for column in vectors.columns(of: portfolio) {
                    laneValues.append(filter.laneValue(vectors.values[column], norm: norm))
                }
            }
            self.laneValues = laneValues
        }

        /// The order for a layout.
        func order(of vectors: PortfolioVectors, for choice: LayoutChoice) throws -> [Int32] {
            // Lists have no bounds, and gain no more from a better order than it costs.
            choice == .lists
                ? Array(0..<Int32(vectors.count)) : try SearchOrder.order(of: vectors, laneValues: laneValues)
        }

        /// The same with some tasks at once.
        func order(of vectors: PortfolioVectors, for choice: LayoutChoice, width: Int) async throws -> [Int32] {
            choice == .lists
                ? try order(of: vectors, for: choice)
                : try await SearchOrder.order(of: vectors, laneValues: laneValues, width: width)
        }
    }

    /// Lays out portfolios in an order of their values.
    init(
        portfolios: Portfolios, model: PeerModel, kernel: SearchKernel, layout choice: LayoutChoice, values: Values,
        order: [Int32]
    ) throws {
        self.portfolios = portfolios
        self.model = model
        self.kernel = kernel
        let (vectors, filter) = (portfolios.vectors, values.filter)
        let ordered = try OrderedPortfolios(
            portfolios, order: order, squaredNorms: values.squaredNorms, laneValues: values.laneValues, filter: filter)
        distance = values.distance
        self.filter = filter
        self.order = order
        self.ordered = ordered
        var positions = [Int32](repeating: 0, count: order.count)
        for (position, portfolio) in order.enumerated() { positions[Int(portfolio)] = Int32(position) }
        self.positions = positions
        switch choice {
        case .lists:
            layout = .lists(try HolderLists(ordered, vectors))
        case .batchedLanes:
            layout = .batchedLanes(try LaneIndex(ordered, vectors))
        case .lanes, .bits:
            layout = .lanes(try LaneIndex(ordered, vectors))
        }
    }
}
