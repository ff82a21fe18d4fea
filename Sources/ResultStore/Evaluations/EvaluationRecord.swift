public import Evaluation

/// What one evaluation has measured, and on what.
public struct EvaluationRecord: Sendable {
    /// The figures of one window, or the mean of all.
    public struct Window: Sendable {
        /// 0 for the mean of all windows, else from 1 for the earliest.
        public var number: Int
        /// The day that was ranked on, `YYYY-MM-DD`.
        public var trainDate: String?
        /// The day until which products were to be found.
        public var testDate: String?
        /// Figures of all clients.
        public var table: QualityTable
        /// Figures of the clients of each segment.
        public var segments: [(name: String, table: QualityTable)]

        /// Creates the figures of a window.
        public init(
            number: Int, trainDate: String?, testDate: String?, table: QualityTable,
            segments: [(name: String, table: QualityTable)] = []
        ) {
            self.number = number
            self.trainDate = trainDate
            self.testDate = testDate
            self.table = table
            self.segments = segments
        }
    }

    /// The channel of the configuration.
    public var channel: String
    /// The run whose backtest it is.
    public var runID: Int64?
    /// How the products to find were chosen.
    public var kind: BacktestWindow.Kind
    /// The recorded configuration, JSON.
    public var configJSON: String
    /// The part of it that decides scores, JSON.
    public var modelJSON: String
    /// The method that the configuration publishes.
    public var publishedMethod: EvaluationMethod
    /// The mean of all windows first, then the windows.
    public var windows: [Window]
    /// What scores have come to mean; nothing for windows without dates.
    public var calibration: Calibration?
    /// How long it took.
    public var duration: Duration
    /// Version of the program.
    public var programVersion: String

    /// Creates a record.
    public init(
        channel: String, runID: Int64?, kind: BacktestWindow.Kind, configJSON: String, modelJSON: String,
        publishedMethod: EvaluationMethod, windows: [Window], calibration: Calibration?, duration: Duration,
        programVersion: String
    ) {
        self.channel = channel
        self.runID = runID
        self.kind = kind
        self.configJSON = configJSON
        self.modelJSON = modelJSON
        self.publishedMethod = publishedMethod
        self.windows = windows
        self.calibration = calibration
        self.duration = duration
        self.programVersion = programVersion
    }
}
