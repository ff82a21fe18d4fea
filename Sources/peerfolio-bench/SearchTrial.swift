import Holdings
import PeerSearch

/// The search for the peers of every client, as a run does it, without the votes: what is timed.
struct SearchTrial: Sendable {
    /// Seconds of wall time of one run.
    struct Times: Sendable, Encodable {
        /// `Portfolios(encoding:as:)`.
        var encode: Double
        /// `PeerIndex(portfolios:model:)`.
        var index: Double
        /// `PeerFinder.peers(of:)` for every distinct portfolio.
        var search: Double
        /// All of these.
        var seconds: Double
        /// Distinct portfolios.
        var portfolios: Int
        /// Portfolios in all lists of peers.
        var peers: Int
    }

    let holdings: ClientHoldings
    let model: PeerModel
    let kernel: SearchKernel
    let width: Int
    let chunkSize: Int

    private let clock = ContinuousClock()

    init(holdings: ClientHoldings, model: PeerModel, kernel: SearchKernel, width: Int, chunkSize: Int) {
        self.holdings = holdings
        self.model = model
        self.kernel = kernel
        self.width = width
        self.chunkSize = chunkSize
    }

    /// Does everything once and takes the time.
    ///
    /// - Parameter portfolioLimit: The distinct portfolios whose peers are searched; all of them by default.
    func run(portfolioLimit: Int = .max) async throws -> Times {
        let start = clock.now
        let portfolios = try await Portfolios(encoding: holdings, as: model.encoding, width: width)
        let encoded = clock.now
        let index = try await PeerIndex(portfolios: portfolios, model: model, kernel: kernel, width: width)
        let indexed = clock.now
        let peers = try await search(index, portfolioCount: min(portfolioLimit, portfolios.count))
        let end = clock.now
        return Times(
            encode: (encoded - start) / .seconds(1), index: (indexed - encoded) / .seconds(1),
            search: (end - indexed) / .seconds(1), seconds: (end - start) / .seconds(1),
            portfolios: portfolios.count, peers: peers)
    }

    /// In chunks as `Recommender.recommend` does it; each list is dropped once it is complete, as there.
    private func search(_ index: PeerIndex, portfolioCount: Int) async throws -> Int {
        var peers = 0
        try await ChunkedWork(itemCount: portfolioCount, chunkSize: chunkSize, width: width).run {
            PeerFinder(index: index)
        } compute: { finder, chunk in
            try index.order[chunk].reduce(0) { count, portfolio in
                try count + finder.peers(of: Int(portfolio)).peers.count
            }
        } collect: { count, _ in
            peers += count
        }
        return peers
    }

    /// The rounded distance of the k-th peer of some clients, to compare with a reference.
    ///
    /// - Returns: A distance for each client; that of the last peer when there are fewer than k, nothing without peers.
    func kthDistances(ofClients clients: [Int]) throws -> [Double?] {
        let portfolios = try Portfolios(encoding: holdings, as: model.encoding)
        var finder = PeerFinder(index: try PeerIndex(portfolios: portfolios, model: model))
        return try clients.map { client in
            try portfolios.portfolio(ofClient: client).flatMap { try finder.peers(of: $0).kthDistance }
        }
    }
}
