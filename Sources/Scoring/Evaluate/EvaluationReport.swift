import Configuration
public import Evaluation
public import Recommending

/// What an evaluation has measured: the object that `evaluate --json` prints.
public struct EvaluationReport: Sendable, Encodable {
    /// The figures of some clients.
    public struct Figures: Sendable, Encodable {
        /// Tested clients.
        public let clients: Int
        /// Pairs of clients and products that were to be found.
        public let pairs: Int
        /// By method and metric.
        public let methods: [String: [String: Estimate]]
        /// The baseline with the best nDCG@10.
        public let bestBaseline: String?
        /// How much better the models are than other methods.
        public let differences: [Difference]

        enum CodingKeys: String, CodingKey {
            case clients, pairs, methods, differences
            case bestBaseline = "best_baseline"
        }

        init(_ table: QualityTable) {
            clients = table.clients
            pairs = table.pairs
            methods = Dictionary(
                uniqueKeysWithValues: table.methods.map { ($0.key.rawValue, EvaluationReport.named($0.value)) })
            bestBaseline = table.bestBaseline?.rawValue
            differences = table.differences.map { difference in
                Difference(
                    method: difference.method.rawValue, against: difference.baseline.rawValue,
                    metrics: EvaluationReport.named(difference.metrics))
            }
        }
    }

    /// How much better a model is than another method, client by client.
    public struct Difference: Sendable, Encodable {
        /// The model.
        public let method: String
        /// What it is compared with.
        public let against: String
        /// By metric: above 0 where the model is better.
        public let metrics: [String: Estimate]
    }

    /// The figures of one window.
    public struct Window: Sendable, Encodable {
        /// The day that was ranked on, `YYYY-MM-DD`; nil for holdings without dates.
        public let train: String?
        /// The day until which products were to be found.
        public let test: String?
        /// The weights that `hybrid` had in this window.
        public let hybrid: Weights
        /// The figures.
        public let figures: Figures

        /// Encodes the figures with the window's dates and weights beside them.
        public func encode(to encoder: any Encoder) throws {
            try figures.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(train, forKey: .train)
            try container.encodeIfPresent(test, forKey: .test)
            try container.encode(hybrid, forKey: .hybrid)
        }

        enum CodingKeys: String, CodingKey {
            case train, test, hybrid
        }
    }

    /// Weights of a hybrid model, by the names of their keys.
    public struct Weights: Sendable, Encodable {
        /// The model.
        public let model: HybridModel

        /// Encodes an object with a number per key of the section `hybrid`.
        public func encode(to encoder: any Encoder) throws {
            var weights = Dictionary(uniqueKeysWithValues: model.weights.map { ($0.key.rawValue, $0.value) })
            weights["recency"] = model.recency
            try weights.encode(to: encoder)
        }
    }

    /// Whether scores have come true.
    public struct Reliability: Sendable, Encodable {
        /// Suggestions with scores in one range.
        public struct Bin: Sendable, Encodable {
            /// The least and the greatest score.
            public let scores: [Double]
            /// Suggestions.
            public let suggestions: Int
            /// Their mean score.
            public let meanScore: Double
            /// Their mean propensity, by a function that was not fitted on them.
            public let meanPropensity: Double
            /// The share that came true.
            public let observed: Estimate

            enum CodingKeys: String, CodingKey {
                case scores, suggestions, observed
                case meanScore = "mean_score"
                case meanPropensity = "mean_propensity"
            }
        }

        /// The method whose scores they are.
        public let method: String
        /// Mean squared error of propensities.
        public let brier: Double
        /// That of one constant.
        public let constantBrier: Double
        /// `constant_brier - brier`.
        public let gain: Estimate
        /// The mean propensity of suggestions that it was not fitted on.
        public let meanPropensity: Double
        /// The share of them that came true.
        public let observed: Double
        /// Whether runs of this model write propensities.
        public let isEarned: Bool
        /// The reliability table, ascending by score.
        public let bins: [Bin]

        enum CodingKeys: String, CodingKey {
            case method, brier, gain, bins, observed
            case meanPropensity = "mean_propensity"
            case constantBrier = "constant_brier"
            case isEarned = "is_earned"
        }

        init(_ calibration: Calibration) {
            method = calibration.method.rawValue
            brier = calibration.brier
            constantBrier = calibration.constantBrier
            gain = calibration.gain
            meanPropensity = calibration.meanPropensity
            observed = calibration.meanOutcome
            isEarned = calibration.isEarned
            bins = calibration.bins.map { bin in
                Bin(
                    scores: [bin.low, bin.high], suggestions: bin.count, meanScore: bin.meanScore,
                    meanPropensity: bin.meanPropensity, observed: bin.observed)
            }
        }
    }

    /// Number under which it is stored; nil when it is not.
    public var evaluationID: Int64?
    /// `temporal` or `leave_one_out`.
    public let kind: String
    /// The method that the configuration publishes: `peers` or `hybrid`.
    public let publishedMethod: String
    /// The mean of all windows.
    public let figures: Figures
    /// The windows, the earliest first; empty for leave-one-out, whose folds are no windows.
    public let windows: [Window]
    /// The mean of all windows for the clients of each segment.
    public let segments: [String: Figures]
    /// Whether scores have come true; nil where that cannot be known.
    public let calibration: Reliability?
    /// The weights that were found; nil without `--tune`.
    public let tuned: Weights?
    /// The grade that a run of this model would get.
    public let grade: Grade?
    /// How long it took, in milliseconds.
    public let durationMS: Int

    enum CodingKeys: String, CodingKey {
        case kind, windows, segments, calibration, tuned, grade
        case evaluationID = "evaluation_id"
        case publishedMethod = "published_method"
        case durationMS = "duration_ms"
    }

    /// Encodes the figures of all windows with everything else beside them.
    public func encode(to encoder: any Encoder) throws {
        try figures.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(evaluationID, forKey: .evaluationID)
        try container.encode(kind, forKey: .kind)
        try container.encode(publishedMethod, forKey: .publishedMethod)
        try container.encode(windows, forKey: .windows)
        try container.encode(segments, forKey: .segments)
        try container.encodeIfPresent(calibration, forKey: .calibration)
        try container.encodeIfPresent(tuned, forKey: .tuned)
        try container.encodeIfPresent(grade, forKey: .grade)
        try container.encode(durationMS, forKey: .durationMS)
    }

    /// The configuration fragment with the weights that were found; nil without `--tune`.
    public var configurationFragment: String? { tuned?.model.yaml }

    fileprivate static func named(_ metrics: [Metric: Estimate]) -> [String: Estimate] {
        Dictionary(uniqueKeysWithValues: metrics.map { ($0.key.description, $0.value) })
    }
}
