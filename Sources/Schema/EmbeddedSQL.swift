/// One file of `sql/`, embedded into the binary at build time.
struct SQLFile: Sendable {
    /// File name without its number and extension.
    let name: String
    /// Text of the file as shipped; migrations still contain their `{{…}}` parameters.
    let text: String

    init(name: String, _ bytes: [UInt8]) {
        self.name = name
        // The files are ours and checked by a test to be UTF-8, so nothing can be repaired here.
        self.text = String(decoding: bytes, as: UTF8.self)
    }
}

/// The SQL of `sql/`.
///
/// A file that is missing here fails `EmbeddedSQLTests`.
enum EmbeddedSQL {
    /// The roles, which belong to the whole cluster; idempotent.
    static let roles = SQLFile(name: "roles", PackageResources.roles_sql)

    /// Schemas and ledger; idempotent.
    static let bootstrap = SQLFile(name: "bootstrap", PackageResources.bootstrap_sql)

    /// Numbered, immutable migrations; the version is the position counted from 1.
    static let migrations = [
        SQLFile(name: "runs", PackageResources._001_runs_sql),
        SQLFile(name: "results", PackageResources._002_results_sql),
        SQLFile(name: "publication", PackageResources._003_publication_sql),
        SQLFile(name: "scheduling", PackageResources._004_scheduling_sql),
        SQLFile(name: "products_and_stability", PackageResources._005_products_and_stability_sql),
        SQLFile(name: "evaluation", PackageResources._006_evaluation_sql),
        SQLFile(name: "rights", PackageResources._007_rights_sql),
        SQLFile(name: "statistics", PackageResources._008_statistics_sql),
        SQLFile(name: "result_tables", PackageResources._009_result_tables_sql),
        SQLFile(name: "run_lists", PackageResources._010_run_lists_sql),
        SQLFile(name: "lists", PackageResources._011_lists_sql),
        SQLFile(name: "signals", PackageResources._012_signals_sql),
        SQLFile(name: "concentration", PackageResources._013_concentration_sql),
    ]

    /// Functions that others call; applied again whenever their text changes.
    static let functions = [
        SQLFile(name: "requests", PackageResources._1_requests_sql),
        SQLFile(name: "publication", PackageResources._2_publication_sql),
    ]

    /// Views in the order in which they depend on each other; applied again whenever their text changes.
    static let views = [
        SQLFile(name: "live_clients", PackageResources._1_live_clients_sql),
        SQLFile(name: "live_lists", PackageResources._2_live_lists_sql),
        SQLFile(name: "recommendations", PackageResources._3_recommendations_sql),
        SQLFile(name: "clients", PackageResources._4_clients_sql),
        SQLFile(name: "top_suggestions", PackageResources._5_top_suggestions_sql),
        SQLFile(name: "client_suggestions", PackageResources._6_client_suggestions_sql),
        SQLFile(name: "product_demand", PackageResources._7_product_demand_sql),
        SQLFile(name: "run_history", PackageResources._8_run_history_sql),
        SQLFile(name: "run_findings", PackageResources._9_run_findings_sql),
        SQLFile(name: "run_health", PackageResources._0_run_health_sql),
        SQLFile(name: "model_quality", PackageResources._1_model_quality_sql),
        SQLFile(name: "score_calibration", PackageResources._2_score_calibration_sql),
        SQLFile(name: "my_clients", PackageResources._3_my_clients_sql),
        SQLFile(name: "my_suggestions", PackageResources._4_my_suggestions_sql),
    ]

    /// Hands comments of columns on from view to view; idempotent.
    static let comments = SQLFile(name: "comments", PackageResources.comments_sql)

    /// Drops what no view reads any more; idempotent.
    static let retired = SQLFile(name: "retired", PackageResources.retired_sql)

    /// Whatever is applied again whenever its text changes, in order.
    static var replaceables: [SQLFile] { functions + views }
}
