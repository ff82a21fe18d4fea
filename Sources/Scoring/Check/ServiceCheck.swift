import Postgres
import Schema
public import Warehouse

/// Validates configuration, mapping, rights and data without writing anything: what `check` shows.
public struct ServiceCheck: Sendable {
    /// The outcome.
    public struct Report: Sendable, Encodable {
        /// Server version, such as 15.18.
        public let server: String
        /// Business date that was looked at.
        public let asOf: String
        /// `current`, or why a run could not be stored: the schema's or a right's message.
        public let schema: String
        /// Whether a run could store its result.
        public let isReady: Bool
        /// Type of client ids.
        public let clientIDType: IdentifierType
        /// Type of product ids.
        public let productIDType: IdentifierType
        /// Clients known.
        public let clients: Int
        /// Clients with a portfolio.
        public let clientsWithPortfolio: Int
        /// Products known.
        public let products: Int
        /// Held pairs.
        public let holdings: Int
        /// Findings, those that refuse a run first.
        public let findings: [Finding]

        /// The error with which a run would refuse the data; nil if it would not.
        public var refusal: ScoringError? {
            findings.contains { $0.severity == .error } ? .dataRefused(findings) : nil
        }

        enum CodingKeys: String, CodingKey {
            case server, schema, clients, products, holdings, findings
            case asOf = "as_of"
            case isReady = "is_ready"
            case clientIDType = "client_id_type"
            case productIDType = "product_id_type"
            case clientsWithPortfolio = "clients_with_portfolio"
        }
    }

    private let service: Service

    /// Creates a check.
    public init(_ service: Service) {
        self.service = service
    }

    /// Reads everything that a run would read, and reports.
    ///
    /// - Parameters:
    ///   - asOf: Day to look at; nil for today.
    ///   - progress: Called with the rows read so far.
    /// - Throws: `SourceError` for a mapping that cannot be read; `PostgresError`.
    public func report(
        asOf: BusinessDate?, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Report {
        try await service.withSession { session in
            let plan = try service.plan(asOf: asOf, session)
            var problem: String?
            do {
                try service.verifySchema(plan, session)
                problem = try Self.missingRights(session)
            } catch let error as SchemaError {
                problem = error.message
            } catch let error as PostgresError where error.sqlState == "42501" {
                problem = "this role may not use the schema peerfolio; GRANT peerfolio_runner to it"
            }
            let read = try service.readInput(plan, hybrid: service.configuration.hybrid, session, progress: progress)
            let input = read.source
            let previous =
                problem == nil
                ? try RunLog.previousCounts(channel: service.configuration.publish.channel, session: session) : nil
            let counts = RunCounts(input)
            return Report(
                server: Self.versionText(session.serverVersion), asOf: "\(plan.asOf)", schema: problem ?? "current",
                isReady: problem == nil, clientIDType: plan.clientType, productIDType: plan.productType,
                clients: counts.clients, clientsWithPortfolio: counts.clientsWithPortfolio,
                products: counts.products, holdings: counts.holdings,
                findings: DataChecks(
                    input, previous: previous, limits: service.configuration.checks, lacksHistory: read.lacksHistory
                ).findings())
        }
    }

    /// What the role lacks for a run, in words; nil if nothing.
    private static func missingRights(_ session: Session) throws -> String? {
        let missing = try session.execute(
            """
            select distinct t.name || ' (' || p.name || ')'
            from (values ('recommendations'), ('run_clients'), ('run_products'), ('run_checks'), ('runs'),
                         ('publication'), ('schedulers'), ('evaluations'), ('run_metrics'),
                         ('calibration_bins')) as t(name),
                 (values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) as p(name)
            where not case
                when p.name = 'UPDATE' and t.name = 'runs' then (
                    select bool_and(has_column_privilege('peerfolio.runs', c.name, 'UPDATE'))
                    from unnest(array[
                        'status', 'phase', 'reason_code', 'input_fingerprint', 'slot', 'clients',
                        'clients_with_portfolio', 'products', 'holdings', 'distinct_portfolios', 'recommendations',
                        'findings', 'checksum', 'kernel', 'width', 'phases_ms', 'progress', 'heartbeat_at',
                        'finished_at', 'published_at', 'error', 'error_sqlstate', 'term', 'as_of_date', 'config',
                        'config_hash', 'started_at', 'host', 'process_id', 'program_version', 'backend_pid',
                        'backend_started_at', 'not_before', 'grade', 'grade_reason', 'compared_run_id', 'clients_compared', 'lists_changed',
                        'suggestions_compared', 'suggestions_new', 'first_choices_compared', 'first_choices_changed'
                        ]) as c(name))
                when p.name = 'UPDATE' and t.name not in ('publication', 'schedulers') then true
                when p.name = 'DELETE' and t.name in ('publication', 'schedulers') then true
                else has_table_privilege('peerfolio.' || t.name, p.name) end
            order by 1
            """
        ).rows.map { try $0.get(at: 0, as: String.self) }
        return missing.isEmpty
            ? nil
            : "this role lacks rights on peerfolio.\(missing.joined(separator: ", ")); GRANT peerfolio_runner to it"
    }

    private static func versionText(_ number: Int) -> String {
        "\(number / 10_000).\(number % 10_000)"
    }
}
