import Configuration
public import Holdings
import Postgres
import ResultStore
import Schema
import SourceReading

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
        /// GRANT statements for the rights on Peerfolio's own objects that the role lacks.
        public let missingGrants: [String]
        /// What works but should not be so, such as a service that is a superuser.
        public let warnings: [String]
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
        /// Why the sources are too old for a run of today; nil if they are not.
        public let staleness: String?
        /// Findings, those that refuse a run first.
        public let findings: [Finding]
        /// How the rows that reports see differ from what the live run wrote; nil if they do not.
        public let damage: String?

        /// The error about the live run; nil if it is whole.
        public var alarm: ScoringError? {
            damage.map {
                ScoringError(
                    .liveRunDamaged,
                    "\($0): somebody has changed them; run again, or go back with `peerfolio rollback`")
            }
        }

        /// The error with which a run would refuse the data; nil if it would not.
        public var refusal: ScoringError? {
            if let staleness { return ScoringError(.staleSource, staleness) }
            return findings.contains { $0.severity == .error } ? .dataRefused(findings) : nil
        }

        enum CodingKeys: String, CodingKey {
            case server, schema, warnings, clients, products, holdings, staleness, findings, damage
            case missingGrants = "missing_grants"
            case asOf = "as_of"
            case isReady = "is_ready"
            case clientIDType = "client_id_type"
            case productIDType = "product_id_type"
            case clientsWithPortfolio = "clients_with_portfolio"
        }
    }

    private let installation: Installation

    /// Creates a check.
    public init(_ installation: Installation) {
        self.installation = installation
    }

    /// Reads everything that a run would read, and reports.
    ///
    /// - Parameters:
    ///   - asOf: Day to look at; nil for today.
    ///   - progress: Called with the rows read so far.
    /// - Throws: `ScoringError.rightsMissing` when a source may not be read, which names all missing rights; `SourceError`
    ///   for a mapping that cannot be read; `PostgresError`.
    public func report(
        asOf: BusinessDate?, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Report {
        do {
            return try await installation.withSession { try report(asOf: asOf, $0, progress) }
        } catch var error as SourceError {
            error.message = error.shownMessage ?? error.message
            throw error
        }
    }

    private func report(
        asOf: BusinessDate?, _ session: Session, _ progress: @escaping @Sendable (Int) -> Void
    ) throws -> Report {
        let missing = try RightsReview(session).ownRights()
        let missingSources = try installation.missingSourceRights(asOf: asOf, session)
        guard missingSources.isEmpty else {
            throw ScoringError(.rightsMissing, (missing + missingSources).message)
        }
        let warnings = try [installation.excessOfRights(session), Self.readOnlyDefault(session)].compactMap(\.self)
        let plan = try installation.plan(asOf: asOf, session)
        var problem = missing.isEmpty ? nil : missing.message
        do {
            // Which a role without rights cannot see.
            if problem == nil { try installation.verifySchema(plan, session) }
        } catch let error as SchemaError {
            problem = error.message
        }
        let staleness = asOf == nil ? try installation.staleness(session) : nil
        let read = try installation.readInput(
            plan, hybrid: installation.configuration.hybrid, session, progress: progress)
        let input = read.source
        let publication = Publication(
            session, statementTimeout: installation.configuration.timeouts.statement)
        let channel = installation.configuration.publish.channel
        let previous = problem == nil ? try publication.live(channel: channel)?.counts : nil
        let counts = RunCounts(input.holdings)
        let damage = problem == nil ? try publication.damage(channel: channel) : nil
        return Report(
            server: Self.versionText(session.serverVersion), asOf: "\(plan.asOf)", schema: problem ?? "current",
            isReady: problem == nil, missingGrants: missing.grants, warnings: warnings,
            clientIDType: plan.clientType, productIDType: plan.productType,
            clients: counts.clients, clientsWithPortfolio: counts.clientsWithPortfolio,
            products: counts.products, holdings: counts.holdings, staleness: staleness,
            findings: DataChecks(
                input, previous: previous, limits: installation.configuration.checks,
                lacksHistory: read.lacksHistory
            ).findings(), damage: damage)
    }

    /// What to say of a database in which nothing is written unless a transaction says so, as those of Peerfolio do.
    private static func readOnlyDefault(_ session: Session) throws -> String? {
        let row = try session.execute(
            "select pg_catalog.current_setting('default_transaction_read_only'), pg_catalog.pg_is_in_recovery()"
        ).rows[0]
        if try row.get(at: 1) { return "the server is a standby: it can be read, and runs need the primary" }
        return try row.get(at: 0) == "on"
            ? "default_transaction_read_only is on for this role or database; runs write all the same, since they ask for it"
            : nil
    }

    private static func versionText(_ number: Int) -> String {
        "\(number / 10_000).\(number % 10_000)"
    }
}
