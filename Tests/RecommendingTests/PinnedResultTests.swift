import Holdings
import PeerSearch
import Recommending
import TestSupport
import Testing

/// Whole results, as one number each.
@Suite("The result, bit for bit")
struct PinnedResultTests {
    /// Settings with the checksum of what they give.
    struct Setting: Sendable, CustomTestStringConvertible {
        var market: Market
        var encoding: Encoding
        var distance: DistanceMetric
        /// The same on every machine; nothing for logarithms, which differ in the last bit between C libraries.
        var checksum: UInt64?

        init(_ market: Market, _ encoding: Encoding, _ distance: DistanceMetric, _ checksum: UInt64?) {
            self.market = market
            self.encoding = encoding
            self.distance = distance
            self.checksum = checksum
        }

        var testDescription: String { "\(market), \(encoding), \(distance)" }
    }

    /// Portfolios as each of the three layouts of the search likes them.
    enum Market {
        /// A few of some products.
        case few
        /// Most of some products.
        case most
        /// A few of many products.
        case wide
    }

    private static let settings: [Setting] = [
        Setting(.few, .binary, .cosine, 0xD86C_9CF7_BD53_ED86),
        Setting(.few, .binary, .manhattan, 0xB842_77B0_F6EA_1742),
        Setting(.few, .binary, .euclidean, 0x7998_A01E_FF2B_6874),
        Setting(.few, .amount, .cosine, 0x08E2_D4B1_2B30_88EF),
        Setting(.few, .amount, .manhattan, 0xE4CC_D21B_1FA9_034A),
        Setting(.few, .amount, .euclidean, 0x4FEF_48CD_0018_6907),
        Setting(.few, .log, .cosine, nil),
        Setting(.few, .log, .manhattan, nil),
        Setting(.few, .log, .euclidean, nil),
        Setting(.few, .share, .cosine, 0x08E2_D4B1_2B30_88EF),
        Setting(.few, .share, .manhattan, 0x2531_2226_733F_597C),
        Setting(.few, .share, .euclidean, 0x0FD5_7948_4924_0942),
        Setting(.most, .share, .cosine, 0x2300_1E9B_5E4F_5E3B),
        Setting(.most, .share, .manhattan, 0x2918_1701_685A_EFCC),
        Setting(.most, .share, .euclidean, 0x692F_73EA_EDCA_F4DA),
        Setting(.wide, .share, .cosine, 0xFEBD_E02D_A2FC_8329),
        Setting(.wide, .share, .manhattan, 0xA9D4_981D_92D2_2557),
        Setting(.wide, .share, .euclidean, 0xC921_9715_05C1_D9AF),
    ]

    @Test(arguments: settings)
    func dependsOnNeitherKernelNorChunkNorWidth(setting: Setting) async throws {
        let holdings = setting.market.holdings
        let model = PeerModel(encoding: setting.encoding, distance: setting.distance, k: 50)
        let input = ScoringInput(holdings: holdings, model: model, topN: 5)
        var checksums: [UInt64] = []
        for kernel in SearchKernel.supported {
            let recommender = try await Recommender(input, kernel: kernel)
            let isBest = kernel.name == SearchKernel.best.name
            for (chunkSize, width) in isBest ? [(256, 1), (7, 3), (1, 2)] : [(256, 2)] {
                checksums.append(try await recommender.recommend(chunkSize: chunkSize, width: width).checksum)
            }
        }
        #expect(Set(checksums).count == 1, "\(checksums)")
        if let checksum = setting.checksum { #expect(checksums.first == checksum) }
    }
}

extension PinnedResultTests.Market {
    /// Clients in six segments, with whole amounts; some hold nothing.
    fileprivate var holdings: ClientHoldings {
        var random = SeededGenerator(seed: 2)
        let (clientCount, productCount, sizes) =
            switch self {
            case .few: (2_000, 31, 0...6)
            case .most: (300, 17, 8...15)
            case .wide: (1_000, 400, 0...9)
            }
        var offsets = [0]
        var products: [Int32] = []
        var amounts: [Double] = []
        for _ in 0..<clientCount {
            let segment = Int.random(in: 0..<6, using: &random)
            var held: Set<Int> = []
            for _ in 0..<Int.random(in: sizes, using: &random) {
                // The lesser of two: some products are held by many.
                let draws = (0..<2).map { _ in Int.random(in: 0..<productCount, using: &random) }
                held.insert((draws.reduce(productCount, min) + segment) % productCount)
            }
            for product in held.sorted() {
                products.append(Int32(product))
                amounts.append(Double(Int.random(in: 1...40, using: &random)))
            }
            offsets.append(products.count)
        }
        return ClientHoldings(productCount: productCount, offsets: offsets, products: products, amounts: amounts)
    }
}

extension Recommendations {
    /// A checksum of every row and every client's outcome: FNV-1a, by words.
    fileprivate var checksum: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01B3 }
        for client in 0..<clientCount {
            let outcome = outcome(ofClient: client)
            for byte in outcome.status.rawValue.utf8 { add(UInt64(byte)) }
            add(UInt64(outcome.portfolioSize))
            add(UInt64(outcome.peers))
            add((outcome.kthDistance ?? -1).bitPattern)
            for row in rows(ofClient: client) {
                add(UInt64(client))
                add(UInt64(row.rank))
                add(UInt64(row.product))
                add(row.score.bitPattern)
                add(UInt64(row.peers))
                add(row.peersHolding.bitPattern)
            }
        }
        return hash
    }
}
