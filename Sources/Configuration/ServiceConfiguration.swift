public import PeerSearch
public import Recommending
public import Scheduling
public import SourceReading

/// The configuration of the service: one YAML file, with every key open to an environment variable and to `--set`.
///
/// Keys and values are read from the nodes of the YAML parser instead of through swift-configuration, whose errors
/// cannot name the line of a mistake.
public struct ServiceConfiguration: Sendable {
    /// How many recommendations are made.
    public struct Output: Sendable, Hashable {
        /// Recommendations per client, at least 1.
        public let topN: Int
        /// Share by which a newcomer's score must exceed that of a suggestion of the live run to replace it, 0...1.
        public let hysteresis: Double
    }

    /// How the score of a product is made of several signals.
    public struct Hybrid: Sendable, Hashable {
        /// The weights of the signals; nil where peers alone decide.
        public let model: HybridModel?
        /// How many days back an added product counts as added lately.
        public let recentDays: Int
    }

    /// How the worth of recommendations is measured.
    public struct Evaluate: Sendable, Hashable {
        /// λ of EASE, at least 0.
        public let easeLambda: Double
        /// Neighbors of the naive baseline, at least 1.
        public let naiveK: Int
        /// The most clients that are tested.
        public let maxClients: Int
    }

    /// Where results are published.
    public struct Publish: Sendable, Hashable {
        /// The channel whose live run is replaced; 1 to 63 characters from `a-z`, `0-9` and `_`.
        public let channel: String
        /// Whether a run is graded, and published only when it is not worse than popularity.
        public let isGated: Bool
    }

    /// How much of the past is kept.
    public struct Retention: Sendable, Hashable {
        /// Places for results, the live one and a free one for the next run included, 3...64.
        public let slots: Int
        /// Runs that the run log keeps, at least 1.
        public let runs: Int
    }

    /// Limits beyond which a run refuses to publish.
    public struct Checks: Sendable, Hashable {
        /// The share of rows or clients that may be missing against the previous run, 0...1.
        public let maxFall: Double
        /// The share of rows that may be unreadable, 0...1.
        public let maxRejected: Double
    }

    /// How long things may take; all longer than zero.
    public struct Timeouts: Sendable, Hashable {
        /// The longest wait for a connection.
        public let connect: Duration
        /// The longest statement, a `COPY` included.
        public let statement: Duration
        /// The longest wait for a lock.
        public let lock: Duration
        /// The longest run.
        public let run: Duration
        /// The silence after which a run counts as dead.
        public let lease: Duration
    }

    /// How the search is spread over the machine; it changes the speed, never the result.
    public struct Execution: Sendable, Hashable {
        /// Workers, 1...1024, or nil for one per core.
        public let width: Int?
        /// Portfolios per unit of work, 1...65536.
        public let chunk: Int
    }

    /// When the daemon runs, and what it does when something comes between.
    public struct RunSchedule: Sendable, Hashable {
        /// The due moments; none without an expression.
        public let schedule: Schedule
        /// Whether missed runs are made up for.
        public let catchUp: CatchUp
        /// How old a missed run may be to be made up for.
        public let grace: Duration
        /// What happens to a run that is due while another is going on.
        public let overlap: Overlap
        /// What happens to a run that would compute what is live already.
        public let unchanged: Unchanged
        /// A channel of `NOTIFY` that starts a run; nil for none.
        public let notifyChannel: String?
        /// How often to look for requests.
        public let poll: Duration
        /// How long a run may go on when the daemon is told to stop.
        public let shutdownGrace: Duration
    }

    /// How often an attempt is repeated after a passing fault.
    public struct Retry: Sendable, Hashable {
        /// Attempts in all, 1...100.
        public let attempts: Int
        /// How long to wait before each.
        public let backoff: Backoff
    }

    /// How old the sources may be.
    public struct Freshness: Sendable, Hashable {
        /// Where it is written when they were loaded.
        public enum Source: Sendable, Hashable {
            /// The highest value of a column of the holdings' relation.
            case column(String)
            /// The only value of a `SELECT`.
            case query(String)
        }

        /// Where it is written when they were loaded.
        public let source: Source
        /// Older sources are not scored.
        public let maxAge: Duration
    }

    /// A libpq conninfo or URI; empty when the `PG*` environment says everything.
    public let connection: String
    /// Whether a connection to another machine may be weaker than `sslmode=verify-full` with channel binding.
    public let allowsInsecureTransport: Bool
    /// Where the warehouse keeps what a run reads.
    public let source: SourceMapping
    /// How peers are found.
    public let model: PeerModel
    /// How the score of a product is made of several signals.
    public let hybrid: Hybrid
    /// How the worth of recommendations is measured.
    public let evaluate: Evaluate
    /// How many recommendations are made.
    public let output: Output
    /// Where results are published.
    public let publish: Publish
    /// How much of the past is kept.
    public let retention: Retention
    /// Limits beyond which a run refuses to publish.
    public let checks: Checks
    /// How long things may take.
    public let timeouts: Timeouts
    /// How the search is spread over the machine.
    public let execution: Execution
    /// When the daemon runs.
    public let scheduling: RunSchedule
    /// How often an attempt is repeated.
    public let retry: Retry
    /// How old the sources may be; nil where nobody asks.
    public let freshness: Freshness?
    /// Where the daemon keeps its figures for Prometheus; nil for nowhere.
    public let metricsFile: String?

    let settings: ConfigurationSettings

    /// Reads a configuration from the text of a file and from the places that override it.
    ///
    /// - Parameters:
    ///   - yaml: The text of the file.
    ///   - fileName: The file's name for messages.
    ///   - environment: Environment variables such as `PEERFOLIO_MODEL_K`; those that are no key's are ignored.
    ///   - overrides: `KEY=VALUE` each, such as `model.k=100`; of several for one key the last wins.
    /// - Throws: `ConfigurationError` for the first mistake.
    public init(
        yaml: String,
        fileName: String = "peerfolio.yaml",
        environment: [String: String] = [:],
        overrides: [String] = []
    ) throws(ConfigurationError) {
        let document = try ConfigurationDocument(yaml: yaml, fileName: fileName)
        let settings = try ConfigurationSettings(
            document: document,
            fileName: fileName,
            environment: environment,
            overrides: overrides
        )
        self.settings = settings
        connection = settings.text(.connection) ?? ""
        allowsInsecureTransport = settings.boolean(.transportAllowInsecure)
        source = try SourceMapping(settings)
        model = PeerModel(
            encoding: settings.choice(.modelEncoding),
            distance: settings.choice(.modelDistance),
            decimals: settings.integer(.modelDecimals),
            k: settings.integer(.modelK),
            isInformative: settings.boolean(.modelInformative),
            minOverlap: settings.integer(.modelMinOverlap)
        )
        hybrid = try Hybrid(settings, source: source)
        evaluate = Evaluate(
            easeLambda: settings.number(.evaluateEASELambda), naiveK: settings.integer(.evaluateNaiveK),
            maxClients: settings.integer(.evaluateMaxClients))
        output = Output(
            topN: settings.integer(.outputTopN), hysteresis: settings.number(.outputHysteresis))
        publish = Publish(
            channel: settings.text(.publishChannel) ?? "", isGated: settings.boolean(.publishGate))
        retention = Retention(slots: settings.integer(.retentionSlots), runs: settings.integer(.retentionRuns))
        checks = Checks(maxFall: settings.number(.checksMaxFall), maxRejected: settings.number(.checksMaxRejected))
        timeouts = Timeouts(
            connect: settings.duration(.timeoutsConnect),
            statement: settings.duration(.timeoutsStatement),
            lock: settings.duration(.timeoutsLock),
            run: settings.duration(.timeoutsRun),
            lease: settings.duration(.timeoutsLease)
        )
        execution = Execution(
            width: settings.optionalInteger(.executionWidth),
            chunk: settings.integer(.executionChunk)
        )
        scheduling = RunSchedule(
            schedule: Schedule(settings.cron(.scheduleCron), clock: settings.clock(.scheduleTimeZone)),
            catchUp: settings.choice(.scheduleCatchUp),
            grace: settings.duration(.scheduleGrace),
            overlap: settings.choice(.scheduleOverlap),
            unchanged: settings.choice(.scheduleUnchanged),
            notifyChannel: settings.text(.scheduleNotify),
            poll: settings.duration(.schedulePoll),
            shutdownGrace: settings.duration(.scheduleShutdownGrace)
        )
        retry = Retry(
            attempts: settings.integer(.retryAttempts),
            backoff: Backoff(first: settings.duration(.retryDelay), longest: settings.duration(.retryMaxDelay))
        )
        freshness = try Freshness(settings, source: source)
        metricsFile = settings.text(.metricsTextfile)
    }

    /// The place that set a key, for messages about what it names.
    ///
    /// - Parameter key: The key's path, such as `holdings.client`.
    /// - Returns: `peerfolio.yaml:3`, `environment PEERFOLIO_MODEL_K` or `--set model.k`; nil for a default and for a
    ///   key that does not exist.
    public func location(of key: String) -> String? {
        ConfigurationKey(rawValue: key).flatMap(settings.location(of:))
    }

    /// Whether `transport.allow_insecure` is set outside of a file, for connections that have no configuration.
    ///
    /// - Throws: `ConfigurationError` for a value that its key cannot hold.
    public static func allowsInsecureTransport(
        environment: [String: String], overrides: [String]
    ) throws(ConfigurationError) -> Bool {
        let settings = try ConfigurationSettings(
            document: ConfigurationDocument(yaml: "transport: {}", fileName: ""), fileName: "",
            environment: environment, overrides: overrides)
        return settings.boolean(.transportAllowInsecure)
    }

    /// All keys with their defaults, environment variables and meanings, as a Markdown table for the documentation.
    package static var referenceMarkdown: String {
        ConfigurationKey.referenceMarkdown
    }

    /// The smallest file that works, in one line.
    static let minimalExample =
        "{connection: \"service=warehouse\", holdings: {relation: dwh.client_holdings, client: client_id, "
        + "product: product_id, amount: market_value}}"
}
