/// How evenly suggestions are spread over products.
///
/// Products that are suggested equally often are one group, so that its size does not grow with the catalog's.
public struct ProductExposure: Sendable {
    /// Products that are suggested equally often.
    public struct Group: Sendable {
        /// To how many clients each of them is suggested.
        public var suggestions: Int
        /// How many such products there are.
        public var products: Int

        /// Creates a group.
        public init(suggestions: Int, products: Int) {
            self.suggestions = suggestions
            self.products = products
        }
    }

    /// A point of the Lorenz curve, both coordinates 0...1.
    struct Point: Hashable {
        /// Share of the products, the least suggested first.
        let products: Double
        /// Share of all suggestions that go to them.
        let suggestions: Double
    }

    /// The groups, the least suggested first.
    public let groups: [Group]
    /// Products that can be suggested.
    public let productCount: Int
    /// Suggestions of all products together.
    public let suggestionCount: Int

    /// Sums up groups, in any order.
    public init(_ groups: [Group]) {
        self.groups = groups.filter { $0.products > 0 }.sorted { $0.suggestions < $1.suggestions }
        productCount = self.groups.reduce(0) { $0 + $1.products }
        suggestionCount = self.groups.reduce(0) { $0 + $1.products * $1.suggestions }
    }

    /// The Lorenz curve from (0, 0) to (1, 1); empty without suggestions.
    var lorenzCurve: [Point] {
        guard suggestionCount > 0 else { return [] }
        var (products, suggestions) = (0, 0)
        return [Point(products: 0, suggestions: 0)]
            + groups.map { group in
                products += group.products
                suggestions += group.products * group.suggestions
                return Point(
                    products: Double(products) / Double(productCount),
                    suggestions: Double(suggestions) / Double(suggestionCount))
            }
    }

    /// The Gini coefficient: 0 when all products are suggested equally often, towards 1 for one only; nil without
    /// suggestions.
    ///
    /// One minus twice the area below the Lorenz curve, which is the coefficient of the single products.
    var gini: Double? {
        let curve = lorenzCurve
        guard !curve.isEmpty else { return nil }
        let area = zip(curve, curve.dropFirst()).reduce(0.0) { sum, pair in
            sum + (pair.1.products - pair.0.products) * (pair.1.suggestions + pair.0.suggestions)
        }
        return max(0, 1 - area)
    }

    /// The share of all suggestions that go to the most suggested products, 0...1; 0 without suggestions.
    func share(ofTop count: Int) -> Double {
        guard suggestionCount > 0 else { return 0 }
        var left = max(0, count)
        var suggestions = 0
        for group in groups.reversed() where left > 0 {
            let taken = min(left, group.products)
            suggestions += taken * group.suggestions
            left -= taken
        }
        return Double(suggestions) / Double(suggestionCount)
    }

    /// How many of the most suggested products get at least this share of all suggestions; 0 without suggestions.
    func productsGetting(share: Double) -> Int {
        var (count, suggestions) = (0, 0.0)
        let wanted = share * Double(suggestionCount)
        for group in groups.reversed() where group.suggestions > 0 && suggestions < wanted {
            let needed = Int(((wanted - suggestions) / Double(group.suggestions)).rounded(.up))
            let taken = min(needed, group.products)
            count += taken
            suggestions += Double(taken * group.suggestions)
        }
        return count
    }

    /// Products that are suggested to nobody.
    var neverSuggested: Int { groups.first { $0.suggestions == 0 }?.products ?? 0 }
}
