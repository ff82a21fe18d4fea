import Holdings
import PeerSearch
import Recommending
import TestSupport

/// A small invented warehouse, full of ties, twins, subsets and empty portfolios.
struct RandomWarehouse {
    var holdings: [[Int: Double]]
    let productCount: Int
    var unavailable: Set<Int> = []
    var excludedClients: Set<Int> = []
    var excludedPairs: [Int: Set<Int>] = [:]
    var suitability = ReferenceSuitability()
    var components = ReferenceComponents()
    var attributes: [ReferenceAttribute] = []
    var previous: [Int: Set<Int>] = [:]
    var margin = 0.0

    init(using random: inout SeededGenerator) {
        let clientCount = Int.random(in: 1...14, using: &random)
        productCount = Int.random(in: 1...7, using: &random)
        let density: Double = [0.15, 0.4, 0.7, 1.0].randomElement(using: &random) ?? 1
        let amountKind = Int.random(in: 0..<3, using: &random)
        holdings = []
        for _ in 0..<clientCount {
            if let twin = holdings.randomElement(using: &random), Double.random(in: 0..<1, using: &random) < 0.25 {
                holdings.append(twin)
                continue
            }
            var portfolio: [Int: Double] = [:]
            for product in 0..<productCount where Double.random(in: 0..<1, using: &random) < density {
                switch amountKind {
                case 0: portfolio[product] = 1
                // A coarse grid, so that distances and shares tie.
                case 1: portfolio[product] = Double(Int.random(in: 1...3, using: &random)) * 0.5
                default: portfolio[product] = wildAmount(using: &random)
                }
            }
            holdings.append(portfolio)
        }
        if Bool.random(using: &random) { addPolicy(using: &random) }
        if Bool.random(using: &random) { addSuitability(using: &random) }
        if Bool.random(using: &random) { addComponents(using: &random) }
        if Bool.random(using: &random) { addPrevious(using: &random) }
    }

    /// Adds one to three attributes.
    mutating func addAttributes(using random: inout SeededGenerator) {
        attributes = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            .random(clientCount: holdings.count, using: &random)
        }
    }

    private mutating func addPolicy(using random: inout SeededGenerator) {
        for product in 0..<productCount where Int.random(in: 0..<6, using: &random) == 0 {
            unavailable.insert(product)
        }
        for client in holdings.indices {
            if Int.random(in: 0..<10, using: &random) == 0 { excludedClients.insert(client) }
            for product in 0..<productCount where Int.random(in: 0..<6, using: &random) == 0 {
                excludedPairs[client, default: []].insert(product)
            }
        }
    }

    /// Few risks, so that they tie; some are unknown, and a product's may be beyond every client's.
    private mutating func addSuitability(using random: inout SeededGenerator) {
        func maybe<Value>(_ value: Value) -> Value? { Int.random(in: 0..<5, using: &random) == 0 ? nil : value }
        suitability.hasRisk = Int.random(in: 0..<4, using: &random) > 0
        suitability.hasQualification = Bool.random(using: &random)
        for client in holdings.indices {
            suitability.clientRisks[client] = maybe(Double(Int.random(in: -1...3, using: &random)) / 2)
            suitability.qualified[client] = maybe(Bool.random(using: &random))
        }
        for product in 0..<productCount {
            suitability.productRisks[product] = maybe(Double(Int.random(in: -1...4, using: &random)) / 2)
            suitability.requiresQualified[product] = maybe(Int.random(in: 0..<3, using: &random) == 0)
        }
    }

    /// Components of components, without cycles, and attributes with few values.
    private mutating func addComponents(using random: inout SeededGenerator) {
        let order = Array(0..<productCount).shuffled(using: &random)
        for (place, product) in order.enumerated() where Bool.random(using: &random) {
            for component in order[(place + 1)...] + order[(place + 1)...] where Bool.random(using: &random) {
                let weight = Bool.random(using: &random) ? 1 : Double(Int.random(in: 0...7, using: &random)) / 10
                components.rows.append(.init(product: product, component: component, weight: weight))
            }
        }
        // Weights that sum to 0 are bad data, tested elsewhere.
        let weighed = Set(components.rows.filter { $0.weight > 0 }.map(\.product))
        components.rows.removeAll { !weighed.contains($0.product) }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            components.attributes.append(
                Dictionary(
                    uniqueKeysWithValues: (0..<productCount).filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
                        .map { ($0, "value \(Int.random(in: 0..<3, using: &random))") }))
        }
    }

    /// Lists of an earlier run: many are shared, some are empty, and some have what is no candidate any more.
    private mutating func addPrevious(using random: inout SeededGenerator) {
        margin = [0, 0.05, 0.3, 1].randomElement(using: &random) ?? 0
        for client in holdings.indices {
            if let known = previous.values.sorted(by: { $0.sorted().lexicographicallyPrecedes($1.sorted()) })
                .randomElement(using: &random), Bool.random(using: &random)
            {
                previous[client] = known
            } else if Int.random(in: 0..<4, using: &random) > 0 {
                previous[client] = Set((0..<productCount).filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
            }
        }
    }

    /// The earlier lists as the engine takes them.
    func engineIncumbents(using random: inout SeededGenerator) -> Incumbents? {
        guard !previous.isEmpty else { return nil }
        // Some lists come several times, in another order.
        var lists = GroupedLists<Int32>()
        var listOfClient = [Int32?](repeating: nil, count: holdings.count)
        for (client, products) in previous.sorted(by: { $0.key < $1.key }) {
            listOfClient[client] = Int32(lists.count)
            lists.append(products.sorted().map { Int32($0) }.shuffled(using: &random))
        }
        return Incumbents(lists, listOfClient: listOfClient, margin: margin)
    }

    private func wildAmount(using random: inout SeededGenerator) -> Double {
        let magnitudes = [1e-3, 1e-1, 1, 1e3, 1e6, 1e9]
        return (magnitudes.randomElement(using: &random) ?? 1) * Double.random(in: 0.1..<1, using: &random)
    }

    /// The holdings as the engine takes them, from rows in any order, by way of the builder.
    func engineHoldings(using random: inout SeededGenerator) throws -> ClientHoldings {
        var rows: [(client: Int, product: Int, amount: Double)] = []
        for (client, portfolio) in holdings.enumerated() {
            for (product, amount) in portfolio {
                rows.append((client, product, amount))
            }
        }
        rows.shuffle(using: &random)
        let clientOrder = Array(holdings.indices).shuffled(using: &random)
        let productOrder = Array(0..<productCount).shuffled(using: &random)
        var builder = HoldingsBuilder()
        for row in rows {
            let client = clientOrder.firstIndex(of: row.client) ?? 0
            let product = productOrder.firstIndex(of: row.product) ?? 0
            builder.add(client: Int32(client), product: Int32(product), amount: row.amount)
        }
        return try builder.finish(
            clientOrder: clientOrder.map { Int32($0) }, productOrder: productOrder.map { Int32($0) }
        ).holdings
    }

    /// The components as the engine takes them, from rows in any order.
    func engineComponents(using random: inout SeededGenerator) -> ProductComponents? {
        let order = Array(0..<productCount).shuffled(using: &random)
        var builder = ComponentsBuilder()
        for row in components.rows.shuffled(using: &random) {
            builder.add(
                product: Int32(order.firstIndex(of: row.product) ?? 0),
                component: Int32(order.firstIndex(of: row.component) ?? 0), weight: row.weight)
        }
        let attributes = components.attributes.map { values in
            (0..<productCount).map { values[$0].map { Int32($0.utf8.last ?? 0) } }
        }
        let (components, quality) = builder.finish(
            productOrder: order.map { Int32($0) },
            isHeld: (0..<productCount).map { product in holdings.contains { $0[product] != nil } },
            attributes: ProductAttributes(values: attributes, productCount: productCount))
        precondition(quality.cycles.isEmpty && quality.invalidWeights.isEmpty && quality.ownComponents.isEmpty)
        return components
    }

    var policy: Policy {
        var exclusions = excludedClients.map { Policy.Exclusion(client: Int32($0), product: nil) }
        for (client, products) in excludedPairs {
            exclusions += products.map { Policy.Exclusion(client: Int32(client), product: Int32($0)) }
        }
        return Policy(
            clientCount: holdings.count, productCount: productCount,
            unavailableProducts: unavailable.map { Int32($0) }, exclusions: exclusions,
            suitability: engineSuitability)
    }

    /// Nothing where nothing is mapped.
    private var engineSuitability: Suitability? {
        guard suitability.hasRisk || suitability.hasQualification else { return nil }
        return Suitability(
            risk: suitability.hasRisk
                ? .init(
                    clients: holdings.indices.map { suitability.clientRisks[$0] },
                    products: (0..<productCount).map { suitability.productRisks[$0] }) : nil,
            qualification: suitability.hasQualification
                ? .init(
                    clients: holdings.indices.map { suitability.qualified[$0] },
                    products: (0..<productCount).map { suitability.requiresQualified[$0] }) : nil,
            clientCount: holdings.count, productCount: productCount)
    }

    func reference(model: PeerModel, topN: Int) -> ReferenceModel {
        ReferenceModel(
            holdings: holdings, productCount: productCount, model: model, topN: topN,
            unavailable: unavailable, excludedClients: excludedClients, excludedPairs: excludedPairs,
            suitability: suitability, components: components, attributeColumns: attributes.map(\.columns),
            previous: previous, margin: margin)
    }
}
