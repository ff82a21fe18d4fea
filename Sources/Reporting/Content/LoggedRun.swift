/// A row of the run log, as a report shows it.
public struct LoggedRun: Sendable {
    /// Number of the run.
    public var runID: Int64
    /// Publication channel.
    public var channel: String
    /// queued, running, succeeded, failed, cancelled or skipped.
    public var status: String
    /// Why it did not succeed or was not published, as a code.
    public var reasonCode: String?
    /// Business date; nil while it is queued.
    public var asOf: String?
    /// When it started; nil if it never did.
    public var startedAt: String?
    /// How long it took or has taken, in milliseconds; nil if it never started.
    public var durationMS: Int?
    /// Recommendations written.
    public var recommendations: Int?
    /// When it was first published; nil if never.
    public var publishedAt: String?
    /// Whether it is the published run of its channel.
    public var isLive: Bool
    /// Share of the clients whose list differs from that of the run before, 0...1; nil when there was none.
    public var changedListShare: Double?
    /// Share of the products that can be suggested that it suggests to anybody, 0...1; nil where it suggests nothing, and
    /// for runs of before it was counted.
    public var coverage: Double?
    /// The Gini coefficient of its suggestions over these products.
    public var gini: Double?
    /// Share of its suggestions that go to the three most suggested products, 0...1.
    public var top3Share: Double?
    /// A, B or C; nil when it was not graded.
    public var grade: String?

    /// Creates a row.
    public init(
        runID: Int64, channel: String, status: String, reasonCode: String? = nil, asOf: String? = nil,
        startedAt: String? = nil, durationMS: Int? = nil, recommendations: Int? = nil, publishedAt: String? = nil,
        isLive: Bool = false, changedListShare: Double? = nil, coverage: Double? = nil, gini: Double? = nil,
        top3Share: Double? = nil, grade: String? = nil
    ) {
        self.runID = runID
        self.channel = channel
        self.status = status
        self.reasonCode = reasonCode
        self.asOf = asOf
        self.startedAt = startedAt
        self.durationMS = durationMS
        self.recommendations = recommendations
        self.publishedAt = publishedAt
        self.isLive = isLive
        self.changedListShare = changedListShare
        self.coverage = coverage
        self.gini = gini
        self.top3Share = top3Share
        self.grade = grade
    }
}
