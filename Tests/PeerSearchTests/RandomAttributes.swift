import PeerSearch
import TestSupport

/// Attributes of a random shape: few or many categories, numbers with and without ties, known of all clients or of few,
/// with weights of every size.
enum RandomAttributes {
    /// One to four attributes; of a client nothing may be known.
    static func attributes(clientCount: Int, using random: inout SeededGenerator) -> [ClientAttribute] {
        (0..<Int.random(in: 1...4, using: &random)).map { index in
            let known: Double = [0, 0.1, 0.8, 1, 1].randomElement(using: &random) ?? 1
            let weight: Double = [1e-30, 0.01, 0.25, 0.5, 1, 1, 3, 1e6].randomElement(using: &random) ?? 1
            func isKnown() -> Bool { Double.random(in: 0..<1, using: &random) < known }
            guard Bool.random(using: &random) else {
                let numberCount = [1, 2, 5, 1000].randomElement(using: &random) ?? 1
                let numbers = (0..<clientCount).map { _ in
                    isKnown() ? Double(Int.random(in: -numberCount...numberCount, using: &random)) / 4 : .nan
                }
                return ClientAttribute(name: "number \(index)", weight: weight, values: .numbers(numbers))
            }
            let categoryCount = [1, 2, 3, 40].randomElement(using: &random) ?? 1
            let categories = (0..<clientCount).map { _ in
                isKnown() ? Int32.random(in: 0..<Int32(categoryCount), using: &random) : -1
            }
            return ClientAttribute(name: "category \(index)", weight: weight, values: .categories(categories))
        }
    }

    /// The columns of every client, dense and in order: what is known, by the definition.
    static func columns(_ attributes: [ClientAttribute], clientCount: Int) -> [[Double]] {
        attributes.reduce([[Double]](repeating: [], count: clientCount)) { rows, attribute in
            zip(rows, columns(attribute)).map { $0 + $1 }
        }
    }

    private static func columns(_ attribute: ClientAttribute) -> [[Double]] {
        switch attribute.values {
        case .categories(let categories):
            let all = 0..<((categories.max() ?? -1) + 1)
            return categories.map { own in all.map { $0 == own ? attribute.weight : 0 } }
        case .numbers(let numbers):
            let known = numbers.filter { !$0.isNaN }
            var quantiles: [Double: Double] = [:]
            for number in Set(known) {
                let (less, equal) = (known.count { $0 < number }, known.count { $0 == number })
                quantiles[number] = (Double(less) + Double(equal) / 2) / Double(known.count)
            }
            return numbers.map { [attribute.weight * (quantiles[$0] ?? 0)] }
        }
    }
}
