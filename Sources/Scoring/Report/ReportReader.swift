import Evaluation
public import Postgres
public import Reporting

/// Reads everything that a report shows, in one snapshot, from the views of `peerfolio_bi`: a reader's rights suffice.
public struct ReportReader {
    /// Runs that are listed.
    static let runCount = 30
    /// Products that are listed.
    static let productCount = 20
    /// The channel that the views show.
    private static let channel = "live"

    private let session: Session

    /// Reads a report's content in one repeatable read transaction that cannot write.
    ///
    /// - Parameters:
    ///   - programVersion: Version of the program that reports.
    ///   - statementTimeout: The server's limit for each statement.
    ///   - session: A session outside of a transaction.
    ///   - verify: Called inside the transaction before anything is read, to refuse a schema that is not this program's.
    /// - Throws: What `verify` throws; `PostgresError`.
    public static func read(
        programVersion: String, statementTimeout: Duration, session: Session,
        verify: (Session) throws -> Void
    ) throws -> ReportContent {
        session.operationTimeout = statementTimeout + .seconds(10)
        let mode = TransactionMode.consistentRead
            .pinningNames
            .setting("statement_timeout", "\(Int(statementTimeout / .milliseconds(1)))ms")
            .setting("idle_in_transaction_session_timeout", "60s")
            // Partitions multiply cost estimates: compiling took longer than reading.
            .setting("jit", "off")
        return try session.transaction(mode) { session in
            try verify(session)
            return try ReportReader(session: session).content(programVersion: programVersion)
        }
    }

    /// Whether the current role may see the tables of the schema `peerfolio`, which readers may not.
    ///
    /// - Returns: True where there is no such schema.
    public static func maySeeTables(_ session: Session) throws -> Bool {
        try session.execute(
            """
            select coalesce(bool_and(pg_catalog.has_schema_privilege(oid, 'usage')), true)
            from pg_catalog.pg_namespace where nspname = 'peerfolio'
            """
        ).rows[0].get(at: 0)
    }

    private func content(programVersion: String) throws -> ReportContent {
        let head = try session.execute(
            "select pg_catalog.current_database(), \(Self.moment("pg_catalog.transaction_timestamp()"))")
        var content = ReportContent(
            database: try head.rows[0].get(at: 0), readAt: try head.rows[0].get(at: 1), programVersion: programVersion)
        content.runs = try runs()
        content.live = try live()
        content.quality = try quality()
        content.calibration = try calibration()
        return content
    }

    /// A point in time as text, with the offset of the session's time zone.
    private static func moment(_ expression: String) -> String {
        "to_char(\(expression), 'YYYY-MM-DD HH24:MI TZH:TZM')"
    }

    private static func day(_ expression: String) -> String { "to_char(\(expression), 'YYYY-MM-DD')" }

    // MARK: Runs

    private func runs() throws -> [LoggedRun] {
        try session.execute(
            """
            select run_id, channel, status, reason_code, \(Self.day("as_of_date")) as as_of,
                   \(Self.moment("started_at")) as started_at, duration_ms, recommendations,
                   \(Self.moment("published_at")) as published_at, is_live, grade, changed_list_share, coverage,
                   gini, top3_share
            from peerfolio_bi.run_history order by run_id desc limit $1
            """,
            [.bigint(Int64(Self.runCount))]
        ).rows.map { row in
            LoggedRun(
                runID: try row.get("run_id"), channel: try row.get("channel"), status: try row.get("status"),
                reasonCode: try row.getIfPresent("reason_code"), asOf: try row.getIfPresent("as_of"),
                startedAt: try row.getIfPresent("started_at"), durationMS: try row.getIfPresent("duration_ms"),
                recommendations: try row.getIfPresent("recommendations"),
                publishedAt: try row.getIfPresent("published_at"), isLive: try row.get("is_live"),
                changedListShare: try row.getIfPresent("changed_list_share"),
                coverage: try row.getIfPresent("coverage"), gini: try row.getIfPresent("gini"),
                top3Share: try row.getIfPresent("top3_share"), grade: try row.getIfPresent("grade"))
        }
    }

    // MARK: The live run

    private func live() throws -> PublishedRun? {
        let run = try session.execute(
            """
            select h.run_id, \(Self.day("h.as_of_date")) as as_of, \(Self.moment("c.published_at")) as published_at,
                   h.holdings, h.recommendations
            from peerfolio_bi.run_history h left join peerfolio_bi.run_health c on c.channel = h.channel
            where h.channel = $1 and h.is_live
            """,
            [.text(Self.channel)]
        ).rows.first
        guard let run else { return nil }
        let runID: Int64 = try run.get("run_id")
        return PublishedRun(
            runID: runID, asOf: try run.get("as_of"), publishedAt: try run.get("published_at"),
            holdings: try run.getIfPresent("holdings"), recommendations: try run.getIfPresent("recommendations"),
            served: try served(), topProducts: try topProducts(), exposure: try exposure(), scores: try scores(),
            findings: try findings(of: runID))
    }

    private func served() throws -> [PublishedRun.ServedClients] {
        try session.execute(
            "select status, count(*) as clients from peerfolio_bi.clients group by status order by clients desc, status"
        ).rows.map { .init(status: try $0.get("status"), clients: try $0.get("clients")) }
    }

    private func topProducts() throws -> [ProductDemand] {
        try session.execute(
            """
            select coalesce(product_name, product_id::text) as name, holders, base_rate, suggested_clients,
                   first_choice_clients, average_score
            from peerfolio_bi.product_demand
            where suggested_clients > 0
            order by suggested_clients desc, first_choice_clients desc, product_id
            limit $1
            """,
            [.bigint(Int64(Self.productCount))]
        ).rows.map { row in
            ProductDemand(
                name: try row.get("name"), holders: try row.get("holders"), baseRate: try row.get("base_rate"),
                suggestedClients: try row.get("suggested_clients"),
                firstChoiceClients: try row.get("first_choice_clients"),
                averageScore: try row.getIfPresent("average_score"))
        }
    }

    private func exposure() throws -> ProductExposure {
        // The catalog of an evaluation: what is held by anybody; and what is suggested although nobody holds it.
        let groups = try session.execute(
            """
            select suggested_clients, count(*) as products from peerfolio_bi.product_demand
            where is_available and holders > 0 or suggested_clients > 0 group by suggested_clients
            """)
        return ProductExposure(
            try groups.rows.map { .init(suggestions: try $0.get(at: 0), products: try $0.get(at: 1)) })
    }

    private func scores() throws -> ScoreHistogram {
        let greatest: Double = try session.execute(
            "select coalesce(max(score), 0) from peerfolio_bi.recommendations"
        ).rows[0].get(at: 0)
        let upperBound = ScoreHistogram.upperBound(forGreatest: greatest)
        let bins = try session.execute(
            """
            select reason_code, least(width_bucket(score, 0, $1, $2), $2) as bin, count(*) as suggestions
            from peerfolio_bi.recommendations group by 1, 2
            """,
            [.double(upperBound), .integer(Int32(ScoreHistogram.binCount))])
        var counts: [String: [Int]] = [:]
        for row in bins.rows {
            let (reason, bin): (String, Int) = (try row.get(at: 0), try row.get(at: 1))
            counts[reason, default: Array(repeating: 0, count: ScoreHistogram.binCount)][bin - 1] = try row.get(at: 2)
        }
        return ScoreHistogram(upperBound: upperBound, counts: counts)
    }

    private func findings(of runID: Int64) throws -> [PublishedRun.LoggedFinding] {
        try session.execute(
            """
            select code, severity, occurrences, message from peerfolio_bi.run_findings where run_id = $1
            order by array_position(array['error', 'warning', 'info'], severity), code
            """,
            [.bigint(runID)]
        ).rows.map { row in
            PublishedRun.LoggedFinding(
                code: try row.get("code"), severity: try row.get("severity"),
                occurrences: try row.get("occurrences"), message: try row.get("message"))
        }
    }

    // MARK: Evaluations

    /// The newest evaluation, or else the newest backtest of a run.
    private func quality() throws -> QualityFigures? {
        let rows = try session.execute(
            """
            with chosen as (
                select evaluation_id from peerfolio_bi.model_quality where channel = $1 and is_latest
                -- What clients added later says more than what was hidden from today.
                order by run_id is not null, kind = 'temporal' desc, evaluation_id desc limit 1)
            select evaluation_id, run_id, \(Self.moment("evaluated_at")) as evaluated_at, kind, window_number,
                   \(Self.day("train_date")) as train_date, \(Self.day("test_date")) as test_date, segment, method,
                   is_published_method, metric || '@' || cutoff as metric, compared_with, value, low, high, clients
            from peerfolio_bi.model_quality join chosen using (evaluation_id)
            """,
            [.text(Self.channel)]
        ).rows
        guard let first = rows.first else { return nil }
        let published = try rows.first { try $0.get("is_published_method") }
        return QualityFigures(
            evaluationID: try first.get("evaluation_id"), runID: try first.getIfPresent("run_id"),
            evaluatedAt: try first.get("evaluated_at"), kind: try first.get("kind"),
            publishedMethod: try published?.get("method"), figures: try rows.map(figure))
    }

    private func figure(_ row: PostgresRow) throws -> QualityFigures.Figure {
        QualityFigures.Figure(
            window: try row.get("window_number"), trainDate: try row.getIfPresent("train_date"),
            testDate: try row.getIfPresent("test_date"), segment: try row.getIfPresent("segment"),
            method: try row.get("method"), metric: try row.get("metric"),
            comparedWith: try row.getIfPresent("compared_with"), estimate: try estimate(row, "value", "low", "high"),
            clients: try row.get("clients"))
    }

    private func estimate(_ row: PostgresRow, _ value: String, _ low: String, _ high: String) throws -> Estimate {
        Estimate(value: try row.get(value), low: try row.get(low), high: try row.get(high))
    }

    private func calibration() throws -> CalibrationTable? {
        let rows = try session.execute(
            """
            select evaluation_id, \(Self.moment("evaluated_at")) as evaluated_at, method, is_earned, lowest_score,
                   highest_score, suggestions, mean_score, mean_propensity, observed, observed_low, observed_high
            from peerfolio_bi.score_calibration order by bin
            """
        ).rows
        guard let first = rows.first else { return nil }
        return CalibrationTable(
            evaluationID: try first.get("evaluation_id"), evaluatedAt: try first.get("evaluated_at"),
            method: try first.get("method"), isEarned: try first.get("is_earned"),
            bins: try rows.map { row in
                CalibrationTable.Bin(
                    lowestScore: try row.get("lowest_score"), highestScore: try row.get("highest_score"),
                    suggestions: try row.get("suggestions"), meanScore: try row.get("mean_score"),
                    meanPropensity: try row.get("mean_propensity"),
                    observed: try estimate(row, "observed", "observed_low", "observed_high"))
            })
    }
}
