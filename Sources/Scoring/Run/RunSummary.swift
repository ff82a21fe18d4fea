public import Evaluation
public import ResultStore

/// What a run did: the object that `run --json` prints.
///
/// The same figures are in `peerfolio.runs`.
public struct RunSummary: Sendable, Encodable {
    /// Milliseconds of wall time per phase.
    public struct Phases: Sendable, Encodable {
        /// Reading the sources.
        public var read = 0
        /// Encoding into distinct portfolios.
        public var encode = 0
        /// Searching peers; the search's share of the wall time of search and score, which run together.
        public var search = 0
        /// Counting votes and choosing products; the other share.
        public var score = 0
        /// Loading the slot.
        public var write = 0
        /// Verifying the slot in SQL.
        public var check = 0
        /// Moving the pointer.
        public var publish = 0
        /// From the first connection to the end.
        public var total = 0
    }

    /// Number of the run; nil for a dry run.
    public var runID: Int64?
    /// `succeeded`, or `dry_run`.
    public var status: String
    /// Whether reports see it now.
    public var published: Bool
    /// Channel of the run.
    public var channel: String
    /// Business date, `YYYY-MM-DD`.
    public var asOf: String
    /// Date of the snapshot that was read, for relations with dated snapshots.
    public var snapshotDate: String?
    /// Whether findings that refuse were overridden.
    public var isForced: Bool
    /// Clients known.
    public var clients: Int
    /// Clients that hold at least one product.
    public var clientsWithPortfolio: Int
    /// Products known.
    public var products: Int
    /// Held pairs.
    public var holdings: Int
    /// Different portfolios.
    public var distinctPortfolios: Int
    /// Recommendations made.
    public var recommendations: Int
    /// Kinds of data-quality findings.
    public var findings: Int
    /// Share of the products that can be suggested that are suggested to anybody, 0...1; nil without recommendations.
    public var coverage: Double?
    /// How unevenly suggestions are spread over these products, 0...1; nil without recommendations.
    public var gini: Double?
    /// Share of the suggestions that go to the three most suggested products, 0...1; nil without recommendations.
    public var top3Share: Double?
    /// Distance kernel.
    public var kernel: String
    /// Workers.
    public var width: Int
    /// What the run's own backtest says against popularity; nil without `publish.gate`, or with too few clients.
    public var grade: Grade?
    /// The grade in words and figures.
    public var gradeReason: String?
    /// Whether it is not published because of its grade.
    public var isHeldBack = false
    /// Milliseconds per phase.
    public var phases: Phases
    /// What has changed against the run that was live before; nil for the first run and for dry runs.
    public var change: RunComparison?

    /// The error that a caller should see although the run has succeeded: its grade kept it from being published.
    public var refusal: ScoringError? {
        isHeldBack
            ? ScoringError(
                .gradedWorse,
                "the run is stored, but not published: \(gradeReason ?? "graded worse"); publish it with"
                    + " `peerfolio publish` or run with --force")
            : nil
    }

    enum CodingKeys: String, CodingKey {
        case status, published, channel, clients, products, holdings, recommendations, findings, kernel, width, change,
            grade, coverage, gini
        case runID = "run_id"
        case asOf = "as_of"
        case snapshotDate = "snapshot_date"
        case isForced = "is_forced"
        case clientsWithPortfolio = "clients_with_portfolio"
        case distinctPortfolios = "distinct_portfolios"
        case top3Share = "top3_share"
        case gradeReason = "grade_reason"
        case isHeldBack = "is_held_back"
        case phases = "phases_ms"
    }
}
