import Foundation
import Holdings
import Postgres
import Synchronization
import TestSupport

/// Publishing many rows while many reports read, and what becomes of the space (catalogue 20; R6 to R8, R10).
///
/// Times are figures, not verdicts: the machine may be busy with something else. That nobody waits for a lock is a verdict.
enum VolumeTrials {
    static var all: [Trial] {
        [
            Trial("readers@150000", place: .machine) { try await readers(clients: 30_000, $0) },
            Trial("flip@5000000", tier: .named, place: .machine) {
                try await readers(clients: 1_000_000, publications: 2, $0)
            },
            Trial("space@150000", place: .machine) { try await space($0) },
        ]
    }

    // MARK: Readers

    /// Reports that hold cursors for seconds, and one that looks clients up, while runs are published and rolled back.
    private static func readers(clients: Int, publications: Int = 5, _ bench: Bench) async throws -> Trial.Finding {
        let testbed = try await bench.testbed.demo(clients: clients)
        func succeed(_ arguments: String...) async throws -> Double {
            let start = ContinuousClock.now
            let outcome = try await testbed.run(arguments: arguments, within: .seconds(300))
            guard outcome.ending == .exit(0) else { throw Failure("\(arguments): \(outcome.errors)") }
            return (ContinuousClock.now - start) / .milliseconds(1)
        }
        _ = try await succeed("run")
        _ = try await succeed("run")
        let waitsBefore = try testbed.cluster.lockWaits(of: "report")
        let isOver = Turn()
        let lookups = LookUps()
        let reports = (0..<20).map { number in
            Task { try await holdCursors(number, testbed, counts: clients <= 30_000, bench.seed, until: isOver) }
        }
        let lookup = Task { try await lookups.read(testbed, clients: clients, until: isOver) }

        var finding = Trial.Finding()
        var rollbacks: [Double] = []
        for _ in 0..<publications {
            rollbacks.append(try await lookups.during { try await succeed("rollback") })
            rollbacks.append(try await lookups.during { try await succeed("rollback") })
            _ = try await succeed("run")
        }
        isOver.take()
        for report in reports { finding.problems += try await report.value }
        try await lookup.value
        let waits = try testbed.cluster.lockWaits(of: "report") - waitsBefore
        if waits > 0 { finding.problems.append("A8: reports waited \(waits) times for a lock") }

        let flips = try await testbed.value(
            """
            select max((phases_ms->>'publish')::integer) from (
                select phases_ms from peerfolio.runs order by run_id desc limit \(publications)) r
            """)
        finding.figures = [
            "flip_ms": Double(flips) ?? .nan, "rollback_ms": rollbacks.max() ?? .nan,
            "rollback_median_ms": rollbacks.sorted()[rollbacks.count / 2], "lock_waits": Double(waits),
            "lookup_max_ms": lookups.longest, "lookup_max_at_publish_ms": lookups.longestDuring,
        ]
        try await testbed.remove()
        return finding
    }

    /// Reads the live run by a cursor that stays open for seconds, again and again; each must have all rows of its
    /// run.
    private static func holdCursors(
        _ number: Int, _ testbed: Testbed, counts: Bool, _ seed: UInt64, until isOver: Turn
    ) async throws -> [String] {
        var generator = SeededGenerator(seed: seed &+ UInt64(number))
        var problems: [String] = []
        while !isOver.isTaken {
            let seconds = Double.random(in: 2...8, using: &generator)
            let (runID, rows) = try await Cluster.withSession(testbed.reader, applicationName: "report") {
                session in
                try session.transaction { session -> (Int64, Int?) in
                    try session.executeScript(
                        "declare report cursor for select run_id from peerfolio_bi.recommendations")
                    let first: Int64 = try session.execute("fetch 1 from report").rows[0].get(at: 0)
                    let end = ContinuousClock.now + .seconds(seconds)
                    while ContinuousClock.now < end, !isOver.isTaken { try session.execute("select pg_sleep(0.1)") }
                    // To the end, without bringing all rows here; twenty times millions would take minutes.
                    guard counts else { return (first, nil) }
                    return (first, try session.execute("move forward all in report").affectedRows + 1)
                }
            }
            guard let rows else { continue }
            let whole = try await testbed.value("select recommendations from peerfolio.runs where run_id = \(runID)")
            if whole != "\(rows)" {
                problems.append("A1: a cursor over run \(runID) had \(rows) rows and not \(whole)")
            }
        }
        return problems
    }

    /// Looks one client up after the other, and measures how long each takes.
    private final class LookUps: Sendable {
        private struct State {
            var longest = 0.0
            var longestDuring = 0.0
            var isDuring = false
        }

        private let state = Mutex(State())

        /// Milliseconds of the longest.
        var longest: Double { state.withLock { $0.longest } }
        /// Milliseconds of the longest that began or ended inside ``during(_:)``.
        var longestDuring: Double { state.withLock { $0.longestDuring } }

        func read(_ testbed: Testbed, clients: Int, until isOver: Turn) async throws {
            let ids = try await testbed.rows("select client_id::text from peerfolio_bi.clients limit 500")
                .compactMap { $0[0] }
            let connection = try await PostgresConnection.open(
                ConnectionSettings(conninfo: testbed.reader, applicationName: "report"))
            try await connection.withSession { session in
                try session.executeScript(
                    "prepare look as select * from peerfolio_bi.recommendations where client_id = $1")
            }
            var next = 0
            while !isOver.isTaken {
                let wasDuring = state.withLock { $0.isDuring }
                let id = ids[next % ids.count]
                let start = ContinuousClock.now
                _ = try await connection.withSession { try $0.execute("execute look('\(id)')").rows.count }
                let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
                state.withLock { state in
                    state.longest = max(state.longest, milliseconds)
                    if wasDuring || state.isDuring { state.longestDuring = max(state.longestDuring, milliseconds) }
                }
                next += 1
                try await Task.sleep(for: .milliseconds(2))
            }
            await connection.close()
        }

        func during<Value>(_ body: () async throws -> Value) async throws -> Value {
            state.withLock { $0.isDuring = true }
            defer { state.withLock { $0.isDuring = false } }
            return try await body()
        }
    }

    // MARK: Space

    /// What autovacuum does between one night and the next, in a warehouse where others work, too.
    ///
    /// Pages of an index that VACUUM has emptied can be used again once another transaction has begun; on a server where
    /// nothing else goes on they would have to wait for the next VACUUM of the table.
    private static func vacuum(_ testbed: Testbed) async throws {
        let isOver = Turn()
        let others = Task {
            try await testbed.cluster.withSession(testbed.database) { session in
                while !isOver.isTaken { try session.execute("select pg_current_xact_id(), pg_sleep(0.001)") }
            }
        }
        try await testbed.cluster.withSession(testbed.database) { session in
            let tables = try session.execute(
                """
                select c.oid::regclass::text from pg_class c
                where relkind = 'r' and relnamespace = 'peerfolio'::regnamespace
                """)
            for row in tables.rows { try session.executeScript("vacuum \(try row.get(at: 0, as: String.self))") }
        }
        isOver.take()
        try await others.value
    }

    /// The size of everything after many publications, against that after the first.
    private static func space(_ bench: Bench) async throws -> Trial.Finding {
        let testbed = try await bench.testbed.demo(clients: 30_000)
        var sizes: [Double] = []
        for _ in 0..<30 {
            let outcome = try await testbed.run("run")
            guard outcome.ending == .exit(0) else { throw Failure("run: \(outcome.errors)") }
            try await vacuum(testbed)
            let bytes = try await testbed.value(
                """
                select sum(pg_total_relation_size(c.oid)) from pg_class c
                where relkind = 'r' and relnamespace = 'peerfolio'::regnamespace
                """)
            sizes.append(Double(bytes) ?? .nan)
        }
        var finding = Trial.Finding()
        finding.figures = [
            "size_after_30_per_run": sizes[29] / sizes[0], "growth_from_10_to_30": sizes[29] / sizes[9],
            "megabytes_after_1": sizes[0] / 1_000_000,
        ]
        if sizes[29] > 5.5 * sizes[0] {
            finding.problems.append("R10: 30 runs need more than 5.5 times the space of one")
        }
        if sizes[29] > 1.1 * sizes[9] { finding.problems.append("R10: the space still grows after 10 runs") }
        try await testbed.remove()
        return finding
    }
}
