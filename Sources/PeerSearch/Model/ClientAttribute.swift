/// A property of clients that takes part in the distance, such as their kind or their age, with its weight.
public struct ClientAttribute: Sendable, Hashable {
    /// What is known of each client, one element per client in the order of ids.
    public enum Values: Sendable, Hashable {
        /// Categories: dense indexes from 0, -1 where the category is not known.
        case categories([Int32])
        /// Finite numbers in any unit, NaN where the number is not known.
        case numbers([Double])
    }

    /// The name that the warehouse gives it.
    public let name: String
    /// What the attribute's columns are multiplied by, in the unit of the encoded values; finite and above 0.
    public let weight: Double
    /// What is known of each client.
    public let values: Values

    /// Creates an attribute.
    ///
    /// - Precondition: The weight is finite and above 0; categories are at least -1; no number is infinite.
    public init(name: String, weight: Double, values: Values) {
        precondition(weight > 0 && weight.isFinite, "a weight is finite and above 0")
        switch values {
        case .categories(let categories): precondition(categories.allSatisfy { $0 >= -1 }, "no such category")
        case .numbers(let numbers): precondition(!numbers.contains { $0.isInfinite }, "a number is infinite")
        }
        self.name = name
        self.weight = weight
        self.values = values
    }

    /// Clients that exist, whether anything is known of them or not.
    public var clientCount: Int {
        switch values {
        case .categories(let categories): categories.count
        case .numbers(let numbers): numbers.count
        }
    }

    /// How many different values are known, 0 when nothing is known of anybody.
    public var distinctValueCount: Int {
        switch values {
        case .categories(let categories): Set(categories.lazy.filter { $0 >= 0 }).count
        case .numbers(let numbers): Set(numbers.lazy.filter { !$0.isNaN }).count
        }
    }

    /// The columns that it adds to a vector: one for each category, or one for the number.
    var columnCount: Int {
        switch values {
        case .categories(let categories): Int((categories.max() ?? -1) + 1)
        case .numbers: 1
        }
    }

    /// The quantile of each number among the known ones, by its middle rank: (how many are less + half of those that are
    /// equal, itself included) / how many are known.
    ///
    /// So the median is at 1/2 whatever the unit, equal numbers have equal quantiles, and neither an outlier nor any
    /// other change that keeps the order moves one.
    ///
    /// - Parameter numbers: Numbers in any order, NaN where one is not known.
    /// - Returns: Above 0 and below 1; NaN where the number is not known.
    /// - Complexity: O(n log n).
    public static func quantiles(of numbers: [Double]) -> [Double] {
        let order = numbers.indices.filter { !numbers[$0].isNaN }.sorted { numbers[$0] < numbers[$1] }
        var quantiles = [Double](repeating: .nan, count: numbers.count)
        var first = 0
        while first < order.count {
            var end = first + 1
            while end < order.count && numbers[order[end]] == numbers[order[first]] { end += 1 }
            let quantile = (Double(first) + Double(end - first) / 2) / Double(order.count)
            for place in first..<end { quantiles[order[place]] = quantile }
            first = end
        }
        return quantiles
    }
}
