import Holdings

/// What the products that are made of others are made of, down to products that are scored by votes.
///
/// Weights of a product's parts are above 0 and sum to 1. Products without parts are scored by votes alone.
public struct ProductComponents: Sendable {
    /// How it is known what a product is made of.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// From the list of components.
        case components
        /// Nobody holds the product, so it is scored from the held products that are most like it.
        case attributes
    }

    /// A product that another is made of.
    public struct Part: Sendable, Hashable {
        /// The part's product.
        public let product: Int32
        /// Its share of the whole, above 0 and at most 1.
        public let weight: Double
    }

    /// The products that have parts, ascending.
    public let products: [Int32]
    private let sources: [Source]
    /// The list of each product, by its place in ``products``.
    private let listOfProduct: [Int]
    /// Different lists of parts; products that are like the same others share one.
    let lists: GroupedLists<Part>

    /// Keeps lists of parts.
    ///
    /// - Parameters:
    ///   - partsOfProduct: The parts by product; empty for those without any.
    ///   - isFromAttributes: By product, whether the parts are products that are like it.
    init(_ partsOfProduct: [[Part]], isFromAttributes: [Bool]) {
        let indexes = partsOfProduct.indices.filter { !partsOfProduct[$0].isEmpty }
        products = indexes.map { Int32($0) }
        sources = indexes.map { isFromAttributes[$0] ? .attributes : .components }
        var known: [[Part]: Int] = [:]
        var lists = GroupedLists<Part>()
        listOfProduct = indexes.map { index in
            let parts = partsOfProduct[index]
            if let list = known[parts] { return list }
            known[parts] = lists.count
            lists.append(parts)
            return lists.count - 1
        }
        self.lists = lists
    }

    /// How it is known what a product is made of; nothing for products without parts.
    ///
    /// - Complexity: O(log products).
    public func source(of product: Int32) -> Source? {
        place(of: product).map { sources[$0] }
    }

    /// The parts of a product, ascending by product; empty for products without any.
    ///
    /// - Complexity: O(log products).
    public func parts(of product: Int32) -> ArraySlice<Part> {
        place(of: product).map { lists[listOfProduct[$0]] } ?? []
    }

    /// The number of the list of the product at a place in ``products``.
    func list(at place: Int) -> Int { listOfProduct[place] }

    private func place(of product: Int32) -> Int? {
        var range = products.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if products[middle] == product { return middle }
            range = products[middle] < product ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }
}
