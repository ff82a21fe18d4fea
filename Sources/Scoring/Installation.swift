package import Configuration
public import Holdings
package import PeerSearch
public import Postgres
import ResultStore
public import Schema
public import SourceReading

/// Peerfolio over one configuration: opens connections, checks the schema, and starts what a command asks for.
public struct Installation: Sendable {
    /// Version of the program, recorded with everything it writes.
    public static let version = "0.1.0"

    /// The configuration.
    package let configuration: ServiceConfiguration
    let kernel: SearchKernel
    /// How to connect.
    public let connectionSettings: ConnectionSettings
    /// What about the connection is weaker than it should be and was allowed.
    ///
    /// To be told on every run; nil when nothing is.
    public let transportWarning: String?

    /// Creates an installation over a configuration.
    ///
    /// - Parameters:
    ///   - configuration: What to do.
    ///   - kernel: What the search for peers runs on. Affects speed only, never the result.
    ///   - warn: Called with each warning that the server has about a connection.
    /// - Throws: `PostgresError` if the connection string cannot be read or holds a password, if a server on another
    ///   machine is not protected as it must be, and if others have rights on the password file.
    package init(
        _ configuration: ServiceConfiguration, kernel: SearchKernel = .best,
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        self.configuration = configuration
        self.kernel = kernel
        connectionSettings = try ConnectionSettings(
            conninfo: configuration.connection.conninfo, applicationName: "peerfolio",
            connectTimeout: configuration.timeouts.connect,
            allowsInsecureTransport: configuration.connection.allowsInsecureTransport, warn: warn)
        transportWarning = try connectionSettings.transportWarning()
    }

    /// Opens a connection, runs one closure over it, and closes it.
    public func withSession<Value: Sendable>(
        _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await withConnection { try await $0.withSession(body) }
    }

    /// Opens a connection for several closures, and closes it.
    package func withConnection<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await PostgresConnection.open(connectionSettings)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Runs a closure over a new connection even when the current task has been cancelled: for cleaning up.
    func withSessionDespiteCancellation<Value: Sendable>(
        _ body: @escaping @Sendable (Session) throws -> Value
    ) async throws -> Value {
        // A task of its own does not inherit the cancellation.
        try await Task { try await withSession(body) }.value
    }

    /// The migrator of this program.
    public var migrator: Migrator { Migrator(programVersion: Self.version) }

    /// Checks that the installed schema is this program's and fits the mapped ids.
    func verifySchema(_ plan: SourcePlan, _ session: Session) throws {
        try migrator.verify(session, parameters: schemaParameters(plan))
    }

    /// Checks that the installed schema is this program's, for roles that may look at its ledger.
    ///
    /// A member of `peerfolio_operator` may not: it calls functions, which are the schema's own.
    ///
    /// - Throws: `SchemaError`, `PostgresError`.
    public func verifySchemaWhereVisible(_ session: Session) throws {
        do {
            try migrator.verify(session)
        } catch let error as PostgresError where error.sqlState == "42501" {
            // The function says what is wrong, if anything is.
        }
    }

    /// What `migrate up` needs to know: types from the mapped holdings, slots from the configuration.
    public func schemaParameters(_ plan: SourcePlan) -> SchemaParameters {
        SchemaParameters(
            clientIDType: plan.clientType.rawValue, productIDType: plan.productType.rawValue,
            slots: configuration.retention.slots)
    }

    /// How to read the mapped sources, checked against the catalog.
    ///
    /// - Throws: `ScoringError.rightsMissing`, which names every right on them that is missing; `SourceError`,
    ///   `PostgresError`.
    public func plan(asOf: BusinessDate?, _ session: Session) throws -> SourcePlan {
        do {
            return try SourcePlan(
                configuration.source, asOf: asOf, lockTimeout: configuration.timeouts.lock, session: session)
        } catch let error as SourceError where error.code == .privilege {
            let missing = try missingSourceRights(asOf: asOf, session)
            throw missing.isEmpty ? error : ScoringError(.rightsMissing, missing.message) as any Error
        }
    }

    /// How to read the mapped sources with the attributes of some run, which need not be those of the configuration.
    func plan(asOf: BusinessDate?, attributes: [AttributeMapping], _ session: Session) throws -> SourcePlan {
        var source = configuration.source
        source.clients?.attributes = attributes
        return try SourcePlan(source, asOf: asOf, lockTimeout: configuration.timeouts.lock, session: session)
    }

    func reader(_ plan: SourcePlan) -> SourceReader {
        SourceReader(
            plan, statementTimeout: configuration.timeouts.statement, lockTimeout: configuration.timeouts.lock)
    }
}
