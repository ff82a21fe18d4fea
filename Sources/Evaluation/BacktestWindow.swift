public import Holdings
public import PeerSearch
package import Recommending

/// A piece of history to rank on, and what has happened afterwards.
public struct BacktestWindow: Sendable {
    /// How the products that a method shall find were chosen.
    public enum Kind: String, Sendable, Codable {
        /// What clients have added between two days.
        case temporal
        /// One product of each client, hidden.
        case leaveOneOut = "leave_one_out"
    }

    /// How the products to find were chosen.
    public let kind: Kind
    /// The day whose holdings are ranked on, `YYYY-MM-DD`; nothing for holdings without dates.
    public let trainDate: String?
    /// The day until which products count as added; nothing for holdings without dates.
    public let testDate: String?
    /// Who holds what on the first day.
    public let holdings: ClientHoldings
    /// The attributes of the clients that take part in distances.
    public let attributes: [ClientAttribute]
    /// What each client has added, of the products that anybody holds on the first day; only clients who hold something
    /// then have any.
    public let added: GroupedLists<Int32>
    /// What clients had lately added on the first day; nothing where that is not known.
    package let recent: RecentAdditions?
    /// The segment of every client, from 0, -1 for unknown; nothing where no segments are mapped.
    public let segmentOfClient: [Int32]?
    /// Names of the segments.
    public let segments: [String]

    /// Creates a window.
    ///
    /// - Parameters:
    ///   - added: What the clients have added. What cannot be found counts for nothing and is dropped: products that
    ///     nobody holds on the first day, products that the client holds then, and those of clients without a portfolio.
    package init(
        kind: Kind, trainDate: String? = nil, testDate: String? = nil, holdings: ClientHoldings,
        attributes: [ClientAttribute] = [], added: [ClientProduct], recent: RecentAdditions? = nil,
        segmentOfClient: [Int32]? = nil,
        segments: [String] = []
    ) {
        self.kind = kind
        self.trainDate = trainDate
        self.testDate = testDate
        self.holdings = holdings
        self.attributes = attributes
        var isHeld = [Bool](repeating: false, count: holdings.productCount)
        for product in holdings.products { isHeld[Int(product)] = true }
        let findable = added.filter { added in
            let pairs = holdings.pairs(ofClient: Int(added.client))
            return isHeld[Int(added.product)] && !pairs.isEmpty && !holdings.products[pairs].contains(added.product)
        }
        self.added = GroupedLists(findable, clientCount: holdings.clientCount)
        self.recent = recent
        self.segmentOfClient = segmentOfClient
        self.segments = segments
    }

    /// Whether it is known what clients had lately added on the first day.
    public var knowsRecentAdditions: Bool { recent != nil }

    /// Clients who have added something.
    public var testedClientCount: Int {
        (0..<added.count).count { !added[$0].isEmpty }
    }
}

extension BacktestWindow {
    /// Hides one product of each client of a fold.
    ///
    /// Which clients belong to a fold, and which of their products is hidden, follows from the seed and the client's
    /// index, so from its place in the order of ids. Clients who hold a single product keep it.
    ///
    /// - Parameters:
    ///   - holdings: Who holds what.
    ///   - fold: The fold whose clients are tested, 0..<foldCount.
    ///   - foldCount: Folds; each client is in one. The others keep all that they hold.
    ///   - seed: What the choice follows from.
    package static func leaveOneOut(
        _ holdings: ClientHoldings, fold: Int, of foldCount: Int, seed: UInt64, attributes: [ClientAttribute] = [],
        segmentOfClient: [Int32]? = nil, segments: [String] = []
    ) -> BacktestWindow {
        var offsets = [0]
        var products: [Int32] = []
        var amounts: [Double] = []
        var added: [ClientProduct] = []
        for client in 0..<holdings.clientCount {
            let pairs = holdings.pairs(ofClient: client)
            var random = SplitMix64(seed: seed, stream: UInt64(client))
            var hidden: Int?
            if random.next(below: foldCount) == fold, pairs.count >= 2 {
                let pair = pairs.lowerBound + random.next(below: pairs.count)
                added.append(ClientProduct(client: Int32(client), product: holdings.products[pair]))
                hidden = pair
            }
            for pair in pairs where pair != hidden {
                products.append(holdings.products[pair])
                amounts.append(holdings.amounts[pair])
            }
            offsets.append(products.count)
        }
        let remaining = ClientHoldings(
            productCount: holdings.productCount, offsets: offsets, products: products, amounts: amounts)
        return BacktestWindow(
            kind: .leaveOneOut, holdings: remaining, attributes: attributes, added: added,
            segmentOfClient: segmentOfClient, segments: segments)
    }
}
