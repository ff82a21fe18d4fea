import Holdings

/// The warehouse of an investment company that does not exist: clients, 31 products, two years of holdings.
///
/// Every row follows from the seed alone, and a client from the seed and its place, so a smaller warehouse has the
/// first clients of a larger one. Clients come in segments and, within them, in archetypes who want similar things, so
/// there are peers to be found. The records run from 2024-11-01 to 2026-10-31.
public struct DemoWarehouse: Sendable {
    /// The number of clients.
    public let clientCount: Int
    let seed: UInt64

    /// Creates a generator; nothing is generated yet.
    ///
    /// - Parameters:
    ///   - clientCount: The number of clients, at least 1.
    ///   - seed: The same seed gives the same rows.
    public init(clientCount: Int = 30_000, seed: UInt64 = 0x5EED_2026) {
        precondition(clientCount >= 1, "a warehouse has at least one client")
        self.clientCount = clientCount
        self.seed = seed
    }

    /// All clients, ordered by id.
    ///
    /// - Complexity: O(`clientCount`).
    func clients() -> [DemoClient] {
        let holders = Dictionary(uniqueKeysWithValues: DemoArchetype.allCases.map { ($0, $0.holdersPerMille()) })
        return (0..<clientCount).map { client(at: $0, holders: holders) }
    }

    private func client(at index: Int, holders: [DemoArchetype: [Int]]) -> DemoClient {
        var random = SplitMix64(seed: seed, stream: UInt64(index))
        let segment = Self.pick(from: DemoSegment.allCases.map { ($0, $0.weight) }, &random) ?? .retail
        let archetype = Self.pick(from: segment.archetypes.map { ($0.archetype, $0.weight) }, &random) ?? .saver
        let id = Int64(1_000_000 + index * 41 + random.next(below: 41))
        let manager = segment.managers[random.next(below: segment.managers.count)]
        let riskLevel = min(5, max(1, archetype.riskLevel - 1 + random.next(below: 3)))
        let customerSince =
            random.chance(perMille: 80)
            ? DemoDay.firstOfRecords + random.next(below: 700)
            : .foundation + random.next(below: DemoDay.firstOfRecords - .foundation)
        let holdings =
            random.chance(perMille: 10)
            ? []
            : Self.products(archetype, holders[archetype] ?? [], &random).flatMap { product in
                Self.history(of: product, segment: segment, since: customerSince, &random)
            }
        return DemoClient(
            id: id,
            segment: segment,
            manager: manager,
            riskLevel: Int16(riskLevel),
            customerSince: customerSince,
            holdings: holdings,
            exclusions: Self.exclusions(riskLevel: riskLevel, &random)
        )
    }

    private static func pick<Choice>(from choices: [(Choice, weight: Int)], _ random: inout SplitMix64) -> Choice? {
        var remaining = random.next(below: choices.reduce(0) { $0 + $1.weight })
        for (choice, weight) in choices {
            if remaining < weight { return choice }
            remaining -= weight
        }
        return nil
    }

    /// The products that a client ever holds: at least the archetype's most typical one.
    private static func products(
        _ archetype: DemoArchetype,
        _ holdersPerMille: [Int],
        _ random: inout SplitMix64
    ) -> [Int] {
        let products = holdersPerMille.indices.filter { random.chance(perMille: holdersPerMille[$0]) }
        guard products.isEmpty, let typical = archetype.affinities.first?.key else { return products }
        return DemoProduct.catalogue.indices.filter { DemoProduct.catalogue[$0].id == typical }
    }

    /// One position from purchase to sale or to the end of the records, with a new row whenever it is valued anew.
    private static func history(
        of product: Int,
        segment: DemoSegment,
        since customerSince: DemoDay,
        _ random: inout SplitMix64
    ) -> [DemoHolding] {
        let first = max(customerSince, .firstOfRecords)
        let isOlder = random.chance(perMille: 450)
        let bought = isOlder ? first : first + random.next(below: DemoDay.lastOfRecords - first + 1)
        let isSold = random.chance(perMille: 80)
        let sold = bought + 30 + random.next(below: 700)
        let end: DemoDay? = isSold && sold <= .lastOfRecords ? sold : nil

        // Squared, so that small sums are common and large ones are rare: 1 to 41 times the least.
        let size = Int64(random.next(below: 1000))
        var cents = DemoProduct.catalogue[product].minimumCents * segment.wealth * (1000 + size * size / 25) / 1000
        var rows: [DemoHolding] = []
        var from = bought
        while true {
            let valued = from + 150 + random.next(below: 300)
            let to = valued < end ?? (.lastOfRecords + 1) ? valued : end
            rows.append(DemoHolding(product: product, validFrom: from, validTo: to, marketValueCents: cents))
            guard let to, to != end else { return rows }
            from = to
            cents = cents * Int64(860 + random.next(below: 320)) / 1000
        }
    }

    private static func exclusions(riskLevel: Int, _ random: inout SplitMix64) -> [DemoExclusion] {
        if random.chance(perMille: 4) {
            return [DemoExclusion(product: nil, reason: "Asked not to be contacted")]
        }
        guard random.chance(perMille: 30) else { return [] }
        let product = random.next(below: DemoProduct.catalogue.count)
        let isTooRisky = Int(DemoProduct.catalogue[product].riskLevel) > riskLevel + 1
        let reason = isTooRisky ? "Riskier than the client accepts" : "Declined within the last year"
        return [DemoExclusion(product: product, reason: reason)]
    }
}
