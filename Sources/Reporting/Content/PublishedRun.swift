/// The published run, in figures.
public struct PublishedRun: Sendable {
    /// A kind of data-quality finding; its examples, which are ids, stay in the database.
    public struct LoggedFinding: Sendable {
        /// Stable code, such as `NEGATIVE_AMOUNT`.
        public var code: String
        /// `info`, `warning` or `error`.
        public var severity: String
        /// How often it occurs.
        public var occurrences: Int
        /// The finding in words.
        public var message: String

        /// Creates a finding.
        public init(code: String, severity: String, occurrences: Int, message: String) {
            self.code = code
            self.severity = severity
            self.occurrences = occurrences
            self.message = message
        }
    }

    /// Clients that a run has dealt with in one way.
    public struct ServedClients: Sendable {
        /// `scored`, `fallback`, `no_portfolio` or `excluded`.
        public var status: String
        /// How many.
        public var clients: Int

        /// Creates a count.
        public init(status: String, clients: Int) {
            self.status = status
            self.clients = clients
        }
    }

    /// Number of the run.
    public var runID: Int64
    /// Business date.
    public var asOf: String
    /// When it was published.
    public var publishedAt: String
    /// Held pairs of client and product; nil where the run log does not say.
    public var holdings: Int?
    /// Recommendations written.
    public var recommendations: Int?
    /// How clients were served, most clients first.
    public var served: [ServedClients]
    /// Products by how many clients they are suggested to, the most first; the first ones only.
    public var topProducts: [ProductDemand]
    /// How evenly suggestions are spread over products.
    public var exposure: ProductExposure
    /// How scores are distributed.
    public var scores: ScoreHistogram
    /// Findings about its data, the most severe first.
    public var findings: [LoggedFinding]

    /// Creates a run.
    public init(
        runID: Int64, asOf: String, publishedAt: String, holdings: Int?, recommendations: Int?,
        served: [ServedClients], topProducts: [ProductDemand], exposure: ProductExposure, scores: ScoreHistogram,
        findings: [LoggedFinding]
    ) {
        self.runID = runID
        self.asOf = asOf
        self.publishedAt = publishedAt
        self.holdings = holdings
        self.recommendations = recommendations
        self.served = served
        self.topProducts = topProducts
        self.exposure = exposure
        self.scores = scores
        self.findings = findings
    }
}
