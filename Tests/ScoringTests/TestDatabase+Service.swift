import Configuration
import DemoWarehouse
import Foundation
import Holdings
import Postgres
import ResultStore
import Synchronization
import TestSupport
import Testing

@testable import Scoring

extension TestDatabase {
    /// The service over a configuration in YAML, which needs no connection; with a runner's rights unless told.
    func installation(_ yaml: String, overrides: [String] = [], as role: Role = .runner) throws -> Installation {
        try Installation(
            ServiceConfiguration(yaml: yaml, overrides: ["connection=\(conninfo(role))"] + overrides))
    }

    /// Runs the job.
    @discardableResult
    func run(
        _ yaml: String, overrides: [String] = [], options: RunOptions? = nil,
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async throws -> RunSummary {
        let asOf = try #require(BusinessDate("2026-06-30"))
        let installation = try installation(yaml, overrides: overrides)
        return try await ScoringRun(installation, options: options ?? RunOptions(asOf: asOf), onEvent: onEvent)
            .execute()
    }

    /// Writes the demo warehouse, lets the runner read it, and gives its configuration.
    func loadDemo(clientCount: Int) async throws -> String {
        let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo()))
        try await DemoWarehouse(clientCount: clientCount).write(to: connection)
        await connection.close()
        try await execute(
            """
            grant usage on schema demo to \(Role.runner.rawValue);
            grant select on all tables in schema demo to \(Role.runner.rawValue);
            """)
        return DemoWarehouse.configuration()
    }

    /// Runs a closure while ``SmallWarehouse/gate`` is shut, so that a run of ``SmallWarehouse/gatedYAML`` that has begun
    /// reads until the closure ends, however long that takes.
    func whileShut(_ body: () async throws -> Void) async throws {
        let gatekeeper = try await PostgresConnection.open(ConnectionSettings(conninfo: conninfo()))
        try await gatekeeper.withSession { _ = try $0.execute("select pg_advisory_lock(1)") }
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await gatekeeper.close()
        try result.get()
    }

    /// Rows in every table of the service, to see that nothing was written.
    func rowCounts() async throws -> [[String?]] {
        var counts: [[String?]] = []
        for table in ["runs", "run_checks", "run_clients", "run_products", "recommendations", "publication"] {
            counts.append([table, try await value("select count(*) from peerfolio.\(table)")])
        }
        return counts
    }

    /// What reports see of the published run.
    func published() async throws -> [[String?]] {
        try await rows("select run_id, count(*) from peerfolio_bi.recommendations group by 1", as: .reader)
    }
}

/// A small warehouse and its configuration: `dwh.holdings`, one row per client and product.
enum SmallWarehouse {
    static let yaml = """
        holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}
        """

    /// Twenty clients with two or three of four products each.
    static let tables = """
        create table dwh.holdings (client_id bigint, product_id text, amount numeric);
        insert into dwh.holdings select i, 'P' || (i % 4), 1 from generate_series(1, 20) i;
        insert into dwh.holdings select i, 'P' || ((i / 2 + 1) % 4), 1 from generate_series(1, 20) i
            where (i / 2 + 1) % 4 <> i % 4;
        """
}

extension SmallWarehouse {
    /// A view over the holdings that ends only when nobody holds the gate shut; asked for again and again, because
    /// waiting for a lock has a limit.
    static let gate = """
        create function dwh.pass() returns boolean language plpgsql as $$ begin
            while not pg_try_advisory_xact_lock_shared(1) loop perform pg_sleep(0.01); end loop;
            return true;
        end $$;
        create view dwh.gated as select * from dwh.holdings where (select dwh.pass());
        """

    static let gatedYAML = yaml.replacing("dwh.holdings", with: "dwh.gated")
}

/// Collects events, which come from several threads.
final class EventLog: Sendable {
    private let events = Mutex<[RunEvent]>([])

    func add(_ event: RunEvent) {
        events.withLock { $0.append(event) }
    }

    var phases: [RunPhase] {
        events.withLock { $0.compactMap { if case .phase(let phase) = $0 { phase } else { nil } } }
    }

    var findings: [Finding] {
        events.withLock { $0.flatMap { if case .findings(let findings) = $0 { findings } else { [Finding]() } } }
    }

    var trained: [TrainedModel] {
        events.withLock { $0.compactMap { if case .trained(let model) = $0 { model } else { nil } } }
    }

    var warnings: [String] {
        events.withLock { $0.compactMap { if case .warning(let text) = $0 { text } else { nil } } }
    }
}
