/// Everything that the search for peers needs and that is the same for all queries.
public struct PeerIndex: Sendable {
    /// How the search works.
    enum Layout: Sendable {
        /// By scores: any values.
        case scores(ScoreIndex)
        /// By numbers of shared products: all values are 1.
        case bits(BitIndex)
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

    let layout: Layout
    /// What every portfolio holds, for counting votes; nothing where lists of products are faster.
    let productSets: ProductSets?

    /// Portfolios between two looks at whether the task was cancelled: a few milliseconds of work.
    static let cancellationInterval = 1 << 14

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

    /// The same with some tasks at once.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios in the encoding of `model`; may be empty.
    ///   - model: What counts as a peer.
    ///   - kernel: What the inner loops run on; changes the speed, never the result.
    ///   - width: Tasks that compute at once, at least 1; changes the speed, never the result.
    /// - Throws: As ``init(portfolios:model:kernel:)``.
    public init(
        portfolios: Portfolios, model: PeerModel, kernel: SearchKernel = .best, width: Int
    ) async throws {
        let choice = LayoutChoice(portfolios, as: model.encoding)
        guard choice != .bits else {
            try self.init(portfolios: portfolios, model: model, kernel: kernel, layout: choice)
            return
        }
        let values = ScoreIndex.Values(portfolios.vectors, model: model)
        let order = try await values.order(of: portfolios.vectors, for: choice, width: width)
        let scores = try ScoreIndex(
            portfolios: portfolios, model: model, kernel: kernel, layout: choice, values: values, order: order)
        try self.init(portfolios, model, kernel, .scores(scores), order: order)
    }

    init(portfolios: Portfolios, model: PeerModel, kernel: SearchKernel, layout choice: LayoutChoice) throws {
        precondition(choice != .bits || !portfolios.haveAttributes, "bits are for values that are all 1")
        if choice == .bits {
            let bits = try BitIndex(portfolios)
            try self.init(portfolios, model, kernel, .bits(bits), order: bits.order)
        } else {
            let values = ScoreIndex.Values(portfolios.vectors, model: model)
            let order = try values.order(of: portfolios.vectors, for: choice)
            let scores = try ScoreIndex(
                portfolios: portfolios, model: model, kernel: kernel, layout: choice, values: values, order: order)
            try self.init(portfolios, model, kernel, .scores(scores), order: order)
        }
    }

    private init(
        _ portfolios: Portfolios, _ model: PeerModel, _ kernel: SearchKernel, _ layout: Layout, order: [Int32]
    ) throws {
        self.portfolios = portfolios
        self.model = model
        self.kernel = kernel
        self.layout = layout
        self.order = order
        productSets = ProductSets.areFaster(portfolios) ? try ProductSets(portfolios) : nil
    }
}

/// Which layout promises the least work.
enum LayoutChoice: Sendable, Hashable, CaseIterable {
    case lanes
    case batchedLanes
    /// For the encoding ``Encoding/binary`` without attributes only.
    case bits
    case lists

    /// Bits are the fastest wherever all values are 1, but a matrix of them is as large as products are many.
    private static let mostBytesOfBits = 1 << 28

    /// Lanes have every column of every portfolio, and an attribute may have a thousand columns of which a portfolio has
    /// one: beyond 2 GiB, lists are slower at worst, but fit.
    private static let mostBytesOfAttributeLanes = 1 << 31

    /// Estimates what one query costs, in instructions of the inner loops.
    init(_ portfolios: Portfolios, as encoding: Encoding) {
        let isAllOnes = encoding == .binary && !portfolios.haveAttributes
        if isAllOnes && BitIndex.byteCount(portfolios) <= Self.mostBytesOfBits {
            self = .bits
            return
        }
        let vectors = portfolios.vectors
        let count = Double(vectors.count)
        let size = Double(vectors.columns.count) / max(1, count)
        var holders = [Double](repeating: 0, count: vectors.columnCount)
        for column in vectors.columns { holders[Int(column)] += 1 }
        // A query meets every holder of each of its columns.
        let lists = holders.reduce(0) { $0 + $1 * $1 } / max(1, count)
        // It meets a group of lanes in about one of five cases; columns far apart in memory cost more to fetch.
        let lanes = 0.2 * count / 16 * (size + 4) * (1 + Double(vectors.columnCount) / 64)
        let isTooLarge =
            portfolios.haveAttributes
            && vectors.count * vectors.columnCount * MemoryLayout<Float>.stride > Self.mostBytesOfAttributeLanes
        if lists < lanes || isTooLarge {
            self = .lists
        } else {
            // A tile computes every column for every query, about eight times as fast as one query alone.
            self = size > Double(vectors.columnCount) / 3 ? .batchedLanes : .lanes
        }
    }
}
