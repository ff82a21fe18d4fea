import Foundation
import Holdings
import Postgres
import TestSupport

/// Standbys, failovers and logical replicas (catalogue 30 to 34, R13).
enum ReplicaTrials {
    /// Reports that hold cursors on a standby, and runs that are published meanwhile.
    private static let cursors = 20
    private static let publishesUnderCursors = 20
    /// What a logical replica has to go through.
    private static let replicatedRuns = 20
    private static let replicaReads = 5000

    static var all: [Trial] {
        [
            Trial("on-standby@plain", tier: .quick) { try await onStandby("", saying: "25006", $0) },
            Trial("on-standby@read-write") {
                try await onStandby("target_session_attrs=read-write", saying: "read-only", $0)
            },
            Trial("failover@write") { try await failover(at: "write", $0) },
            Trial("failover@publish", tier: .quick) { try await failover(at: "publish", $0) },
            Trial("failover@published") { try await failover(at: "published", $0) },
            Trial("lost-by-failover", tier: .quick, lostByFailover),
            Trial("standby-cursors", standbyCursors),
            Trial("logical-replica", logicalReplica),
        ]
    }

    // MARK: Standbys

    /// A run is pointed at a standby, which nobody can write to.
    private static func onStandby(
        _ options: String, saying words: String, _ bench: Bench
    ) async throws -> Trial.Finding {
        try await bench.withStandby("standby") { primary, standby in
            try await bench.disturb(primary, ending: .exit(69, saying: words)) {
                try await $0.run("run", connection: "\(standby.service()) \(options)")
            }
        }
    }

    /// Conninfo with both servers, of which the one that can be written to counts.
    private static func either(_ first: Testbed, _ second: Testbed) -> String {
        let folders = [first, second].map { $0.cluster.folder.path }.joined(separator: ",")
        return "host=\(folders) port=\(first.cluster.port) dbname=\(first.database) user=\(Testbed.serviceRole)"
            + " target_session_attrs=read-write"
    }

    /// Waits until the standby has everything that the primary has.
    private static func awaitReplay(_ primary: Testbed, _ standby: Testbed) async throws {
        let position = try await primary.value("select pg_current_wal_lsn()")
        try await standby.wait(untilTrue: "select pg_last_wal_replay_lsn() >= '\(position)'::pg_lsn")
    }

    /// The primary dies under a run, and the standby takes its place.
    private static func failover(at phase: String, _ bench: Bench) async throws -> Trial.Finding {
        try await bench.withStandby("failover") { primary, standby in
            let connection = either(primary, standby)
            // Until it is promoted, it may cancel what stands in the way of the primary's changes.
            return try await bench.disturb(standby, allowing: Allowance(reportErrors: ["40001"])) { standby in
                try await primary.withRunning(["run"], connection: connection, pausedAt: phase) { child in
                    try await awaitReplay(primary, standby)
                    try await primary.cluster.stop(.immediate)
                    try await standby.cluster.promote()
                    try primary.resume()
                    return try await child.outcome()
                }
            }
        }
    }

    /// A run is published on a primary that dies before the standby has heard of it; then the old primary comes back.
    private static func lostByFailover(_ bench: Bench) async throws -> Trial.Finding {
        try await bench.withStandby("lost") { primary, standby in
            try await awaitReplay(primary, standby)
            let before = try await Judge(testbed: standby).state()
            try await standby.cluster.withSession("postgres") { session in
                try session.execute("alter system set primary_conninfo = ''")
                try session.execute("select pg_reload_conf()")
            }
            try await standby.wait(untilTrue: "select not exists (select from pg_stat_wal_receiver)")
            var finding = Trial.Finding(isKillPoint: true)
            var lost: Set<[String?]> = []
            for _ in 0..<3 {
                finding.problems += ExpectedEnding.exit(0).problems(with: try await primary.run("run"))
                lost.insert(try await publication(primary))
            }
            try await primary.cluster.stop(.immediate)
            try await standby.cluster.promote()

            let judge = Judge(testbed: standby)
            if try await judge.state().liveRun != before.liveRun {
                finding.problems.append("A1: the standby has heard of what was to be lost")
            }
            let connection = either(primary, standby)
            let again = try await standby.run("run", connection: connection)
            finding.problems += try await judge.afterRerun(before, again)
            let live = try await publication(standby)
            if lost.contains(live) { finding.problems.append("reports have seen two runs as \(live)") }
            finding.figures["lost_runs"] = Double(lost.count)
            // The sequence is lost with the runs, so their numbers come again; the moment of publication does not.
            finding.figures["numbers_used_again"] = lost.contains { $0.first == live.first } ? 1 : 0

            // Nobody has told the old primary that it is none any more.
            try await primary.cluster.start()
            finding.problems += ExpectedEnding.exit(0).problems(
                with: try await primary.run("run", connection: connection))
            let isAstray = try await publication(standby) == live
            finding.figures["published_on_old_primary"] = isAstray ? 1 : 0
            for testbed in [primary, standby] {
                let state = try await Judge(testbed: testbed).state()
                finding.problems += try await Judge(testbed: testbed).afterRerun(state, testbed.run("run"))
            }
            return finding
        }
    }

    /// What reports tell two runs apart by.
    private static func publication(_ testbed: Testbed) async throws -> [String?] {
        try await testbed.rows("select distinct run_id, published_at from peerfolio_bi.recommendations").first ?? []
    }

    // MARK: Reports on standbys

    /// Cursors that a report has read to their end.
    private struct Cursors: Sendable {
        var sights: [Sight] = []
        var cancelled = 0
        var failures: [String] = []
    }

    /// What one cursor has shown.
    private struct Sight: Sendable {
        let runs: Set<Int64>
        let rows: Int
        let checksum: Int64
    }

    /// Reports on a standby hold cursors for seconds while the primary publishes and vacuums.
    ///
    /// With feedback none loses its snapshot. Without it some do, which shows that the trial can fail.
    ///
    /// A cursor that stands on a page from which vacuum takes rows may be cancelled nevertheless: tables of a few pages, as
    /// here, have little else.
    private static func standbyCursors(_ bench: Bench) async throws -> Trial.Finding {
        var finding = Trial.Finding()
        for hasFeedback in [true, false] {
            let settings = """
                hot_standby_feedback = \(hasFeedback ? "on" : "off")
                wal_receiver_status_interval = 1s
                max_standby_streaming_delay = 500ms
                """
            let cursors = try await bench.withStandby("cursors", settings: settings) { primary, standby in
                try await hold(primary, standby, runs: hasFeedback ? publishesUnderCursors : 4)
            }
            finding.problems += cursors.problems
            finding.figures[hasFeedback ? "cursors" : "cursors_without_feedback"] = Double(cursors.read)
            finding.figures[hasFeedback ? "cancelled" : "cancelled_without_feedback"] = Double(cursors.cancelled)
            if hasFeedback, cursors.snapshotsLost > 0 {
                finding.problems.append("R13: \(cursors.snapshotsLost) cursors have lost their snapshot")
            } else if !hasFeedback, cursors.snapshotsLost == 0 {
                finding.problems.append("without feedback no cursor lost its snapshot either, so this shows nothing")
            }
        }
        return finding
    }

    /// Publishes runs on a primary while reports hold cursors on its standby.
    private static func hold(
        _ primary: Testbed, _ standby: Testbed, runs: Int
    ) async throws -> (read: Int, cancelled: Int, snapshotsLost: Int, problems: [String]) {
        var cursors = Cursors()
        var problems: [String] = []
        try await withThrowingTaskGroup(of: Cursors.self) { group in
            for number in 0..<Self.cursors {
                // Evenly spread, so that some are held at every moment.
                let delay = Duration.milliseconds(100 * number)
                group.addTask {
                    try await Task.sleep(for: delay)
                    return await read(standby)
                }
            }
            // The standby reports its oldest snapshot once a second.
            try await Task.sleep(for: .seconds(3))
            for _ in 0..<runs {
                problems += ExpectedEnding.exit(0).problems(with: try await primary.run("run"))
                for table in ["run_lists", "recommendations", "run_clients", "run_products", "runs", "publication"] {
                    try await primary.execute("vacuum peerfolio.\(table)")
                }
            }
            group.cancelAll()
            for try await own in group {
                cursors.sights += own.sights
                cursors.cancelled += own.cancelled
                cursors.failures += own.failures
            }
        }
        let manifest = try await primary.rows("select run_id, recommendations, checksum::bigint from peerfolio.runs")
        let whole = Dictionary(uniqueKeysWithValues: manifest.map { ($0[0] ?? "", [$0[1] ?? "", $0[2] ?? ""]) })
        for sight in cursors.sights {
            let isWhole =
                sight.runs.count == 1
                && sight.runs.allSatisfy { whole["\($0)"] == ["\(sight.rows)", "\(sight.checksum)"] }
            if !isWhole { problems.append("A1: a cursor has shown \(sight.rows) rows of runs \(sight.runs.sorted())") }
        }
        let conflicts = try await standby.rows(
            "select confl_snapshot from pg_stat_database_conflicts where datname = current_database()")
        let snapshotsLost = conflicts.first.flatMap { $0[0] }.flatMap { Int($0) } ?? -1
        return (cursors.sights.count, cursors.cancelled, snapshotsLost, problems + Set(cursors.failures))
    }

    /// Reads the recommendations by cursors that are held for two seconds each, until cancelled.
    private static func read(_ standby: Testbed) async -> Cursors {
        var cursors = Cursors()
        while !Task.isCancelled {
            do {
                // In a task of its own, so that the last cursor is read to its end, too.
                cursors.sights.append(try await Task { try await readOnce(standby) }.value)
            } catch let error as PostgresError where error.isRetryable {
                // A report that was just thinking loses its connection.
                cursors.cancelled += 1
            } catch {
                cursors.failures.append("a cursor: \(error)")
                break
            }
        }
        return cursors
    }

    private static func readOnce(_ standby: Testbed) async throws -> Sight {
        try await Cluster.withSession(standby.reader, applicationName: "report") { session in
            try session.transaction(.consistentRead) { session in
                try session.executeScript(
                    """
                    declare report cursor for
                    select run_id, (round(score * 1073741824)::numeric * rank)::bigint
                    from peerfolio_bi.recommendations
                    """)
                let first = try session.execute("fetch 50 from report").rows
                Thread.sleep(forTimeInterval: 2)
                let rows = try first + session.execute("fetch all from report").rows
                return Sight(
                    runs: Set(try rows.map { try $0.get(at: 0) }), rows: rows.count,
                    checksum: try rows.reduce(0) { try $0 + $1.get(at: 1) })
            }
        }
    }

    // MARK: Logical replicas

    /// What the views need.
    ///
    /// In one publication, so that a subscriber applies a run's rows before the pointer to them;
    /// by the root, so that its partitions need not be the same.
    private static let publication = """
        create publication reports for table
            peerfolio.publication, peerfolio.runs, peerfolio.run_lists, peerfolio.recommendations,
            peerfolio.run_clients, peerfolio.run_products, peerfolio.run_checks
        with (publish_via_partition_root = true)
        """

    /// Reports on a logical replica read while runs are published: each read sees one whole run.
    private static func logicalReplica(_ bench: Bench) async throws -> Trial.Finding {
        try await bench.withServer("publisher") { publisher in
            try await bench.withServer("subscriber") { server in
                try await publisher.execute(publication)
                let subscriber = try await makeSubscriber(server, of: publisher)
                let contract = Monitor.Contract(
                    reader: subscriber.reader, administrator: publisher.administrator,
                    sight: Monitor.Contract(subscriber).sight, manifest: Monitor.Contract(publisher).manifest)
                let (result, reads) = try await Monitor.watching(contract, Monitor.Style.allCases, pause: .zero) {
                    progress in
                    var problems: [String] = []
                    var runs = 0
                    while runs < replicatedRuns || (progress().reads < replicaReads && runs < 10 * replicatedRuns) {
                        problems += ExpectedEnding.exit(0).problems(with: try await publisher.run("run"))
                        runs += 1
                    }
                    let live = try await publisher.value("select live_run_id from peerfolio.publication")
                    try await subscriber.wait(untilTrue: "select live_run_id = \(live) from peerfolio.publication")
                    return (problems, runs)
                }
                var finding = Trial.Finding(problems: result.0)
                finding.problems += reads.problems
                if reads.reads < replicaReads { finding.problems.append("only \(reads.reads) reads") }
                finding.reads = reads
                finding.figures = ["runs": Double(result.1), "reads": Double(reads.reads)]
                try await subscriber.execute("drop subscription reports")
                return finding
            }
        }
    }

    /// Migrates an empty database, and subscribes it.
    private static func makeSubscriber(_ server: Testbed, of publisher: Testbed) async throws -> Testbed {
        let database = "mirror"
        try await server.cluster.withSession("postgres") { try $0.executeScript("create database \(database)") }
        let subscriber = try Testbed(
            cluster: server.cluster, database: database, folder: server.folder.appendingPathComponent(database),
            program: server.program, evidence: server.evidence)
        // The types of ids come from the warehouse's tables.
        try await subscriber.execute(Warehouse.tables)
        let migration = try await subscriber.run("migrate", "up", connection: subscriber.administrator)
        guard migration.ending == .exit(0) else { throw Failure("migrate up: \(migration.errors)") }
        try await subscriber.execute(Testbed.monitorRights)
        // The pointer that a migration starts with would stand in the way of the publisher's.
        try await subscriber.execute("delete from peerfolio.publication")
        try await subscriber.execute(
            """
            create subscription reports connection '\(publisher.administrator)' publication reports
            """)
        try await subscriber.wait(
            untilTrue: "select count(*) > 0 and bool_and(srsubstate = 'r') from pg_subscription_rel")
        return subscriber
    }
}
