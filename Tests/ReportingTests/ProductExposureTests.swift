import Testing

@testable import Reporting

@Suite struct ProductExposureTests {
    @Test func groupsCountAsTheirProducts() {
        let exposure = ProductExposure([
            .init(suggestions: 50, products: 1), .init(suggestions: 0, products: 2),
            .init(suggestions: 10, products: 5),
        ])
        #expect(exposure.productCount == 8)
        #expect(exposure.suggestionCount == 100)
        #expect(exposure.neverSuggested == 2)
        #expect(exposure.share(ofTop: 1) == 0.5)
        #expect(exposure.share(ofTop: 3) == 0.7)
        #expect(exposure.share(ofTop: .max) == 1)
        #expect(exposure.productsGetting(share: 0.5) == 1)
        #expect(exposure.productsGetting(share: 0.51) == 2)
        #expect(exposure.productsGetting(share: 1) == 6)
        #expect(exposure.lorenzCurve.map(\.suggestions) == [0, 0, 0.5, 1])
    }

    /// The sum over single products, as the evaluation computes it.
    private static func reference(_ counts: [Int]) -> Double {
        let sorted = counts.sorted().map(Double.init)
        let count = Double(sorted.count)
        let weighted = sorted.enumerated().reduce(0) { $0 + (2 * Double($1.offset + 1) - count - 1) * $1.element }
        return weighted / (count * sorted.reduce(0, +))
    }

    @Test(arguments: [[1], [3, 3, 3], [0, 0, 9], [0, 1, 1, 2, 5, 8, 8, 8, 40], [7, 0]])
    func giniIsThatOfTheSingleProducts(_ counts: [Int]) throws {
        let groups = Dictionary(grouping: counts) { $0 }
            .map { ProductExposure.Group(suggestions: $0.key, products: $0.value.count) }
        let gini = try #require(ProductExposure(groups).gini)
        #expect(abs(gini - Self.reference(counts)) < 1e-12)
    }

    @Test func nothingIsSuggested() {
        for exposure in [ProductExposure([]), ProductExposure([.init(suggestions: 0, products: 4)])] {
            #expect(exposure.gini == nil)
            #expect(exposure.lorenzCurve.isEmpty)
            #expect(exposure.share(ofTop: 3) == 0)
            #expect(exposure.productsGetting(share: 0.5) == 0)
        }
    }
}
