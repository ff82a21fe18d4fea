import PeerSearch
import Scheduling

/// Every key of the configuration, by its path in the file.
///
/// This table is the only place that declares keys: reading, checking, environment variables, the record of a run and
/// the reference in the documentation all come from it.
enum ConfigurationKey: String, CaseIterable, Sendable {
    case connection
    case transportAllowInsecure = "transport.allow_insecure"
    case holdingsRelation = "holdings.relation"
    case holdingsQuery = "holdings.query"
    case holdingsClient = "holdings.client"
    case holdingsProduct = "holdings.product"
    case holdingsAmount = "holdings.amount"
    case holdingsProducts = "holdings.products"
    case holdingsAsOf = "holdings.as_of"
    case holdingsValidFrom = "holdings.valid_from"
    case holdingsValidTo = "holdings.valid_to"
    case holdingsMinAmount = "holdings.min_amount"
    case clientsRelation = "clients.relation"
    case clientsQuery = "clients.query"
    case clientsID = "clients.id"
    case clientsManager = "clients.manager"
    case clientsRisk = "clients.risk"
    case clientsQualified = "clients.qualified"
    case clientsSegment = "clients.segment"
    case clientsAttributes = "clients.attributes"
    case productsRelation = "products.relation"
    case productsQuery = "products.query"
    case productsID = "products.id"
    case productsName = "products.name"
    case productsAvailable = "products.available"
    case productsComponents = "products.components"
    case productsAttributes = "products.attributes"
    case productsRisk = "products.risk"
    case productsRequiresQualified = "products.requires_qualified"
    case exclusionsQuery = "exclusions.query"
    case suitabilityRequire = "suitability.require"
    case suitabilityLevels = "suitability.levels"
    case modelEncoding = "model.encoding"
    case modelDistance = "model.distance"
    case modelDecimals = "model.decimals"
    case modelK = "model.k"
    case modelInformative = "model.informative"
    case modelMinOverlap = "model.min_overlap"
    case hybridPeers = "hybrid.peers"
    case hybridItemConditional = "hybrid.item_conditional"
    case hybridEASE = "hybrid.ease"
    case hybridPopularity = "hybrid.popularity"
    case hybridRecentPopularity = "hybrid.recent_popularity"
    case hybridSegmentPopularity = "hybrid.segment_popularity"
    case hybridRecency = "hybrid.recency"
    case hybridRecentDays = "hybrid.recent_days"
    case outputTopN = "output.top_n"
    case outputHysteresis = "output.hysteresis"
    case publishChannel = "publish.channel"
    case publishGate = "publish.gate"
    case evaluateEASELambda = "evaluate.ease_lambda"
    case evaluateNaiveK = "evaluate.naive_k"
    case evaluateMaxClients = "evaluate.max_clients"
    case retentionSlots = "retention.slots"
    case retentionRuns = "retention.runs"
    case checksMaxFall = "checks.max_fall"
    case checksMaxRejected = "checks.max_rejected"
    case timeoutsConnect = "timeouts.connect"
    case timeoutsStatement = "timeouts.statement"
    case timeoutsLock = "timeouts.lock"
    case timeoutsRun = "timeouts.run"
    case timeoutsLease = "timeouts.lease"
    case executionWidth = "execution.width"
    case executionChunk = "execution.chunk"
    case scheduleCron = "schedule.cron"
    case scheduleTimeZone = "schedule.time_zone"
    case scheduleCatchUp = "schedule.catch_up"
    case scheduleGrace = "schedule.grace"
    case scheduleOverlap = "schedule.overlap"
    case scheduleUnchanged = "schedule.unchanged"
    case scheduleNotify = "schedule.notify"
    case schedulePoll = "schedule.poll"
    case scheduleShutdownGrace = "schedule.shutdown_grace"
    case retryAttempts = "retry.attempts"
    case retryDelay = "retry.delay"
    case retryMaxDelay = "retry.max_delay"
    case freshnessColumn = "freshness.column"
    case freshnessQuery = "freshness.query"
    case freshnessMaxAge = "freshness.max_age"
    case metricsTextfile = "metrics.textfile"
}

extension ConfigurationKey {
    /// What a key holds, what it is when nobody sets it, and what it is for.
    struct Definition {
        let type: ConfigurationType
        /// The default as it would stand in the file, or nil for a key that is simply absent.
        let fallback: String?
        let summary: String

        init(_ type: ConfigurationType, default fallback: String? = nil, _ summary: String) {
            self.type = type
            self.fallback = fallback
            self.summary = summary
        }
    }

    var definition: Definition {
        switch self {
        case .connection:
            Definition(.text, default: "", "libpq conninfo or URI; nothing here means the `PG*` environment.")
        case .transportAllowInsecure:
            Definition(
                .boolean, default: "false",
                "Accept an `sslmode` or `channel_binding` that does not protect a connection to another machine.")
        case .holdingsRelation: Definition(.relation, "Relation with the holdings, `schema.name`.")
        case .holdingsQuery: Definition(.query, "Or any `SELECT` of the holdings; may use `:as_of`.")
        case .holdingsClient: Definition(.name, "Column with the client's id.")
        case .holdingsProduct: Definition(.name, "Long layout: column with the product's id.")
        case .holdingsAmount:
            Definition(.name, "Long layout: column with the amount; without it every row counts as 1.")
        case .holdingsProducts:
            Definition(.names, "Wide layout: columns of amounts, one per product; `*` stands for any text.")
        case .holdingsAsOf: Definition(.name, "Column with the date of a snapshot.")
        case .holdingsValidFrom: Definition(.name, "Column with the first day on which a row is valid.")
        case .holdingsValidTo: Definition(.name, "Column with the first day on which a row is no longer valid.")
        case .holdingsMinAmount:
            Definition(
                .number(0...Double.greatestFiniteMagnitude),
                default: "0",
                "A product is held when the summed amount is greater."
            )
        case .clientsRelation: Definition(.relation, "Relation with the clients, those without holdings included.")
        case .clientsQuery: Definition(.query, "Or any `SELECT` of the clients; may use `:as_of`.")
        case .clientsID: Definition(.name, "Column with the client's id.")
        case .clientsManager: Definition(.name, "Column with the name of the client's manager.")
        case .clientsRisk: Definition(.name, "Column with the highest risk that the client may take.")
        case .clientsQualified: Definition(.name, "Boolean column: is the client qualified?")
        case .clientsSegment: Definition(.name, "Column with the segment that the client is in, of any type.")
        case .clientsAttributes:
            Definition(.weights, "Columns of clients that take part in the distance, with what each counts.")
        case .productsRelation: Definition(.relation, "Relation with the products.")
        case .productsQuery: Definition(.query, "Or any `SELECT` of the products; may use `:as_of`.")
        case .productsID: Definition(.name, "Column with the product's id.")
        case .productsName: Definition(.name, "Column with the product's name.")
        case .productsAvailable: Definition(.name, "Boolean column: may the product be offered?")
        case .productsComponents:
            Definition(
                .source,
                "What products are made of: rows of `product`, `component`, `weight`; a `SELECT` may use `:as_of`.")
        case .productsAttributes:
            Definition(
                .columns, "Columns by which a product that nobody holds is scored like others, such as its issuer.")
        case .productsRisk:
            Definition(
                .name, "Column with the product's risk; a client is offered nothing riskier than `clients.risk`.")
        case .productsRequiresQualified:
            Definition(.name, "Boolean column: may only qualified clients be offered the product?")
        case .exclusionsQuery:
            Definition(
                .query,
                "`SELECT` of `client_id`, `product_id`, `reason`: what must not be offered; NULL means all."
            )
        case .suitabilityRequire:
            Definition(.choice(["risk <= risk"]), "What must hold of product and client; the only rule there is.")
        case .suitabilityLevels:
            Definition(.words, "Words for risk, lowest first; without them risk is a number.")
        case .modelEncoding: Definition(.choice(Encoding.self), default: "binary", "How amounts become a vector.")
        case .modelDistance:
            Definition(.choice(DistanceMetric.self), default: "cosine", "How far apart two vectors are.")
        case .modelDecimals:
            Definition(.integer(PeerModel.decimalsRange), default: "4", "Decimals to which distances are rounded.")
        case .modelK: Definition(.integer(atLeast: 1), default: "200", "Peers per client.")
        case .modelInformative:
            Definition(.boolean, default: "true", "Count only peers that hold a product which the client lacks.")
        case .modelMinOverlap:
            Definition(.integer(atLeast: 0), default: "1", "Products that a peer must share with the client.")
        case .hybridPeers: Self.weight("the votes of peers")
        case .hybridItemConditional: Self.weight("how often holders of the client's products hold it")
        case .hybridEASE: Self.weight("EASE, a linear model of whole portfolios")
        case .hybridPopularity: Self.weight("the share of all clients who hold it")
        case .hybridRecentPopularity: Self.weight("the share of all clients who have lately added it")
        case .hybridSegmentPopularity: Self.weight("the share of the clients of `clients.segment` who hold it")
        case .hybridRecency:
            Definition(
                .number(0...Double.greatestFiniteMagnitude), default: "0",
                "How much what was lately added counts against what is held; needs dated holdings.")
        case .hybridRecentDays:
            Definition(.integer(1...3660), default: "180", "Days that count as lately; needs dated holdings.")
        case .outputTopN: Definition(.integer(atLeast: 1), default: "5", "Recommendations per client.")
        case .outputHysteresis:
            Definition(
                .number(0...1), default: "0",
                "Share by which a newcomer's score must exceed that of a suggestion of the live run to replace it.")
        case .publishChannel: Definition(.channel, default: "live", "Channel whose live run is replaced.")
        case .publishGate:
            Definition(
                .boolean, default: "false",
                "Grade every run by a backtest against popularity, and do not publish one that is worse.")
        case .evaluateEASELambda:
            Definition(
                .number(0...Double.greatestFiniteMagnitude), default: "500",
                "λ of EASE, as a baseline and in a hybrid model.")
        case .evaluateNaiveK: Definition(.integer(atLeast: 1), default: "50", "Neighbors of the naive baseline.")
        case .evaluateMaxClients:
            Definition(
                .integer(atLeast: 100), default: "20000", "Clients that are tested; a sample where there are more.")
        case .retentionSlots:
            Definition(
                .integer(3...64), default: "4",
                "Places for results: the live one, earlier ones, and a free one for the next run.")
        case .retentionRuns: Definition(.integer(atLeast: 1), default: "400", "Runs that the run log keeps.")
        case .checksMaxFall:
            Definition(
                .number(0...1),
                default: "0.2",
                "Share of rows or clients that may be missing against the previous run."
            )
        case .checksMaxRejected: Definition(.number(0...1), default: "0.001", "Share of rows that may be unreadable.")
        case .timeoutsConnect: Definition(.duration, default: "5s", "Longest wait for a connection to one address.")
        case .timeoutsStatement: Definition(.duration, default: "15min", "Longest statement, a `COPY` included.")
        case .timeoutsLock: Definition(.duration, default: "5s", "Longest wait for a lock.")
        case .timeoutsRun: Definition(.duration, default: "1h", "Longest run.")
        case .timeoutsLease: Definition(.duration, default: "30s", "Silence after which a run counts as dead.")
        case .executionWidth: Definition(.optionalInteger(1...1024), "Workers; nothing means one per core.")
        case .executionChunk: Definition(.integer(1...65_536), default: "256", "Portfolios per unit of work.")
        case .scheduleCron: Definition(.cron, "When the daemon runs; several are a list.")
        case .scheduleTimeZone: Definition(.timeZone, default: "UTC", "Whose clocks `schedule.cron` goes by.")
        case .scheduleCatchUp:
            Definition(
                .choice(CatchUp.self), default: "once", "After downtime: one run for all that were missed, or none.")
        case .scheduleGrace: Definition(.duration, default: "6h", "A missed run that is older is not made up for.")
        case .scheduleOverlap:
            Definition(.choice(Overlap.self), default: "skip", "When a run is due while another is going on.")
        case .scheduleUnchanged:
            Definition(
                .choice(Unchanged.self), default: "skip",
                "When input and configuration are those of the live run; `peerfolio run` always runs.")
        case .scheduleNotify: Definition(.notifyChannel, "A `NOTIFY` of your load job on this channel starts a run.")
        case .schedulePoll:
            Definition(
                .duration, default: "10s", "How often the daemon looks for requests that it was not notified of.")
        case .scheduleShutdownGrace:
            Definition(.duration, default: "60s", "How long a run may go on when the daemon is told to stop.")
        case .retryAttempts:
            Definition(.integer(1...100), default: "3", "Attempts in all, when a fault is one that passes.")
        case .retryDelay:
            Definition(.duration, default: "30s", "Wait before the second attempt; doubled for each further one.")
        case .retryMaxDelay: Definition(.duration, default: "15min", "Longest wait before another attempt.")
        case .freshnessColumn:
            Definition(
                .name, "Column of `holdings.relation` that tells when rows were loaded: its highest value counts.")
        case .freshnessQuery: Definition(.query, "Or any `SELECT` of one timestamp: when the sources were loaded.")
        case .metricsTextfile:
            Definition(
                .path,
                "The daemon keeps figures for Prometheus in this file, which node_exporter's textfile collector reads.")
        case .freshnessMaxAge: Definition(.duration, default: "24h", "Older sources are not scored.")
        }
    }

    private static func weight(_ meaning: String) -> Definition {
        Definition(
            .number(0...Double.greatestFiniteMagnitude), default: "0", "Weight in the hybrid score: \(meaning).")
    }

    /// The section, or nil for a key at the top of the file.
    var section: String? {
        rawValue.split(separator: ".").count == 2 ? rawValue.split(separator: ".").first.map(String.init) : nil
    }

    /// The key's name within its section.
    var name: String {
        rawValue.split(separator: ".").last.map(String.init) ?? rawValue
    }

    /// The environment variable that overrides the key, such as `PEERFOLIO_MODEL_K`.
    var environmentVariable: String {
        "PEERFOLIO_" + rawValue.uppercased().replacing(".", with: "_")
    }

    /// Whether the value belongs into the record of a run: whatever can change the result, and nothing that only says
    /// where and how fast it is computed.
    var isRecorded: Bool {
        switch section {
        // λ is part of a hybrid model; the other keys of the section change what is measured, not what is published.
        case "evaluate": self == .evaluateEASELambda
        case nil, "transport", "timeouts", "execution", "schedule", "retry", "freshness", "metrics": false
        default: true
        }
    }

    /// Every section, in the order of the table.
    static let sections: [String] = allCases.compactMap(\.section).reduce(into: []) { sections, section in
        if sections.last != section { sections.append(section) }
    }

    /// The reference of all keys as a Markdown table.
    static var referenceMarkdown: String {
        let rows = allCases.map { key in
            let fallback = key.definition.fallback.map { $0.isEmpty ? "" : "`\($0)`" } ?? ""
            return
                "| `\(key.rawValue)` | \(fallback) | \(key.definition.type.expectation) | \(key.definition.summary) |"
        }
        return (["| key | default | value | meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
    }
}
