import Holdings
import PeerSearch

/// The semantics, word for word, over dictionaries and sets: slow, and meant to be obviously right.
///
/// Every client is compared with every other client. Nothing is shared with the engine but the plain settings.
struct ReferenceModel {
    /// Client to product to summed amount; held pairs only.
    let holdings: [[Int: Double]]
    let productCount: Int
    let model: PeerModel
    let topN: Int
    var unavailable: Set<Int> = []
    var excludedClients: Set<Int> = []
    /// Client to products.
    var excludedPairs: [Int: Set<Int>] = [:]
    var suitability = ReferenceSuitability()
    var components = ReferenceComponents()
    /// The columns of each client that take part in distances and in nothing else, attribute by attribute.
    var attributeColumns: [[[Double]]] = []
    /// Client to products that were suggested before, and the margin that they have.
    var previous: [Int: Set<Int>] = [:]
    var margin = 0.0

    struct Row: Equatable {
        var product: Int
        var score: Double
        var peers: Int
        var peersHolding: Double
        var reason = "PEERS"
    }

    struct Result: Equatable {
        var status: String
        var portfolioSize: Int
        var peers: Int
        var kthDistance: Double?
        var rows: [Row]
    }

    // MARK: Encoding

    /// A portfolio as a vector; products that are not held are absent.
    ///
    /// Attributes come after all products.
    func vector(_ client: Int) -> [Int: Double] {
        var vector = products(client)
        for (column, value) in attributeColumns.flatMap({ $0[client] }).enumerated() where value > 0 {
            vector[productCount + column] = value
        }
        return vector
    }

    private func products(_ client: Int) -> [Int: Double] {
        let amounts = holdings[client]
        switch model.encoding {
        case .binary: return amounts.mapValues { _ in 1 }
        case .amount: return amounts
        case .log: return amounts.mapValues { ReproducibleMath.log1p($0) }
        case .share:
            var sum = 0.0
            for product in amounts.keys.sorted() { sum += amounts[product] ?? 0 }
            return amounts.mapValues { $0 / sum }
        }
    }

    // MARK: Distance

    /// The distance multiplied by 10^decimals and rounded: what distances are compared by.
    func scaledDistance(_ x: [Int: Double], _ y: [Int: Double]) -> Double {
        var distance = 0.0
        let union = Set(x.keys).union(y.keys).sorted()
        switch model.distance {
        case .cosine:
            var xy = 0.0
            var xx = 0.0
            var yy = 0.0
            for product in union {
                let a = x[product] ?? 0
                let b = y[product] ?? 0
                xy += a * b
                xx += a * a
                yy += b * b
            }
            // The root of the product, unless the product leaves the normal range.
            let norm = (xx * yy).isNormal ? (xx * yy).squareRoot() : xx.squareRoot() * yy.squareRoot()
            distance = 1 - xy / norm
        case .manhattan:
            for product in union { distance += abs((x[product] ?? 0) - (y[product] ?? 0)) }
        case .euclidean:
            for product in union {
                let difference = (x[product] ?? 0) - (y[product] ?? 0)
                distance += difference * difference
            }
            distance = distance.squareRoot()
        }
        if distance < 0 { distance = 0 }
        return (distance * scale).rounded(.toNearestOrEven)
    }

    var scale: Double {
        [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15][model.decimals]
    }

    // MARK: Peers and votes

    func result(ofClient c: Int) -> Result {
        let held = Set(holdings[c].keys)
        if excludedClients.contains(c) {
            return Result(status: "excluded", portfolioSize: held.count, peers: 0, kthDistance: nil, rows: [])
        }
        if held.isEmpty {
            let rows = popularRows(c)
            return Result(status: "no_portfolio", portfolioSize: 0, peers: 0, kthDistance: nil, rows: rows)
        }

        // Every other client who may be a peer, by distance.
        var clientsAt: [Double: [Int]] = [:]
        let x = vector(c)
        for n in holdings.indices where n != c && !holdings[n].isEmpty {
            let other = Set(holdings[n].keys)
            if model.isInformative && other.isSubset(of: held) { continue }
            if other.intersection(held).count < model.minOverlap { continue }
            clientsAt[scaledDistance(x, vector(n)), default: []].append(n)
        }

        // The k nearest; those at exactly the k-th distance share the places that are left.
        var closer = 0
        var kthDistance: Double?
        var peersHolding = [Double](repeating: 0, count: productCount)
        var votes = [Double](repeating: 0, count: productCount)
        var allVotes = 0.0
        for scaled in clientsAt.keys.sorted() where closer < model.k {
            let clients = clientsAt[scaled] ?? []
            let distance = scaled / scale
            kthDistance = distance
            let weight = model.distance == .cosine ? 1 - distance : 1 / (1 + distance)
            let places = min(model.k - closer, clients.count)
            // The fraction f = places / clients times a number of clients; for f = 1 simply their number.
            func mass(_ count: Int) -> Double { Double(places * count) / Double(clients.count) }
            allVotes += weight * mass(clients.count)
            for product in 0..<productCount {
                let holders = clients.count { holdings[$0][product] != nil }
                peersHolding[product] += mass(holders)
                votes[product] += weight * mass(holders)
            }
            closer += places
        }

        // Candidates have a positive score and are not held; policy comes before the cut.
        var rows: [Row] = []
        func score(_ product: Int) -> Double {
            held.contains(product) || allVotes == 0 ? 0 : votes[product] / allVotes
        }
        for product in 0..<productCount where !held.contains(product) && isOffered(product, to: c) {
            var row = Row(
                product: product, score: score(product), peers: closer, peersHolding: peersHolding[product])
            let parts = components.parts(of: product, productCount: productCount) { baseRate($0) > 0 }
            let fromParts = min(1, components.sum(parts.map { $0.value * score($0.key) }))
            if fromParts > row.score {
                // Peers without a weight have no vote.
                if row.score == 0 { row.peersHolding = 0 }
                row.score = fromParts
                row.reason = "COMPONENTS"
            }
            if row.score > 0 { rows.append(row) }
        }
        let baseRates = (0..<productCount).map { baseRate($0) }
        func competingScore(_ row: Row) -> Double {
            (previous[c] ?? []).contains(row.product) ? row.score * (1 + margin) : row.score
        }
        rows.sort { left, right in
            if competingScore(left) != competingScore(right) { return competingScore(left) > competingScore(right) }
            if baseRates[left.product] != baseRates[right.product] {
                return baseRates[left.product] > baseRates[right.product]
            }
            return left.product < right.product
        }
        let status = rows.isEmpty ? "fallback" : "scored"
        if rows.isEmpty { rows = popularRows(c) }
        return Result(
            status: status, portfolioSize: held.count, peers: closer, kthDistance: kthDistance,
            rows: Array(rows.prefix(topN)))
    }

    // MARK: Popularity and policy

    func baseRate(_ product: Int) -> Double {
        let holders = holdings.count { $0[product] != nil }
        let clients = holdings.count { !$0.isEmpty }
        return clients == 0 ? 0 : Double(holders) / Double(clients)
    }

    func isOffered(_ product: Int, to client: Int) -> Bool {
        !unavailable.contains(product) && !(excludedPairs[client] ?? []).contains(product)
            && suitability.suits(product, client)
    }

    func popularRows(_ client: Int) -> [Row] {
        let baseRates = (0..<productCount).map { baseRate($0) }
        let eligible = (0..<productCount).filter {
            baseRates[$0] > 0 && holdings[client][$0] == nil && isOffered($0, to: client)
        }
        let ranked = eligible.sorted { left, right in
            baseRates[left] != baseRates[right] ? baseRates[left] > baseRates[right] : left < right
        }
        return ranked.prefix(topN).map {
            Row(product: $0, score: baseRates[$0], peers: 0, peersHolding: 0, reason: "POPULAR")
        }
    }
}
