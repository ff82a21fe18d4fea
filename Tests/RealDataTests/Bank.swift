import Configuration
import Foundation
import Postgres
import Schema
import Scoring
import TestSupport

/// A warehouse that holds files of FAR-Trans, with Peerfolio's schema installed beside them.
struct Bank {
    private let conninfo: String

    /// Creates a database with some of the files and Peerfolio's schema, and drops it after `body`.
    static func open(_ files: [FarTrans.File], _ body: (Bank) async throws -> Void) async throws {
        try await TestServer.withDatabase { conninfo in
            let bank = Bank(conninfo: conninfo)
            try await bank.load(files)
            try await body(bank)
        }
    }

    /// Runs the job on a configuration, the connection apart, and publishes the result.
    ///
    /// - Parameter sources: The YAML of the sections that differ from the defaults.
    /// - Returns: The run's summary.
    @discardableResult
    func run(_ sources: String) async throws -> RunSummary {
        let installation = try Installation(ServiceConfiguration(yaml: "connection: \"\(conninfo)\"\n\(sources)"))
        try await installation.withSession { session in
            let plan = try installation.plan(asOf: nil, session)
            _ = try installation.migrator.up(session, parameters: installation.schemaParameters(plan))
        }
        return try await ScoringRun(installation, options: RunOptions()).execute()
    }

    /// Evaluates a configuration, the connection apart, and stores nothing.
    func evaluate(_ sources: String, _ options: EvaluationOptions) async throws -> EvaluationReport {
        var options = options
        options.stores = false
        let installation = try Installation(ServiceConfiguration(yaml: "connection: \"\(conninfo)\"\n\(sources)"))
        return try await Evaluator(installation, options: options).evaluate()
    }

    /// Works with the database directly, as a report or a check of the results would.
    func query<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        // Scripts that compute a reference take seconds, and far longer where many tests share few cores.
        let settings = try ConnectionSettings(conninfo: conninfo, operationTimeout: .seconds(600))
        return try await PostgresConnection.withSession(settings, body)
    }

    /// The one number that a statement returns.
    func number<Value: PostgresTextDecodable & Sendable>(
        _ sql: String, as type: Value.Type = Int.self
    ) async throws -> Value {
        try await query { session in
            let result = try session.execute(sql)
            guard let row = result.rows.first else { throw NoRow() }
            return try row.get(at: 0, as: type)
        }
    }

    private struct NoRow: Error {}

    private func load(_ files: [FarTrans.File]) async throws {
        let contents = try files.map { ($0, try $0.contents()) }
        try await query { session in
            try session.executeScript("create schema bank")
            for (file, csv) in contents {
                try session.executeScript("create table \(file.table) (\(file.columns))")
                _ = try session.copyIn("copy \(file.table) from stdin (format csv, header)") { writer in
                    try csv.withUnsafeBytes { try writer.write($0) }
                }
                try session.executeScript("analyze \(file.table)")
            }
        }
    }
}
