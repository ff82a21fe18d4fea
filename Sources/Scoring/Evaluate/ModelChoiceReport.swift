import Configuration
public import Evaluation
import Recommending

/// Which model the data speak for: the object that `evaluate --models --json` prints.
public struct ModelChoiceReport: Sendable, Encodable {
    /// What is known of a model.
    public struct Model: Sendable, Encodable {
        /// What it is called.
        public let name: String
        /// Mean nDCG@10 where the choice is made.
        public let score: Estimate
        /// By how much it falls behind the best one there.
        public let loss: Estimate
        /// The standard error of the loss.
        public let lossError: Double
        /// Mean nDCG@10 where no choice has looked.
        public let judged: Estimate
        /// By how much it is better there than the configured model.
        public let gain: Estimate

        enum CodingKeys: String, CodingKey {
            case name, score, loss, judged, gain
            case lossError = "loss_error"
        }
    }

    /// How the products to find were chosen.
    public let kind: String
    /// The days between which windows lie, `YYYY-MM-DD`; empty without dates.
    public let days: [String]
    /// Clients on whom the choice was made, in all windows together.
    public let choosingClients: Int
    /// Clients on whom it was judged.
    public let judgingClients: Int
    /// The models, the simplest first.
    public let models: [Model]
    /// The best one where the choice was made.
    public let best: String
    /// The configured one.
    public let current: String
    /// The one that is chosen.
    public let chosen: String
    /// Why.
    public let reason: ModelChoice.Reason
    /// The chosen model as a part of a configuration file.
    public let configurationFragment: String
    /// How long it took.
    public let durationMS: Int

    enum CodingKeys: String, CodingKey {
        case kind, days, models, best, current, chosen, reason
        case choosingClients = "choosing_clients"
        case judgingClients = "judging_clients"
        case configurationFragment = "configuration_fragment"
        case durationMS = "duration_ms"
    }

    init(
        _ choice: ModelChoice, candidates: [ModelCandidate], current: Int, windows: [BacktestWindow],
        clients: (choosing: Int, judging: Int), durationMS: Int
    ) {
        kind = (windows.first?.kind ?? .leaveOneOut).rawValue
        days = windows.compactMap(\.trainDate) + (windows.last?.testDate.map { [$0] } ?? [])
        (choosingClients, judgingClients) = clients
        models = zip(candidates, choice.entries).map { candidate, entry in
            Model(
                name: candidate.name, score: entry.score, loss: entry.loss, lossError: entry.lossError,
                judged: entry.judged, gain: entry.gain)
        }
        best = candidates[choice.best].name
        self.current = candidates[current].name
        chosen = candidates[choice.chosen].name
        reason = choice.reason
        let candidate = candidates[choice.chosen]
        configurationFragment =
            "model:\n  k: \(candidate.k)\n" + (candidate.hybrid ?? HybridModel(weights: [:], recency: 0)).yaml
        self.durationMS = durationMS
    }
}
