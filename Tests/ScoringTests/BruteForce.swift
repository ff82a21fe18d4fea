import Foundation
import Holdings
import PeerSearch

/// The contract of the documentation, word for word: every client with every other, nothing clever.
struct BruteForce {
    struct Client: Equatable {
        var status: String
        /// Rounded to 9 decimals by `place(of:)` where it is compared.
        var peers: Double
        var kthDistance: Double?
        var scores: [String: Double]
        /// Products that may be offered beside the candidates, most popular first.
        var popular: [String]
    }

    /// Summed amounts that exceed the least amount, by client and product.
    let portfolios: [Int: [String: Double]]
    let clients: [Int]
    /// What else takes part in distances, by client and column.
    let attributes: [Int: [String: Double]]
    let isOffered: (_ client: Int, _ product: String) -> Bool
    let isExcluded: (_ client: Int) -> Bool
    let model: PeerModel

    var clientsWithPortfolio: Int { portfolios.count }

    func holders(of product: String) -> Int {
        portfolios.values.count { $0[product] != nil }
    }

    func result(of client: Int) -> Client {
        let own = portfolios[client] ?? [:]
        let popular = Set(portfolios.values.flatMap(\.keys))
            .filter { own[$0] == nil && isOffered(client, $0) }
            .sorted { (-holders(of: $0), $0) < (-holders(of: $1), $1) }
        guard !isExcluded(client) else {
            return Client(status: "excluded", peers: 0, kthDistance: nil, scores: [:], popular: [])
        }
        guard !own.isEmpty else {
            return Client(status: "no_portfolio", peers: 0, kthDistance: nil, scores: [:], popular: popular)
        }
        let peers = peers(of: client, own)
        let total = peers.reduce(0) { $0 + $1.fraction * weight($1.distance) }
        var scores: [String: Double] = [:]
        for peer in peers {
            for product in (portfolios[peer.client] ?? [:]).keys where own[product] == nil {
                scores[product, default: 0] += peer.fraction * weight(peer.distance)
            }
        }
        scores = scores.filter { $0.value > 0 }.mapValues { $0 / total }
        let offered = scores.filter { isOffered(client, $0.key) }
        return Client(
            status: offered.isEmpty ? "fallback" : "scored", peers: peers.reduce(0) { $0 + $1.fraction },
            kthDistance: peers.map(\.distance).max(), scores: offered, popular: popular)
    }

    private func peers(
        of client: Int, _ own: [String: Double]
    ) -> [(client: Int, distance: Double, fraction: Double)] {
        let others = portfolios.filter { other, theirs in
            other != client && own.keys.count { theirs[$0] != nil } >= model.minOverlap
                && (!model.isInformative || theirs.keys.contains { own[$0] == nil })
        }
        let ownVector = vector(client, own)
        let distances = others.map { (client: $0.key, distance: distance(ownVector, vector($0.key, $0.value))) }
        let sorted = distances.map(\.distance).sorted()
        guard sorted.count > model.k else { return distances.map { ($0.client, $0.distance, 1) } }
        let last = sorted[model.k - 1]
        let closer = sorted.count { $0 < last }
        let fraction = Double(model.k - closer) / Double(sorted.count { $0 == last })
        return distances.filter { $0.distance <= last }
            .map { ($0.client, $0.distance, $0.distance < last ? 1 : fraction) }
    }

    private func vector(_ client: Int, _ portfolio: [String: Double]) -> [String: Double] {
        encoded(portfolio).merging(attributes[client] ?? [:]) { product, _ in product }
    }

    private func distance(_ left: [String: Double], _ right: [String: Double]) -> Double {
        let pairs = Set(left.keys).union(right.keys).sorted().map { (left[$0] ?? 0, right[$0] ?? 0) }
        let distance =
            switch model.distance {
            case .cosine:
                1 - pairs.reduce(0) { $0 + $1.0 * $1.1 }
                    / (pairs.reduce(0) { $0 + $1.0 * $1.0 } * pairs.reduce(0) { $0 + $1.1 * $1.1 }).squareRoot()
            case .manhattan: pairs.reduce(0) { $0 + abs($1.0 - $1.1) }
            case .euclidean: pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
            }
        let scale = pow(10, Double(model.decimals))
        return (max(0, distance) * scale).rounded(.toNearestOrEven) / scale
    }

    private func encoded(_ portfolio: [String: Double]) -> [String: Double] {
        let sum = portfolio.sorted { $0.key < $1.key }.reduce(0) { $0 + $1.value }
        return portfolio.mapValues { amount in
            switch model.encoding {
            case .binary: 1
            case .amount: amount
            case .log: ReproducibleMath.log1p(amount)
            case .share: amount / sum
            }
        }
    }

    private func weight(_ distance: Double) -> Double {
        model.distance == .cosine ? 1 - distance : 1 / (1 + distance)
    }
}
