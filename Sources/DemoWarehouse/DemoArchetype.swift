/// What a client is after, which decides what the client is likely to hold.
///
/// Clients of one archetype are what the search must find again: each other's peers.
enum DemoArchetype: CaseIterable {
    case saver
    case familyPlanner
    case firstInvestor
    case incomeInvestor
    case builder
    case trader
    case preserver
    case opportunist
    case treasurer
    case owner

    /// Products that clients of the archetype hold, each with how many of 1000 do, the most typical first.
    var affinities: KeyValuePairs<String, Int> {
        switch self {
        case .saver:
            [
                "DEP-001": 850, "DEP-002": 750, "DEP-003": 450, "PEN-001": 400, "INS-001": 350, "FND-005": 180,
                "FND-004": 150,
            ]
        case .familyPlanner:
            [
                "PEN-001": 700, "INS-001": 650, "DEP-002": 600, "FND-004": 500, "INS-003": 400, "PEN-002": 300,
                "INS-002": 250,
            ]
        case .firstInvestor:
            [
                "ADV-002": 700, "FND-001": 650, "DEP-002": 500, "FND-006": 450, "FND-007": 400, "BRK-001": 300,
                "PEN-001": 150,
            ]
        case .incomeInvestor:
            [
                "BND-001": 650, "BND-002": 550, "FND-002": 550, "FND-008": 400, "DEP-003": 400, "BND-003": 350,
                "PEN-003": 150,
            ]
        case .builder:
            [
                "FND-001": 700, "FND-004": 550, "PEN-001": 500, "BND-002": 450, "PEN-002": 350, "FND-006": 350,
                "FND-002": 200,
            ]
        case .trader:
            [
                "BRK-001": 900, "FND-007": 500, "BRK-002": 400, "FND-003": 400, "BRK-003": 350, "STR-002": 200,
                "DEP-004": 200, "BND-004": 150,
            ]
        case .preserver:
            [
                "ADV-001": 800, "STR-001": 500, "BND-003": 450, "BND-001": 400, "FND-008": 350, "INS-002": 300,
                "PVT-001": 250,
            ]
        case .opportunist:
            [
                "STR-002": 600, "BRK-001": 600, "PVT-001": 450, "FND-003": 450, "BND-004": 400, "ADV-001": 300,
                "STR-003": 250,
            ]
        case .treasurer:
            ["DEP-001": 900, "FND-005": 700, "DEP-003": 500, "DEP-004": 500, "BND-001": 300, "BND-002": 200]
        case .owner:
            [
                "DEP-001": 800, "PEN-002": 500, "INS-003": 450, "FND-001": 350, "BRK-001": 300, "INS-002": 250,
                "DEP-002": 250, "BND-002": 200,
            ]
        }
    }

    /// The risk that its clients accept, 1...5, give or take one.
    var riskLevel: Int {
        switch self {
        case .saver, .treasurer: 1
        case .familyPlanner, .incomeInvestor: 2
        case .firstInvestor, .builder, .preserver, .owner: 3
        case .trader, .opportunist: 5
        }
    }

    /// Of 1000 clients, how many hold each product of the catalogue; the order is the catalogue's.
    ///
    /// What is not typical for the archetype is held by a few all the same.
    func holdersPerMille() -> [Int] {
        var holders = Array(repeating: 14, count: DemoProduct.catalogue.count)
        for (id, perMille) in affinities {
            for index in holders.indices where DemoProduct.catalogue[index].id == id {
                holders[index] = perMille
            }
        }
        return holders
    }
}
