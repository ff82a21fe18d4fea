import PeerSearch

/// How peers are found.
package struct ModelKeys: KeySection {
    let encoding = Key("model.encoding", .choice(Encoding.self), default: .binary, "How amounts become a vector.")
    let distance = Key(
        "model.distance", .choice(DistanceMetric.self), default: .cosine, "How far apart two vectors are.")
    let decimals = Key(
        "model.decimals", .integer(PeerModel.decimalsRange), default: 4, "Decimals to which distances are rounded.")
    let k = Key("model.k", .integer(atLeast: 1), default: 200, "Peers per client.")
    let informative = Key(
        "model.informative", .boolean, default: true, "Count only peers that hold a product which the client lacks.")
    let minOverlap = Key(
        "model.min_overlap", .integer(atLeast: 0), default: 1, "Products that a peer must share with the client.")

    package var changes: KeyEffect { .scores }
}

extension PeerModel {
    init(_ model: ConfigurationSection<ModelKeys>) {
        self.init(
            encoding: model.encoding, distance: model.distance, decimals: model.decimals, k: model.k,
            isInformative: model.informative, minOverlap: model.minOverlap)
    }
}
