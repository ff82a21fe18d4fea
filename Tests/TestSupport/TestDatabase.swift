public import Postgres

/// A database of a test, with Peerfolio installed, a schema `dwh` for sources, and roles to look at it with.
public struct TestDatabase: Sendable {
    /// Whom a connection belongs to.
    public enum Role: String, Sendable, CaseIterable {
        /// The cluster's superuser: the DBA, or the loader of the warehouse.
        case superuser = "postgres"
        /// A login role that is a member of `peerfolio_runner` and may read the relations of `dwh`, and nothing else.
        case runner = "peerfolio_test_runner"
        /// A login role that is a member of `peerfolio_reader`, and nothing else.
        case reader = "peerfolio_test_reader"
        /// A login role that is a member of `peerfolio_operator`, and nothing else.
        case `operator` = "peerfolio_test_operator"
        /// A login role that is a member of `peerfolio_migrator`, and nothing else.
        case migrator = "peerfolio_test_migrator"
        /// A login role that is a member of `peerfolio_manager`, and nothing else.
        case manager = "peerfolio_test_manager"
        /// A login role without any right of its own.
        case stranger = "peerfolio_test_stranger"
    }

    private let superuserConninfo: String

    init(conninfo: String) {
        superuserConninfo = conninfo
    }

    /// The conninfo of a role.
    public func conninfo(_ role: Role = .superuser) -> String {
        // Of a keyword that occurs twice, libpq takes the last.
        role == .superuser ? superuserConninfo : "\(superuserConninfo) user=\(role.rawValue)"
    }

    /// Runs a closure over a connection of its own.
    public func withSession<Value: Sendable>(
        as role: Role = .superuser, _ body: @Sendable (Session) throws -> Value
    ) async throws -> Value {
        try await PostgresConnection.withSession(ConnectionSettings(conninfo: conninfo(role)), body)
    }

    /// Runs statements.
    public func execute(_ script: String, as role: Role = .superuser) async throws {
        try await withSession(as: role) { try $0.executeScript(script) }
    }

    /// The rows of a query, in PostgreSQL's text format.
    public func rows(_ query: String, as role: Role = .superuser) async throws -> [[String?]] {
        try await withSession(as: role) { try $0.execute(query).rows.map(\.values) }
    }

    /// The first column of the first row of a query, in PostgreSQL's text format; nil for NULL and for no row.
    public func value(_ query: String, as role: Role = .superuser) async throws -> String? {
        try await rows(query, as: role).first?.first ?? nil
    }

    /// How a GRANT of membership ends that gives the group's rights at once: since PostgreSQL 16 it must say so, before that
    /// it is empty.
    public static func inheritingMembership() async throws -> String {
        try await TestServer.version() >= 160_000 ? " WITH INHERIT TRUE" : ""
    }

    /// The SQLSTATE that statements end with; nil when they succeed.
    public func sqlState(of script: String, as role: Role) async throws -> String? {
        do {
            try await execute(script, as: role)
            return nil
        } catch let error as PostgresError where error.code == .server {
            return error.sqlState
        }
    }

    /// Waits until a query as the superuser yields `true`.
    ///
    /// - Throws: `NeverTrue` after a minute.
    public func wait(untilTrue query: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60) * TestPatience.factor
        while try await value(query) != "t" {
            guard ContinuousClock.now < deadline else { throw NeverTrue(query: query) }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What somebody has waited for in vain.
    public struct NeverTrue: Error {
        /// The query that never yielded `true`.
        public let query: String
    }
}
