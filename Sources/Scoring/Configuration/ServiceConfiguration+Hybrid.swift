import Recommending
import Warehouse

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
        let model = HybridModel(weights: weights, recency: settings.number(.hybridRecency))
        if model.weights.isEmpty && model.recency > 0 {
            throw ConfigurationError(
                code: .conflict,
                message:
                    "needs signals to be about: give hybrid.peers, hybrid.item_conditional or hybrid.ease a weight",
                key: ConfigurationKey.hybridRecency.rawValue, location: settings.location(of: .hybridRecency))
        }
        self.init(model: model.weights.isEmpty ? nil : model, recentDays: settings.integer(.hybridRecentDays))
    }
}
