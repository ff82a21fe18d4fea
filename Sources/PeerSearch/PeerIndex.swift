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

    init(portfolios: Portfolios, model: PeerModel, kernel: SearchKernel, layout choice: LayoutChoice) throws {
        self.portfolios = portfolios
        self.model = model
        self.kernel = kernel
        if choice == .bits {
            let bits = try BitIndex(portfolios)
            layout = .bits(bits)
            order = bits.order
        } else {
            let scores = try ScoreIndex(portfolios: portfolios, model: model, kernel: kernel, layout: choice)
            layout = .scores(scores)
            order = scores.order
        }
    }
}

/// Which layout promises the least work.
enum LayoutChoice: Sendable, Hashable, CaseIterable {
    case lanes
    case batchedLanes
    /// For the encoding ``Encoding/binary`` only.
    case bits
    case lists

    /// Bits are the fastest wherever all values are 1, but a matrix of them is as large as products are many.
    private static let mostBytesOfBits = 1 << 28

    /// Estimates what one query costs, in instructions of the inner loops.
    init(_ portfolios: Portfolios, as encoding: Encoding) {
        if encoding == .binary && BitIndex.byteCount(portfolios) <= Self.mostBytesOfBits {
            self = .bits
            return
        }
        let count = Double(portfolios.count)
        let size = Double(portfolios.products.count) / max(1, count)
        var holders = [Double](repeating: 0, count: portfolios.productCount)
        for product in portfolios.products { holders[Int(product)] += 1 }
        // A query meets every holder of each of its products.
        let lists = holders.reduce(0) { $0 + $1 * $1 } / max(1, count)
        // It meets a group of lanes in about one of five cases; columns far apart in memory cost more to fetch.
        let lanes = 0.2 * count / 16 * (size + 4) * (1 + Double(portfolios.productCount) / 64)
        if lists < lanes {
            self = .lists
        } else {
            // A tile computes every column for every query, about eight times as fast as one query alone.
            self = size > Double(portfolios.productCount) / 3 ? .batchedLanes : .lanes
        }
    }
}
