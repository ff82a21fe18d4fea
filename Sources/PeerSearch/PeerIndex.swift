import DistanceKernels

/// Everything that the search for peers needs and that is the same for all queries.
///
/// The portfolios are cut into blocks of consecutive ones. Each block lists, per product, the portfolios that hold it
/// and their values: the overlap of a query with all portfolios of a block accumulates over the lists of the query's
/// products. It is x·y for cosine and euclidean, Σ min(x, y) for manhattan.
public struct PeerIndex: Sendable {
    /// The portfolios that are searched.
    public let portfolios: Portfolios
    /// What counts as a peer.
    public let model: PeerModel

    /// The name of the kernels that the search runs on.
    public static var kernelName: String { BaselineKernels.name }

    let distance: PortfolioDistance
    let filter: DistanceFilter
    /// Per portfolio, the number of shared products from which on it is no peer: its size when peers must be
    /// informative (all of its products are shared then), otherwise out of reach.
    let ceilings: [Int32]

    /// Where the list of (block, product) begins, at `block * productCount + product`; one more at the end.
    private let listOffsets: [Int]
    /// Positions of the holders inside their block.
    let holders: [UInt16]
    /// The holders' values.
    let holderValues: [Double]

    /// Prepares the search.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios in the encoding of `model`; may be empty.
    ///   - model: What counts as a peer.
    /// - Complexity: O(held pairs + blocks x products).
    public init(portfolios: Portfolios, model: PeerModel) {
        self.portfolios = portfolios
        self.model = model
        distance = PortfolioDistance(portfolios: portfolios, metric: model.distance, decimals: model.decimals)
        filter = DistanceFilter(distance: distance)
        ceilings = (0..<portfolios.count).map { portfolio in
            model.isInformative ? Int32(portfolios.columns(of: portfolio).count) : .max
        }

        let productCount = portfolios.productCount
        let capacity = BaselineKernels.blockCapacity
        let blockCount = (portfolios.count + capacity - 1) / capacity
        var listOffsets = [Int](repeating: 0, count: blockCount * productCount + 1)
        for portfolio in 0..<portfolios.count {
            for product in portfolios.products(of: portfolio) {
                listOffsets[portfolio / capacity * productCount + Int(product) + 1] += 1
            }
        }
        for list in 1..<max(1, listOffsets.count) {
            listOffsets[list] += listOffsets[list - 1]
        }
        var next = listOffsets
        var holders = [UInt16](repeating: 0, count: portfolios.products.count)
        var holderValues = [Double](repeating: 0, count: portfolios.products.count)
        for portfolio in 0..<portfolios.count {
            for column in portfolios.columns(of: portfolio) {
                let list = portfolio / capacity * productCount + Int(portfolios.products[column])
                holders[next[list]] = UInt16(portfolio % capacity)
                holderValues[next[list]] = portfolios.values[column]
                next[list] += 1
            }
        }
        self.listOffsets = listOffsets
        self.holders = holders
        self.holderValues = holderValues
    }

    var blockCount: Int {
        (portfolios.count + BaselineKernels.blockCapacity - 1) / BaselineKernels.blockCapacity
    }

    /// The portfolios of a block.
    func portfolios(ofBlock block: Int) -> Range<Int> {
        let start = block * BaselineKernels.blockCapacity
        return start..<min(start + BaselineKernels.blockCapacity, portfolios.count)
    }

    /// Where the holders of a product in a block are in ``holders`` and ``holderValues``.
    func list(ofProduct product: Int32, inBlock block: Int) -> Range<Int> {
        let list = block * portfolios.productCount + Int(product)
        return listOffsets[list]..<listOffsets[list + 1]
    }

    /// Whether any portfolio of a block shares a product with the query.
    func shares(query: Int, withBlock block: Int) -> Bool {
        portfolios.products(of: query).contains { !list(ofProduct: $0, inBlock: block).isEmpty }
    }
}
