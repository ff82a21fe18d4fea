package import Postgres

/// The rights of the service on Peerfolio's own objects: those that migrations grant to `peerfolio_runner`.
///
/// The one table of them. A test compares it with the catalog, and every run compares it with what its role has.
package enum RunnerRights {
    /// All of them.
    package static let all: [Right] =
        [.usage(onSchema: "peerfolio"), .usage(onSchema: "peerfolio_bi")]
        + ledgers + runs
        + ResultPart.allTables.flatMap { $0.rights } + Right.on("peerfolio", "run_checks", "INSERT")
        + publication + schedulers + evaluations
        + [
            "analyze_slot", "analyze_slots", "cancel_run", "lock_publication", "publish_run", "request_run",
            "roll_back",
        ].map { Right.execute("peerfolio", $0) }
        + [
            "client_suggestions", "clients", "model_quality", "product_demand", "recommendations", "run_findings",
            "run_health", "run_history", "score_calibration", "top_suggestions",
        ].flatMap { Right.on("peerfolio_bi", $0, "SELECT") }

    private static let runs =
        Right.on("peerfolio", "runs", "SELECT", "DELETE")
        + Right.on(
            "peerfolio", "runs", "INSERT",
            columns: [
                "channel", "term", "status", "phase", "trigger", "requested_by", "as_of_date", "config", "config_hash",
                "is_forced", "slot", "host", "process_id", "program_version", "backend_pid", "backend_started_at",
                "requested_at", "request_reason", "scheduled_for", "not_before", "attempt", "retry_of", "reason_code",
                "error", "started_at", "finished_at",
            ])
        + Right.on(
            "peerfolio", "runs", "UPDATE",
            columns: [
                "term", "status", "phase", "as_of_date", "config", "config_hash", "slot", "host", "process_id",
                "program_version", "backend_pid", "backend_started_at", "started_at", "heartbeat_at", "not_before",
                "clients", "clients_with_portfolio", "products", "holdings", "findings", "input_fingerprint",
                "compared_run_id", "distinct_portfolios", "recommendations", "checksum", "kernel", "width", "phases_ms",
                "progress", "finished_at", "published_at", "reason_code", "error", "error_sqlstate", "grade",
                "grade_reason", "clients_compared", "lists_changed", "suggestions_compared", "suggestions_new",
                "first_choices_compared", "first_choices_changed", "lists", "contents_checksum",
                "coverage", "gini", "top3_share",
            ])

    private static let publication =
        Right.on("peerfolio", "publication", "SELECT")
        + Right.on("peerfolio", "publication", "INSERT", columns: ["channel"])
        + Right.on(
            "peerfolio", "publication", "UPDATE",
            columns: [
                "term", "live_run_id", "live_slot", "previous_run_id", "previous_slot", "published_at", "published_by",
            ])

    private static let schedulers =
        Right.on("peerfolio", "schedulers", "SELECT")
        + Right.on(
            "peerfolio", "schedulers", "INSERT",
            columns: [
                "channel", "holder", "host", "process_id", "program_version", "lease", "schedule", "next_run_at",
            ])
        + Right.on(
            "peerfolio", "schedulers", "UPDATE",
            columns: [
                "holder", "term", "host", "process_id", "program_version", "acquired_at", "renewed_at", "lease",
                "schedule", "scheduled_since", "next_run_at",
            ])

    /// Those that storing an evaluation takes, the look at the schema's version included.
    package static let storingEvaluations = [.usage(onSchema: "peerfolio")] + ledgers + evaluations

    private static let ledgers = ["schema_migrations", "schema_objects"].flatMap { Right.on("peerfolio", $0, "SELECT") }

    private static let evaluations =
        Right.on("peerfolio", "evaluations", "SELECT", "DELETE")
        + Right.on(
            "peerfolio", "evaluations", "INSERT",
            columns: [
                "channel", "run_id", "kind", "config", "model_hash", "published_method", "windows", "clients", "pairs",
                "best_baseline", "duration_ms", "program_version", "brier", "constant_brier", "calibration_gain",
                "calibration_gain_low", "calibration_gain_high", "is_calibration_earned", "calibration_scores",
                "calibration_propensities",
            ])
        + ["run_metrics", "calibration_bins"].flatMap { Right.on("peerfolio", $0, "INSERT") }
}
