public import Evaluation

/// The figures of one evaluation.
public struct QualityFigures: Sendable {
    /// One figure with its interval.
    public struct Figure: Sendable {
        /// 0 for the mean of all windows, else the window, from 1 for the earliest.
        public var window: Int
        /// The day that was ranked on; nil for holdings without dates and for the mean.
        public var trainDate: String?
        /// The day until which products were to be found.
        public var testDate: String?
        /// Clients of this segment only; nil for all.
        public var segment: String?
        /// Name of the method, such as `peers`.
        public var method: String
        /// Name of the metric with its cutoff, such as `ndcg@10`.
        public var metric: String
        /// The method that the figure is the difference to; nil for plain figures.
        public var comparedWith: String?
        /// The figure, or the difference.
        public var estimate: Estimate
        /// Tested clients.
        public var clients: Int

        /// Creates a figure.
        public init(
            window: Int, trainDate: String? = nil, testDate: String? = nil, segment: String? = nil, method: String,
            metric: String, comparedWith: String? = nil, estimate: Estimate, clients: Int
        ) {
            self.window = window
            self.trainDate = trainDate
            self.testDate = testDate
            self.segment = segment
            self.method = method
            self.metric = metric
            self.comparedWith = comparedWith
            self.estimate = estimate
            self.clients = clients
        }
    }

    /// Number of the evaluation.
    public var evaluationID: Int64
    /// The run whose backtest it is; nil for `peerfolio evaluate`.
    public var runID: Int64?
    /// When it was made.
    public var evaluatedAt: String
    /// `temporal` or `leave_one_out`.
    public var kind: String
    /// The method that the configuration publishes; nil when it was not measured.
    public var publishedMethod: String?
    /// All figures, in any order.
    public var figures: [Figure]

    /// Creates the figures of an evaluation.
    public init(
        evaluationID: Int64, runID: Int64? = nil, evaluatedAt: String, kind: String, publishedMethod: String?,
        figures: [Figure]
    ) {
        self.evaluationID = evaluationID
        self.runID = runID
        self.evaluatedAt = evaluatedAt
        self.kind = kind
        self.publishedMethod = publishedMethod
        self.figures = figures
    }

    /// The figures of all clients over all windows.
    var overall: [Figure] { figures.filter { $0.window == 0 && $0.segment == nil } }

    /// The numbers of the single windows, ascending; empty when there is but one.
    var windowNumbers: [Int] {
        let numbers = Set(figures.map(\.window)).subtracting([0]).sorted()
        return numbers.count > 1 ? numbers : []
    }

    /// The names of the segments, in alphabetical order.
    var segments: [String] { Set(figures.compactMap(\.segment)).sorted() }

    /// The figures of one window, or of one segment.
    func figures(window: Int = 0, segment: String? = nil) -> [Figure] {
        figures.filter { $0.window == window && $0.segment == segment }
    }

    /// The differences in one metric over all windows, in the order of the methods.
    func differences(in metric: String) -> [Figure] {
        overall.filter { $0.comparedWith != nil && $0.metric == metric }.sorted { left, right in
            (Self.place(left.method), Self.place(left.comparedWith ?? ""))
                < (Self.place(right.method), Self.place(right.comparedWith ?? ""))
        }
    }

    /// The names of the methods in these figures, models first.
    static func methods(_ figures: [Figure]) -> [String] {
        Set(figures.map(\.method)).sorted { (place($0), $0) < (place($1), $1) }
    }

    /// Where a method stands: models first, unknown ones last.
    private static func place(_ method: String) -> Int {
        let methods = EvaluationMethod.allCases
        return methods.firstIndex { $0.rawValue == method } ?? methods.count
    }
}

extension [QualityFigures.Figure] {
    /// The plain figure of a method, or its difference to another one.
    func figure(_ method: String, _ metric: String, against baseline: String? = nil) -> QualityFigures.Figure? {
        first { $0.method == method && $0.metric == metric && $0.comparedWith == baseline }
    }
}
