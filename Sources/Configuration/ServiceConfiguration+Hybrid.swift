import Recommending
import SourceReading

extension ServiceConfiguration.Hybrid {
    /// Reads the section `hybrid`.
    ///
    /// - Throws: `ConfigurationError` for a signal whose data is not mapped.
    init(_ settings: ConfigurationSettings, source: SourceMapping) throws(ConfigurationError) {
        var weights: [Signal: Double] = [:]
        for signal in Signal.weighted {
            guard let key = ConfigurationKey(rawValue: "hybrid.\(signal.rawValue)") else {
                preconditionFailure("every weighted signal has a key")
            }
            weights[signal] = settings.number(key)
        }
        for key in [ConfigurationKey.hybridRecency, .hybridRecentPopularity]
        where settings.number(key) > 0 && !source.holdings.isDated {
            throw ConfigurationError(
                code: .conflict,
                message: "needs dated holdings: map holdings.as_of, or holdings.valid_from and valid_to, or use :as_of",
                key: key.rawValue, location: settings.location(of: key))
        }
        if settings.number(.hybridSegmentPopularity) > 0, source.clients?.segment == nil {
            throw ConfigurationError(
                code: .conflict, message: "needs segments: map clients.segment",
                key: ConfigurationKey.hybridSegmentPopularity.rawValue,
                location: settings.location(of: .hybridSegmentPopularity))
        }
        let model = HybridModel(weights: weights, recency: settings.number(.hybridRecency))
        if model.recency > 0 && !model.weights.keys.contains(where: { $0.recent != nil }) {
            throw ConfigurationError(
                code: .conflict,
                message:
                    "needs signals to be about: give hybrid.peers, hybrid.item_conditional or hybrid.ease a weight",
                key: ConfigurationKey.hybridRecency.rawValue, location: settings.location(of: .hybridRecency))
        }
        self.init(model: model.weights.isEmpty ? nil : model, recentDays: settings.integer(.hybridRecentDays))
    }

    /// Restores what a run has recorded.
    ///
    /// - Parameter recorded: The numbers of the section by the names of their keys; none for runs of versions without it.
    package init(recorded: [String: Double]) {
        let weights = Dictionary(
            uniqueKeysWithValues: Signal.weighted.map { ($0, recorded[$0.rawValue] ?? 0) })
        let model = HybridModel(
            weights: weights, recency: recorded[ConfigurationKey.hybridRecency.name] ?? 0)
        self.init(
            model: model.weights.isEmpty ? nil : model,
            recentDays: Int(recorded[ConfigurationKey.hybridRecentDays.name] ?? 0))
    }
}
