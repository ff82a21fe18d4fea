import Postgres

/// One row of the run log, as people and programs read it.
public struct RunRecord: Sendable, Encodable {
    /// Number of the run.
    public let runID: Int64
    /// Channel of the run.
    public let channel: String
    /// queued, running, succeeded, failed, cancelled or skipped.
    public let status: String
    /// Why it did not succeed or was not published.
    public let reasonCode: String?
    /// What started it.
    public let trigger: String
    /// Who asked for it.
    public let requestedBy: String
    /// Business date.
    public let asOf: String?
    /// When it was asked for, as the server writes it.
    public let requestedAt: String
    /// When it started, as the server writes it; nil if it never did.
    public let startedAt: String?
    /// 1 for the first attempt.
    public let attempt: Int
    /// How long it took or has taken, in milliseconds.
    public let durationMS: Int?
    /// Whether it is the published run of its channel.
    public let isLive: Bool
    /// Whether its rows are still there.
    public let isRestorable: Bool
    /// Whether it was forced.
    public let isForced: Bool
    /// Clients known.
    public let clients: Int?
    /// Clients with a portfolio.
    public let clientsWithPortfolio: Int?
    /// Products known.
    public let products: Int?
    /// Held pairs.
    public let holdings: Int?
    /// Different portfolios.
    public let distinctPortfolios: Int?
    /// Recommendations written.
    public let recommendations: Int?
    /// Kinds of findings.
    public let findings: Int?
    /// Share of the clients in it and in the run that was live before whose list has changed; nil without comparison.
    public let changedListShare: Double?
    /// Share of the suggestions to these clients that are new.
    public let newSuggestionShare: Double?
    /// Share of the clients with a best suggestion in both runs for whom it has changed.
    public let changedFirstChoiceShare: Double?
    /// Share of the products that can be suggested that it suggests to anybody; nil where it suggests nothing.
    public let coverage: Double?
    /// How unevenly its suggestions are spread over them.
    public let gini: Double?
    /// Share of its suggestions that go to the three most suggested products.
    public let top3Share: Double?
    /// Why it failed, in words.
    public let error: String?
    /// The server's code for the failure, if it gave one.
    public let errorSQLState: String?
    private let secondsSinceEnd: Double?

    enum CodingKeys: String, CodingKey {
        case runID = "run_id"
        case channel, status, trigger, attempt, clients, products, holdings, recommendations, findings, error,
            coverage, gini
        case reasonCode = "reason_code"
        case requestedBy = "requested_by"
        case asOf = "as_of"
        case requestedAt = "requested_at"
        case startedAt = "started_at"
        case durationMS = "duration_ms"
        case isLive = "is_live"
        case isRestorable = "is_restorable"
        case isForced = "is_forced"
        case clientsWithPortfolio = "clients_with_portfolio"
        case distinctPortfolios = "distinct_portfolios"
        case changedListShare = "changed_list_share"
        case newSuggestionShare = "new_suggestion_share"
        case changedFirstChoiceShare = "changed_first_choice_share"
        case top3Share = "top3_share"
    }

    static let columns = """
        h.run_id, h.channel, h.status, h.reason_code, h.trigger, h.requested_by, h.as_of_date,
        to_char(h.requested_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM') as requested_at,
        to_char(h.started_at, 'YYYY-MM-DD HH24:MI:SS TZH:TZM') as started_at, h.attempt, h.duration_ms, h.is_live,
        h.is_restorable, h.is_forced, h.clients, h.clients_with_portfolio, h.products, h.holdings,
        h.distinct_portfolios, h.recommendations, h.findings, h.error, h.error_sqlstate,
        h.changed_list_share, h.new_suggestion_share, h.changed_first_choice_share, h.coverage, h.gini, h.top3_share,
        extract(epoch from clock_timestamp() - h.finished_at)::double precision as seconds_since_end
        """

    init(_ row: PostgresRow) throws {
        runID = try row.get("run_id")
        channel = try row.get("channel")
        status = try row.get("status")
        reasonCode = try row.getIfPresent("reason_code")
        trigger = try row.get("trigger")
        requestedBy = try row.get("requested_by")
        asOf = try row.getIfPresent("as_of_date")
        requestedAt = try row.get("requested_at")
        startedAt = try row.getIfPresent("started_at")
        attempt = try row.get("attempt")
        durationMS = try row.getIfPresent("duration_ms")
        isLive = try row.get("is_live")
        isRestorable = try row.get("is_restorable")
        isForced = try row.get("is_forced")
        clients = try row.getIfPresent("clients")
        clientsWithPortfolio = try row.getIfPresent("clients_with_portfolio")
        products = try row.getIfPresent("products")
        holdings = try row.getIfPresent("holdings")
        distinctPortfolios = try row.getIfPresent("distinct_portfolios")
        recommendations = try row.getIfPresent("recommendations")
        findings = try row.getIfPresent("findings")
        changedListShare = try row.getIfPresent("changed_list_share")
        newSuggestionShare = try row.getIfPresent("new_suggestion_share")
        changedFirstChoiceShare = try row.getIfPresent("changed_first_choice_share")
        coverage = try row.getIfPresent("coverage")
        gini = try row.getIfPresent("gini")
        top3Share = try row.getIfPresent("top3_share")
        error = try row.getIfPresent("error")
        errorSQLState = try row.getIfPresent("error_sqlstate")
        secondsSinceEnd = try row.getIfPresent("seconds_since_end")
    }

    /// The reason, unless a newer program has written one that this one does not know.
    public var reason: RunReason? { reasonCode.flatMap(RunReason.init) }

    /// Whether another attempt may follow that is not queued yet.
    ///
    /// The scheduler queues one within moments of a transient failure, and when it has stopped a run to stop itself; a run
    /// that was the last of its attempts looks the same for as long.
    public var mayBeRepeated: Bool {
        guard let reason, reason.isRepeated || reason == .cancelled && startedAt != nil else { return false }
        return secondsSinceEnd.map { $0 < 5 } ?? true
    }
}
