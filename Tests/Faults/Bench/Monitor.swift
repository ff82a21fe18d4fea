import Foundation
import Postgres
import Synchronization

/// A report that reads the published run every 5 ms, whatever happens, and checks that it is one whole run
/// (assertion A1).
final class Monitor: Sendable {
    /// What reads have shown.
    struct Figures: Sendable {
        /// Reads that were answered.
        var reads = 0
        /// Reads that saw anything but one whole run.
        var wrong: [String] = []
        /// The longest read while the server was up, in milliseconds.
        var longest = 0.0

        /// What is wrong with what reports have seen; that they have seen nothing is, too.
        var problems: [String] {
            reads == 0
                ? ["A1: no report has read anything"] : wrong.uniqued().prefix(5).map { "A1: a report read \($0)" }
        }

        static func + (first: Figures, second: Figures) -> Figures {
            Figures(
                reads: first.reads + second.reads, wrong: first.wrong + second.wrong,
                longest: max(first.longest, second.longest))
        }
    }

    /// What is read, and what it is compared with.
    struct Contract: Sendable {
        /// Conninfo of the report.
        var reader: String
        /// Conninfo of whoever may read the manifest.
        var administrator: String
        /// Rows, lowest run, highest run, and a checksum of what a report sees, and whether the run log says in the
        /// same moment that this run has succeeded and is published.
        var sight: String
        /// Rows and checksum that the run `$1` has written.
        var manifest: String
        /// SQLSTATEs that a report may meet.
        var tolerated: Set<String> = []

        /// What Peerfolio publishes.
        init(_ testbed: Testbed) {
            self.init(
                reader: testbed.reader, administrator: testbed.administrator,
                sight: Self.sight(checksum: "sum(round(score * 1073741824)::numeric * rank)::text"),
                manifest: "select recommendations, checksum::text from peerfolio.runs where run_id = $1")
        }

        /// What a report sees of the published run, in one statement.
        static func sight(checksum: String) -> String {
            """
            select s.*, exists (select from peerfolio.runs r
                                where r.run_id = s.lowest and r.status = 'succeeded' and r.published_at is not null)
            from (select count(*), min(run_id) as lowest, max(run_id), \(checksum)
                  from peerfolio_bi.recommendations) s
            """
        }

        init(reader: String, administrator: String, sight: String, manifest: String) {
            (self.reader, self.administrator) = (reader, administrator)
            (self.sight, self.manifest) = (sight, manifest)
        }
    }

    /// How a report reads.
    enum Style: String, CaseIterable, Sendable {
        /// One statement at a time.
        case simple
        /// A prepared statement, with a plan that is kept.
        case prepared
        /// Two reads in one REPEATABLE READ transaction, which must agree.
        case repeatableRead
    }

    /// What one read saw.
    struct Sight: Hashable, Sendable {
        let rows: Int
        let lowestRun: Int64?
        let highestRun: Int64?
        let checksum: String?
        let isPublished: Bool

        init(_ row: PostgresRow) throws {
            rows = try row.get(at: 0)
            lowestRun = try row.getIfPresent(at: 1)
            highestRun = try row.getIfPresent(at: 2)
            checksum = try row.getIfPresent(at: 3)
            isPublished = try row.get(at: 4)
        }
    }

    private struct State {
        var isOver = false
        var figures = Figures()
        /// Sights that have been compared with the manifest, and what was wrong with them.
        var verdicts: [Sight: String?] = [:]
    }

    private let contract: Contract
    private let state = Mutex(State())

    private init(_ contract: Contract) {
        self.contract = contract
    }

    /// Runs `body` while reports read.
    ///
    /// - Parameters:
    ///   - styles: One report for each.
    ///   - pause: Time between two reads of a report.
    ///   - body: Is given a way to ask what reads have shown so far.
    static func watching<Value: Sendable>(
        _ contract: Contract, _ styles: [Style], pause: Duration,
        _ body: (_ progress: @Sendable () -> Figures) async throws -> Value
    ) async throws -> (Value, Figures) {
        let monitor = Monitor(contract)
        let reports = styles.map { style in Task { await monitor.read(style, pause) } }
        let result: Result<Value, any Error>
        do { result = .success(try await body { monitor.state.withLock { $0.figures } }) } catch {
            result = .failure(error)
        }
        monitor.state.withLock { $0.isOver = true }
        for report in reports { await report.value }
        return (try result.get(), monitor.state.withLock { $0.figures })
    }

    /// Runs `body` while one report reads, every 5 ms unless told otherwise.
    static func watching<Value: Sendable>(
        _ contract: Contract, pause: Duration = .milliseconds(5), _ body: () async throws -> Value
    ) async throws -> (Value, Figures) {
        try await watching(contract, [.simple], pause: pause) { _ in try await body() }
    }

    private var isOver: Bool { state.withLock { $0.isOver } }

    /// Reads until it is over; connects anew whenever a connection is lost.
    private func read(_ style: Style, _ pause: Duration) async {
        while !isOver {
            do {
                let connection = try await PostgresConnection.open(
                    ConnectionSettings(conninfo: contract.reader, applicationName: "report"))
                if style == .prepared {
                    // Planned once and for all: a report's connection that is kept for days.
                    try await connection.withSession { [contract] session in
                        try session.executeScript(
                            "set plan_cache_mode = force_generic_plan; prepare report as \(contract.sight)")
                    }
                }
                while !isOver {
                    try await readOnce(style, connection)
                    if pause > .zero { try await Task.sleep(for: pause) }
                }
                await connection.close()
            } catch {
                if !isAbsence(error) { state.withLock { $0.figures.wrong.append("\(style.rawValue): \(error)") } }
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Whether an error says that the server is away, or has ended the session: no answer is no wrong answer, but any
    /// other error is none that a report may meet.
    private func isAbsence(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        // A server that cannot be connected to gives no SQLSTATE.
        guard let sqlState = error.sqlState else { return [.connectionFailed, .connectionLost].contains(error.code) }
        return sqlState.hasPrefix("08") || ["57P01", "57P02", "57P03"].contains(sqlState)
            || contract.tolerated.contains(sqlState)
    }

    private func readOnce(_ style: Style, _ connection: PostgresConnection) async throws {
        let start = ContinuousClock.now
        let sights = try await connection.withSession { [contract] session in
            switch style {
            case .simple: return [try Sight(session.execute(contract.sight).rows[0])]
            case .prepared: return [try Sight(session.execute("execute report").rows[0])]
            case .repeatableRead:
                return try session.transaction(.consistentRead) { session in
                    let first = try Sight(session.execute(contract.sight).rows[0])
                    return [first, try Sight(session.execute(contract.sight).rows[0])]
                }
            }
        }
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        var faults: [String] = []
        if Set(sights).count > 1 { faults.append("two reads of one transaction differ") }
        for sight in Set(sights) {
            if let fault = try await verdict(on: sight) { faults.append(fault) }
        }
        state.withLock { state in
            state.figures.reads += sights.count
            state.figures.wrong += faults.map { "\(style.rawValue): \($0)" }
            state.figures.longest = max(state.figures.longest, milliseconds)
        }
    }

    /// Compares a sight with the manifest of the run that it claims to be.
    private func verdict(on sight: Sight) async throws -> String? {
        if let known = state.withLock({ $0.verdicts[sight] }) { return known }
        let verdict: String?
        if sight.rows == 0 {
            verdict = "no rows"
        } else if let runID = sight.lowestRun, runID == sight.highestRun {
            let manifest = try await Cluster.withSession(contract.administrator) { [contract] session in
                try session.execute(contract.manifest, [.bigint(runID)]).rows.first?.values
            }
            let whole = [String(sight.rows), sight.checksum]
            if manifest != whole {
                verdict = "\(whole) of run \(runID), which wrote \(manifest ?? [])"
            } else {
                verdict = sight.isPublished ? nil : "run \(runID), which was not published"
            }
        } else {
            verdict = "a mixture of runs \(sight.lowestRun ?? 0) to \(sight.highestRun ?? 0)"
        }
        state.withLock { $0.verdicts[sight] = .some(verdict) }
        return verdict
    }
}
