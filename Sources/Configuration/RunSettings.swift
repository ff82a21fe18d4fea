package import PeerSearch
package import SourceReading

/// The part of a configuration that decides the result, however the sources are mapped.
package struct RunSettings: Sendable {
    /// How peers are found.
    package let model: PeerModel
    /// How the score of a product is made of several signals.
    package let hybrid: ServiceConfiguration.Hybrid
    /// The columns that take part in the distance of clients.
    package let attributes: [AttributeMapping]
    /// λ of EASE.
    package let easeLambda: Double
    /// Recommendations per client.
    package let topN: Int
    /// Share by which a newcomer's score must exceed that of a suggestion of the live run.
    package let hysteresis: Double

    /// The settings of a configuration.
    package init(_ configuration: ServiceConfiguration) {
        self.init(configuration.settings)
    }

    /// The settings of a recorded run.
    ///
    /// - Throws: `ConfigurationError` for text that is no record.
    package init(recorded json: String) throws(ConfigurationError) {
        self.init(try ConfigurationSettings(recorded: json))
    }

    private init(_ settings: ConfigurationSettings) {
        model = PeerModel(settings.model)
        hybrid = ServiceConfiguration.Hybrid(settings)
        attributes = settings.clients.attributes
        easeLambda = settings.evaluate.easeLambda
        topN = settings.output.topN
        hysteresis = settings.output.hysteresis
    }
}
