import Foundation
import Postgres
import Synchronization
import Testing

/// Reports that read the published recommendations over and over while something else happens.
///
/// A read is right when it saw one run, and all of it.
final class ReportReaders: Sendable {
    /// How a report reads.
    enum Style: Sendable {
        /// One statement at a time.
        case simple
        /// A prepared statement, planned once.
        case prepared
        /// Two reads in one REPEATABLE READ transaction, which must agree.
        case repeatableRead
        /// A cursor that is held open between its first and its last row.
        case cursor
    }

    /// What one read saw.
    struct Sight: Hashable, Sendable {
        let rows: Int
        let firstRunID: Int64?
        let lastRunID: Int64?
        let clients: Int
    }

    private struct State {
        var isOver = false
        var sights: [Sight: Int] = [:]
    }

    private let state = Mutex(State())
    private static let query = """
        select count(*), min(run_id), max(run_id), count(distinct client_id) from peerfolio_bi.recommendations
        """

    private init() {}

    /// Runs `body` while reports read, then expects that every read saw one whole run.
    ///
    /// - Parameter pause: Time between two reads of a report.
    /// - Returns: How often each run was seen.
    @discardableResult
    static func reading(
        _ installation: Installation, _ styles: [Style], pause: Duration = .milliseconds(20),
        _ body: () async throws -> Void
    ) async throws -> [Int64: Int] {
        let readers = ReportReaders()
        let result: Result<Void, any Error>
        var tasks: [Task<Void, any Error>] = []
        for style in styles {
            tasks.append(Task { try await readers.read(installation, style, pause) })
        }
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        readers.state.withLock { $0.isOver = true }
        for task in tasks { try await task.value }
        try result.get()
        return try await readers.expectWholeRuns(installation)
    }

    private func read(_ installation: Installation, _ style: Style, _ pause: Duration) async throws {
        let connection = try await PostgresConnection.open(
            ConnectionSettings(conninfo: installation.reader, applicationName: "peerfolio-tests"))
        if style == .prepared {
            try await connection.withSession { try $0.executeScript("prepare report as \(Self.query)") }
        }
        while !state.withLock({ $0.isOver }) {
            let sights = try await connection.withSession { try Self.look($0, style) }
            state.withLock { state in
                for sight in sights { state.sights[sight, default: 0] += 1 }
            }
            try await Task.sleep(for: pause)
        }
        await connection.close()
    }

    private static func look(_ session: Session, _ style: Style) throws -> [Sight] {
        switch style {
        case .simple: [try sight(session, query)]
        case .prepared: [try sight(session, "execute report")]
        case .repeatableRead:
            try session.transaction(.consistentRead) { session in
                let first = try sight(session, query)
                try session.execute("select pg_sleep(0.02)")
                // Two that differ would be recorded as a sight that fits no run.
                return try sight(session, query) == first
                    ? [first] : [Sight(rows: -1, firstRunID: first.firstRunID, lastRunID: nil, clients: -1)]
            }
        case .cursor: [try sightByCursor(session)]
        }
    }

    private static func sight(_ session: Session, _ sql: String) throws -> Sight {
        let row = try session.execute(sql).rows[0]
        return Sight(
            rows: try row.get(at: 0), firstRunID: try row.getIfPresent(at: 1), lastRunID: try row.getIfPresent(at: 2),
            clients: try row.get(at: 3))
    }

    private static func sightByCursor(_ session: Session) throws -> Sight {
        try session.transaction { session in
            try session.executeScript(
                "declare report cursor for select run_id, client_id from peerfolio_bi.recommendations")
            var rows = try session.execute("fetch 50 from report").rows
            try session.execute("select pg_sleep(0.15)")
            rows += try session.execute("fetch all from report").rows
            let runIDs = try rows.map { try $0.get(at: 0, as: Int64.self) }
            return Sight(
                rows: rows.count, firstRunID: runIDs.min(), lastRunID: runIDs.max(),
                clients: Set(rows.map { $0.values[1] }).count)
        }
    }

    /// Compares what was seen with the run log; every run has the same clients.
    private func expectWholeRuns(_ installation: Installation) async throws -> [Int64: Int] {
        let clients = try await installation.value(
            "select count(distinct client_id) from peerfolio_bi.recommendations")
        let logged = try await installation.rows(
            "select run_id, recommendations from peerfolio.runs where published_at is not null")
        let whole = Dictionary(uniqueKeysWithValues: logged.map { ($0[0] ?? "", $0[1] ?? "") })
        var reads: [Int64: Int] = [:]
        for (sight, count) in state.withLock({ $0.sights }) {
            let runID = sight.firstRunID ?? 0
            #expect(
                sight.firstRunID == sight.lastRunID && "\(sight.rows)" == whole["\(runID)"]
                    && "\(sight.clients)" == clients,
                "\(count) reads saw no whole run: \(sight)")
            reads[runID, default: 0] += count
        }
        #expect(!reads.isEmpty)
        return reads
    }
}
