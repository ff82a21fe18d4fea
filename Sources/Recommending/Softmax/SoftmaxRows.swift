import Holdings
package import PeerSearch

/// What a softmax model is trained on: what is held together, how often, and of whom.
package struct SoftmaxRows: Sendable {
    /// Rows that train a model well enough: more take longer and change no suggestion.
    package static let mostRows = 200_000

    /// Products that have a place in the model.
    let placeCount: Int
    /// Features of clients.
    let featureCount: Int
    /// Where each row's places begin, and their number at the end.
    private(set) var offsets = [0]
    /// The places of the products of each row, ascending.
    private(set) var places: [Int32] = []
    /// The weight of every pair of a row: how many clients it stands for / how many products they hold.
    private(set) var weights: [Double] = []
    /// Where each row's features begin, and their number at the end.
    private(set) var featureOffsets = [0]
    /// The features of each row that are not 0.
    private(set) var features: [Int32] = []
    /// Their values.
    private(set) var featureValues: [Double] = []

    /// Rows.
    var count: Int { weights.count }

    /// Takes the products of distinct portfolios; amounts have no part in it.
    ///
    /// - Parameters:
    ///   - portfolios: Distinct portfolios with their clients.
    ///   - placeOfProduct: The place of each product in the model, -1 for none.
    ///   - usesAttributes: Whether the attributes that take part in distances are features.
    ///   - mostRows: Rows beyond which a sample is taken.
    ///   - seed: Of the sample.
    package init(
        _ portfolios: Portfolios, placeOfProduct: [Int32], usesAttributes: Bool, mostRows: Int = Self.mostRows,
        seed: UInt64
    ) {
        placeCount = Int((placeOfProduct.max() ?? -1) + 1)
        featureCount = usesAttributes ? portfolios.attributeCount : 0
        var clients: [Double] = []
        for portfolio in 0..<portfolios.count where portfolios.multiplicity(of: portfolio) > 0 {
            let firstPlace = places.count
            for product in portfolios.products(of: portfolio) where placeOfProduct[Int(product)] >= 0 {
                places.append(placeOfProduct[Int(product)])
            }
            guard places.count > firstPlace else { continue }
            let firstFeature = features.count
            if usesAttributes {
                for (feature, value) in portfolios.attributes(of: portfolio) {
                    features.append(feature)
                    featureValues.append(value)
                }
            }
            let number = Double(portfolios.multiplicity(of: portfolio))
            // Portfolios that differ in amounts alone follow each other.
            if let last = clients.indices.last,
                places[offsets[last]..<firstPlace] == places[firstPlace...],
                features[featureOffsets[last]..<firstFeature] == features[firstFeature...],
                featureValues[featureOffsets[last]..<firstFeature] == featureValues[firstFeature...]
            {
                places.removeSubrange(firstPlace...)
                features.removeSubrange(firstFeature...)
                featureValues.removeSubrange(firstFeature...)
                clients[last] += number
            } else {
                offsets.append(places.count)
                featureOffsets.append(features.count)
                clients.append(number)
            }
        }
        weights = clients.indices.map { clients[$0] / Double(offsets[$0 + 1] - offsets[$0]) }
        if count > mostRows { takeSample(of: mostRows, seed: seed) }
    }

    /// Keeps some rows, each with the same chance, and gives them the weight of all.
    private mutating func takeSample(of size: Int, seed: UInt64) {
        var random = SplitMix64(seed: seed, stream: 0)
        let all = self
        (offsets, places, weights) = ([0], [], [])
        (featureOffsets, features, featureValues) = ([0], [], [])
        // Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
        for row in 0..<all.count where random.next(below: all.count - row) < size - count {
            places += all.places[all.offsets[row]..<all.offsets[row + 1]]
            offsets.append(places.count)
            features += all.features[all.featureOffsets[row]..<all.featureOffsets[row + 1]]
            featureValues += all.featureValues[all.featureOffsets[row]..<all.featureOffsets[row + 1]]
            featureOffsets.append(features.count)
            weights.append(all.weights[row])
        }
        let ratio = all.weights.reduce(0, +) / weights.reduce(0, +)
        for row in weights.indices { weights[row] *= ratio }
    }
}
