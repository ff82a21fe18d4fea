internal import DistanceKernels

/// Searches portfolios whose values are all 1: distance by distance, from the least on, until k clients are found.
///
/// A distance belongs to a few pairs of a size and a number of shared products. For each, the kernel finds the portfolios
/// of that size which share that many. Nothing is estimated and nothing is sorted: distances are computed in Float64, once
/// for each pair, from whole numbers that every order of summation gives exactly.
final class BitSearch: PortfolioSearch {
    /// What is left of a class: those who share fewer products are farther away.
    private struct Front {
        let sizeClass: BitIndex.SizeClass
        /// The shared products of the nearest that are left, and how far away they are; infinitely when none are left.
        var shared: Int
        var scaledDistance: Double
    }

    private let model: PeerModel
    private let kernel: any DistanceKernel.Type
    private let portfolios: Portfolios
    private let bits: BitIndex
    private let distance: PortfolioDistance
    private var fronts: [Front] = []
    private let columns: AlignedMemory<UnsafePointer<SIMD8<UInt64>>>
    private let positions: AlignedMemory<Int32>

    init(index: PeerIndex, bits: BitIndex) {
        model = index.model
        kernel = index.kernel.kernel
        portfolios = index.portfolios
        self.bits = bits
        distance = PortfolioDistance(metric: model.distance, decimals: model.decimals)
        columns = AlignedMemory(uninitializedCount: portfolios.productCount)
        positions = AlignedMemory(uninitializedCount: bits.laneCount)
    }

    func peers(of query: Int) throws -> PeerList {
        let products = portfolios.products(of: query)
        for (place, product) in products.enumerated() {
            columns.start[place] = bits.start(ofProduct: Int(product))
        }
        loadFronts(ofSize: products.count)
        var peers: [PeerList.Peer] = []
        peers.reserveCapacity(min(model.k, portfolios.count))
        var clients = 0
        while clients < model.k {
            let scaledDistance = fronts.reduce(.infinity) { min($0, $1.scaledDistance) }
            guard scaledDistance < .infinity else { break }
            for front in fronts.indices {
                // Rounding may give several numbers of shared products one distance.
                while fronts[front].scaledDistance == scaledDistance {
                    clients += append(fronts[front], of: query, size: products.count, to: &peers)
                    fronts[front].shared -= 1
                    measure(&fronts[front], size: products.count)
                }
            }
        }
        return PeerList(sorted: peers, k: model.k, scale: distance.scale)
    }

    /// Puts every class at its least distance from a query.
    private func loadFronts(ofSize size: Int) {
        fronts.removeAll(keepingCapacity: true)
        for sizeClass in bits.classes {
            // Who is informative holds something that the query lacks.
            let shared = min(size, model.isInformative ? sizeClass.size - 1 : sizeClass.size)
            var front = Front(sizeClass: sizeClass, shared: shared, scaledDistance: .infinity)
            measure(&front, size: size)
            fronts.append(front)
        }
    }

    private func measure(_ front: inout Front, size: Int) {
        front.scaledDistance =
            front.shared < model.minOverlap
            ? .infinity : distance.scaled(ofSizes: size, front.sizeClass.size, shared: front.shared)
    }

    /// Appends the nearest portfolios that are left of a class.
    ///
    /// - Returns: Their clients.
    private func append(_ front: Front, of query: Int, size: Int, to peers: inout [PeerList.Peer]) -> Int {
        let count = kernel.lanes(
            having: front.shared, of: BitColumns(starts: columns.start, count: size), blocks: front.sizeClass.blocks,
            into: positions.start)
        let (lanes, portfolioOfLane, clientsOfLane) = (positions.start, bits.portfolios.start, bits.clients.start)
        var sum = 0
        for hit in 0..<count {
            let lane = Int(lanes[hit])
            let portfolio = portfolioOfLane[lane]
            // Nobody may be left to take off: whoever asks need not count, see Portfolios.counting.
            let clients = max(0, clientsOfLane[lane] &- (portfolio == query ? 1 : 0))
            // Where nothing need be shared, lanes that are not used are found, too.
            if clients == 0 { continue }
            peers.append(PeerList.Peer(portfolio: portfolio, clients: clients, scaledDistance: front.scaledDistance))
            sum &+= Int(clients)
        }
        return sum
    }
}
