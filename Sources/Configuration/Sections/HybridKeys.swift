package import Recommending
import SourceReading

/// How the score of a product is made of several signals.
package struct HybridKeys: KeySection {
    let peers = weight("peers", "the votes of peers")
    let itemConditional = weight("item_conditional", "how often holders of the client's products hold it")
    let ease = weight("ease", "EASE, a linear model of whole portfolios")
    let popularity = weight("popularity", "the share of all clients who hold it")
    let recentPopularity = weight("recent_popularity", "the share of all clients who have lately added it")
    let segmentPopularity = weight("segment_popularity", "the share of the clients of `clients.segment` who hold it")
    let softmax = weight(
        "softmax", "how likely it is what clients like this take next, by what they hold and by `clients.attributes`",
        recordsDefault: false)
    let recency = Key(
        "hybrid.recency", .number(atLeast: 0), default: 0,
        "How much what was lately added counts against what is held; needs dated holdings.")
    let recentDays = Key(
        "hybrid.recent_days", .integer(1...3660), default: 180, "Days that count as lately; needs dated holdings.")

    package var changes: KeyEffect { .scores }

    private static func weight(_ name: String, _ meaning: String, recordsDefault: Bool = true) -> Key<Double> {
        Key(
            "hybrid.\(name)", .number(atLeast: 0), default: 0, recordsDefault: recordsDefault,
            "Weight in the hybrid score: \(meaning).")
    }

    /// The key with a signal's weight; nil for the recent side of another signal.
    func weight(of signal: Signal) -> Key<Double>? {
        switch signal {
        case .peers: peers
        case .itemConditional: itemConditional
        case .ease: ease
        case .popularity: popularity
        case .recentPopularity: recentPopularity
        case .segmentPopularity: segmentPopularity
        case .softmax: softmax
        case .recentPeers, .recentItemConditional, .recentEASE: nil
        }
    }
}

extension ServiceConfiguration {
    /// How the score of a product is made of several signals.
    package struct Hybrid: Sendable, Hashable {
        /// The weights of the signals; nil where peers alone decide.
        package let model: HybridModel?
        /// How many days back an added product counts as added lately.
        package let recentDays: Int

        init(_ settings: ConfigurationSettings) {
            let keys = settings.hybrid.keys
            let weights = Signal.allCases.compactMap { signal in
                keys.weight(of: signal).map { (signal, settings[$0]) }
            }
            let model = HybridModel(
                weights: Dictionary(uniqueKeysWithValues: weights), recency: settings[keys.recency])
            self.model = model.weights.isEmpty ? nil : model
            recentDays = settings[keys.recentDays]
        }
    }
}

extension ConfigurationSettings {
    /// Refuses signals whose data is not mapped.
    func checkHybrid(_ source: SourceMapping) throws(ConfigurationError) {
        let keys = self.hybrid.keys
        for key in [keys.recency, keys.recentPopularity] where self[key] > 0 && !source.holdings.isDated {
            throw conflict(
                key, "needs dated holdings: map holdings.as_of, or holdings.valid_from and valid_to, or use :as_of")
        }
        if self[keys.segmentPopularity] > 0, source.clients?.segment == nil {
            throw conflict(keys.segmentPopularity, "needs segments: map clients.segment")
        }
        let dated = Signal.allCases.filter { $0.recent != nil }.compactMap(keys.weight)
        if self[keys.recency] > 0 && !dated.contains(where: { self[$0] > 0 }) {
            throw conflict(
                keys.recency,
                "needs signals to be about: give hybrid.peers, hybrid.item_conditional or hybrid.ease a weight")
        }
    }
}
