import Holdings
import Recommending
import TestSupport

/// An invented warehouse, with what its clients have lately added and the segments they are in.
struct RandomHistory {
    let warehouse: RandomWarehouse
    let holdings: ClientHoldings
    /// What each client has added, of the products that somebody held before.
    private(set) var additions: [Set<Int>] = []
    /// Whether somebody held a product before.
    private(set) var wasHeld: [Bool] = []
    /// By client, -1 for unknown.
    private(set) var segments: [Int32] = []

    private var added: [ClientProduct] = []

    init(using random: inout SeededGenerator) throws {
        warehouse = RandomWarehouse(using: &random)
        holdings = try warehouse.engineHoldings(using: &random)
        let share: Double = [0.1, 0.4, 1].randomElement(using: &random) ?? 1
        wasHeld = (0..<warehouse.productCount).map { _ in Int.random(in: 0..<5, using: &random) > 0 }
        for (client, portfolio) in warehouse.holdings.enumerated() {
            let new = portfolio.keys.sorted().filter { _ in Double.random(in: 0..<1, using: &random) < share }
            added += new.map { ClientProduct(client: Int32(client), product: Int32($0)) }
            additions.append(Set(new.filter { wasHeld[$0] }))
            segments.append(Int32(Int.random(in: -1...2, using: &random)))
        }
        added.shuffle(using: &random)
    }

    /// As the engine takes them; nothing when nobody has added anything that counts.
    var recent: RecentAdditions? { RecentAdditions(added, wasHeld: wasHeld, holdings: holdings) }

    /// The products of a client, ascending.
    func held(by client: Int) -> [Int] { warehouse.holdings[client].keys.sorted() }

    /// Clients who hold something.
    var clients: [Int] { warehouse.holdings.indices.filter { !warehouse.holdings[$0].isEmpty } }

    /// Clients who hold a product.
    func holders(of product: Int) -> [Int] { clients.filter { warehouse.holdings[$0][product] != nil } }

    /// The products that somebody holds, most holders first, then by index.
    var popular: [Int] {
        (0..<warehouse.productCount).filter { !holders(of: $0).isEmpty }
            .sorted { (holders(of: $1).count, $0) < (holders(of: $0).count, $1) }
    }
}
