/// A segment of the demo's clients.
enum DemoSegment: String, CaseIterable {
    case retail
    case affluent
    case `private`
    case business

    /// Clients of this segment per 100.
    var weight: Int {
        switch self {
        case .retail: 62
        case .affluent: 24
        case .private: 8
        case .business: 6
        }
    }

    /// How many times more money is put into a product than a retail client puts.
    var wealth: Int64 {
        switch self {
        case .retail: 1
        case .affluent: 4
        case .private: 20
        case .business: 10
        }
    }

    /// What its clients want, with weights that add up to 100.
    var archetypes: [(archetype: DemoArchetype, weight: Int)] {
        switch self {
        case .retail:
            [(.saver, 34), (.familyPlanner, 22), (.firstInvestor, 22), (.incomeInvestor, 10), (.builder, 12)]
        case .affluent:
            [(.builder, 34), (.incomeInvestor, 24), (.trader, 22), (.familyPlanner, 12), (.opportunist, 8)]
        case .private:
            [(.preserver, 50), (.opportunist, 30), (.incomeInvestor, 12), (.trader, 8)]
        case .business:
            [(.treasurer, 55), (.owner, 45)]
        }
    }

    /// The managers who look after it.
    var managers: [String] {
        switch self {
        case .retail:
            [
                "Alice Morgan", "Benjamin Clarke", "Chloé Lambert", "Daniel Novak", "Emma Fischer", "Filip Dvořák",
                "Grace Sullivan", "Henry Walsh", "Isabel Romero", "Jakub Wójcik", "Karen O'Neill", "Liam Doyle",
                "Maria Costa", "Noah Bennett", "Olga Petrova", "Paul Schneider",
            ]
        case .affluent:
            [
                "Anna Lindström", "Carlos Núñez", "Diana Foster", "Erik Sørensen", "Fiona Campbell", "George Harris",
                "Helena Marques", "Ivan Horvat", "Julia Becker", "Kenji Tanaka", "Laura Rossi", "Martin Hughes",
            ]
        case .private:
            [
                "Adrian von Allmen", "Beatrice Conti", "Charlotte Dubois", "Dominic Ashworth", "Éva Szabó",
                "François Lefèvre", "Ingrid Bjørnsen", "Zoë van den Berg",
            ]
        case .business:
            ["Andrew Collins", "Bärbel Groß", "Nikos Papadopoulos", "Sophie Marchand"]
        }
    }
}
