import Recommending
import Testing

/// What products are made of, and rows that cannot be right.
@Suite struct ComponentsBuilderTests {
    private func build(
        _ rows: [(Int32, Int32, Double?)], productCount: Int = 6, held: Set<Int> = [0, 1, 2, 3, 4, 5],
        attributes: [[Int32?]] = []
    ) -> (components: ProductComponents?, quality: ComponentsQuality) {
        var builder = ComponentsBuilder()
        for (product, component, weight) in rows { builder.add(product: product, component: component, weight: weight) }
        return builder.finish(
            productOrder: (0..<Int32(productCount)).map(\.self), isHeld: (0..<productCount).map(held.contains),
            attributes: ProductAttributes(values: attributes, productCount: productCount))
    }

    private func text(_ components: ProductComponents?, _ product: Int32) -> String {
        (components?.parts(of: product) ?? []).map { "\($0.product): \($0.weight)" }.joined(separator: ", ")
    }

    @Test func normalizesAndResolves() {
        let (components, quality) = build([
            (0, 1, 30), (0, 2, 10), (0, 1, 0), (1, 3, 1), (1, 4, 1), (2, 4, 5), (2, 5, 0),
        ])
        #expect(quality == build([]).quality)
        #expect(text(components, 0) == "3: 0.375, 4: 0.625")
        #expect(text(components, 1) == "3: 0.5, 4: 0.5")
        #expect(text(components, 2) == "4: 1.0")
        #expect(text(components, 3) == "")
        #expect(components?.products == [0, 1, 2])
        #expect(components?.source(of: 0) == .components)
        #expect(components?.source(of: 4) == nil)
        #expect(build([]).components == nil)
    }

    @Test(arguments: [nil, -1, Double.nan, .infinity, -.infinity])
    func setsWeightsAside(weight: Double?) {
        let (components, quality) = build([(0, 1, weight), (0, 2, 1), (3, 1, weight)])
        #expect(quality.invalidWeights == [0, 3])
        #expect(text(components, 0) == "2: 1.0")
        #expect(text(components, 3) == "")
    }

    @Test func refusesSumsThatSayNothing() {
        let (components, quality) = build([
            (0, 1, 0), (0, 2, 0), (3, 1, .greatestFiniteMagnitude), (3, 2, .greatestFiniteMagnitude),
        ])
        #expect(quality.invalidWeights == [0, 3])
        #expect(components == nil)
    }

    @Test func namesItsOwnComponent() {
        let (components, quality) = build([(0, 0, 1), (0, 1, 1)])
        #expect(quality.ownComponents == [0])
        #expect(quality.cycles == [])
        #expect(text(components, 0) == "1: 1.0")
    }

    /// 1, 2 and 3 form a cycle; 0 is made of it, and it is made of 4.
    @Test func findsCycles() {
        let (components, quality) = build([(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 1, 1), (3, 4, 1), (5, 4, 1)])
        #expect(quality.cycles == [1, 2, 3])
        #expect(text(components, 0) == "1: 1.0")
        #expect(text(components, 1) == "")
        #expect(text(components, 5) == "4: 1.0")
    }

    /// Deeper than any stack.
    @Test func resolvesALongChain() {
        let count = 50_000
        let rows = (0..<Int32(count - 1)).map { ($0, $0 + 1, Optional(2.0)) }
        let (components, quality) = build(rows, productCount: count, held: [count - 1])
        #expect(quality.cycles.isEmpty)
        #expect(text(components, 0) == "\(count - 1): 1.0")
        let closed = build(rows + [(Int32(count - 1), 0, 1)], productCount: count)
        #expect(closed.quality.cycles.count == count)
        #expect(closed.components == nil)
    }

    /// Only the held products with the most equal values count; an unknown value equals nothing.
    @Test func findsWhatIsAlike() {
        let attributes: [[Int32?]] = [[1, 1, 1, 2, nil, 1], [7, 7, 8, 7, nil, 7], [nil, 5, 5, 5, nil, nil]]
        let (components, _) = build([], held: [1, 2, 3], attributes: attributes)
        #expect(text(components, 0) == "1: 1.0")
        #expect(text(components, 4) == "")
        #expect(text(components, 5) == "1: 1.0")
        #expect(components?.source(of: 0) == .attributes)
        let (others, _) = build([], held: [2, 3], attributes: attributes)
        #expect(text(others, 0) == "2: 0.5, 3: 0.5")
        #expect(text(others, 1) == "2: 0.5, 3: 0.5")
    }

    /// A product that has components keeps them, and those that nobody holds stand for what is like them.
    @Test func resolvesComponentsThatNobodyHolds() {
        let (components, _) = build(
            [(0, 1, 1), (0, 2, 3)], held: [2, 3, 4], attributes: [[9, 9, nil, 9, 9, 9]])
        #expect(text(components, 0) == "2: 0.75, 3: 0.125, 4: 0.125")
        #expect(components?.source(of: 0) == .components)
        #expect(text(components, 5) == "3: 0.5, 4: 0.5")
    }
}
