import Foundation
import Holdings
import Postgres
import Synchronization
import TestSupport

/// Something is used up: disk, WAL volume, connections, memory, descriptors, or the disk that the program's log is on
/// (catalogue 23 to 29).
enum ExhaustionTrials {
    /// From what is not enough for anything to plenty.
    private static let addressSpaces = [32, 64, 96, 128, 160, 192, 224, 256, 320, 384, 512, 768, 1024, 2048]
    private static let descriptors = 3...24

    static var all: [Trial] {
        [
            diskTrial("tablespace-full", tablespaceFull),
            diskTrial("wal-full", walFull),
            Trial("connections-used-up@start", tier: .quick) { try await connectionsUsedUp(before: nil, $0) },
            Trial("connections-used-up@write") { try await connectionsUsedUp(before: "write", $0) },
            Trial("role-limit", tier: .quick, roleLimit),
            Trial("output-full@text") { try await outputFull([], $0) },
            Trial("output-full@json", tier: .quick) { try await outputFull(["--json"], $0) },
            diskTrial("metrics-full", metricsFull),
        ]
            + addressSpaces.map { megabytes in
                Trial("memory@\(megabytes)", tier: megabytes == 256 ? .quick : .full) {
                    try await littleMemory(megabytes, $0)
                }
            }
            + descriptors.map { limit in
                Trial("descriptors@\(limit)", tier: limit % 8 == 0 ? .quick : .full) {
                    try await fewDescriptors(limit, $0)
                }
            }
    }

    private static func diskTrial(
        _ name: String, _ body: @escaping @Sendable (Bench) async throws -> Trial.Finding
    ) -> Trial {
        Trial(name, tier: .quick) { bench in
            if let obstacle = SmallDisk.obstacle { return .skipped(obstacle) }
            return try await body(bench)
        }
    }

    // MARK: Disks

    /// The tablespace of the slots fills up while a run writes.
    private static func tablespaceFull(_ bench: Bench) async throws -> Trial.Finding {
        try await SmallDisk.with(bench, "space", megabytes: 8) { disk in
            try await bench.withServer("tablespace") { testbed in
                try await testbed.cluster.withSession("postgres") {
                    try $0.executeScript("create tablespace small location '\(disk.folder.path)'")
                }
                try await testbed.execute(
                    """
                    do $$ declare part regclass; begin
                        for part in
                            select inhrelid from pg_inherits where inhparent = 'peerfolio.recommendations'::regclass
                        loop execute format('alter table %s set tablespace small', part); end loop;
                    end $$
                    """)
                return try await bench.disturb(testbed, ending: .exit(75, saying: "53100")) { testbed in
                    try disk.fill()
                    return try await testbed.run("run")
                } repair: { _ in
                    try disk.free()
                }
            }
        }
    }

    /// The volume with the WAL fills up under a run: the server panics, and stays down until there is space.
    private static func walFull(_ bench: Bench) async throws -> Trial.Finding {
        try await SmallDisk.with(bench, "wal", megabytes: 160) { disk in
            try await bench.withServer("wal-server") { cluster in
                let wal = cluster.data.appendingPathComponent("pg_wal")
                let place = disk.folder.appendingPathComponent("pg_wal").path
                try await bench.tools.shell(["mv", wal.path, place], in: bench.folder)
                try FileManager.default.createSymbolicLink(atPath: wal.path, withDestinationPath: place)
                try cluster.configure("min_wal_size = 32MB\nmax_wal_size = 64MB")
            } _: { testbed in
                try await bench.disturb(testbed, ending: .exit(69)) { testbed in
                    try await testbed.withRunning(["run"], pausedAt: "write") { child in
                        try disk.fill()
                        try await useUpWAL(testbed)
                        try testbed.resume()
                        return try await child.outcome()
                    }
                } repair: { testbed in
                    guard !testbed.cluster.isRunning else { throw Failure("the server came back without space") }
                    try disk.free()
                    try await testbed.cluster.start()
                }
            }
        }
    }

    /// Fills the segments that there are, until the server goes down for want of another.
    private static func useUpWAL(_ testbed: Testbed) async throws {
        for _ in 0..<64 where testbed.cluster.isRunning {
            try? await testbed.execute("select pg_logical_emit_message(false, 'faults', 'x'), pg_switch_wal()")
        }
        try await testbed.wait(for: "the server goes down without WAL") { !testbed.cluster.isRunning }
    }

    // MARK: Connections

    /// Somebody else has all connections, when a run starts or in the midst of it.
    private static func connectionsUsedUp(before phase: String?, _ bench: Bench) async throws -> Trial.Finding {
        let name = "connections-\(phase ?? "start")"
        return try await bench.withServer(name, prepare: { try $0.configure("max_connections = 12") }) { testbed in
            try await bench.disturb(testbed, ending: .exit(75, saying: "connection slots are reserved")) { testbed in
                guard let phase else {
                    return try await withAllConnections(of: testbed) { try await testbed.run("run") }
                }
                return try await testbed.withRunning(["run"], pausedAt: phase) { child in
                    try await withAllConnections(of: testbed) {
                        try testbed.resume()
                        return try await child.outcome()
                    }
                }
            }
        }
    }

    /// Runs `body` while reports hold every connection that is left.
    private static func withAllConnections<Value: Sendable>(
        of testbed: Testbed, _ body: () async throws -> Value
    ) async throws -> Value {
        var held: [PostgresConnection] = []
        let settings = try ConnectionSettings(conninfo: testbed.reader, applicationName: "hoarder")
        while let connection = try? await PostgresConnection.open(settings) { held.append(connection) }
        return try await cleaningUp(body) {
            for connection in held { await connection.close() }
        }
    }

    /// The role of the service may not connect any more.
    private static func roleLimit(_ bench: Bench) async throws -> Trial.Finding {
        try await bench.disturb(ending: .exit(75, saying: "too many connections for role")) { testbed in
            try await testbed.execute("alter role \(Testbed.serviceRole) connection limit 0")
            return try await testbed.run("run")
        } repair: {
            try await $0.execute("alter role \(Testbed.serviceRole) connection limit -1")
        }
    }

    // MARK: The program's own

    /// An address space of so many MiB.
    ///
    /// Where there is no room for another thread, Swift's runtime waits for some until
    /// the kernel ends the process, two minutes after `timeouts.run`; here somebody with less patience does.
    private static func littleMemory(_ megabytes: Int, _ bench: Bench) async throws -> Trial.Finding {
        let isWaiting = Mutex(false)
        let ending = ExpectedEnding.orderly.or(.outOfMemory).or(.signal(SIGKILL))
        var finding = try await bench.disturb(ending: ending) { testbed in
            try await testbed.withRunning(
                ["run"], wrapper: ["prlimit", "--as=\(megabytes << 20)", "--core=0"]
            ) { child in
                if let outcome = try? await child.outcome(within: .seconds(10)) { return outcome }
                isWaiting.withLock { $0 = true }
                await child.send(SIGKILL)
                return try await child.outcome()
            }
        }
        finding.figures["waited_for_memory"] = isWaiting.withLock { $0 ? 1 : 0 }
        return finding
    }

    /// So many descriptors, of which three are standard input, output and error.
    private static func fewDescriptors(_ limit: Int, _ bench: Bench) async throws -> Trial.Finding {
        // With less there is none for libraries. Where all are in use when libdispatch looks at its threads, it traps.
        let ending = (limit > 6 ? ExpectedEnding.orderly : .orderly.or(.notBegun)).or(.signal(SIGILL))
        return try await bench.disturb(ending: ending) {
            try await $0.run("run", wrapper: ["prlimit", "--nofile=\(limit)"])
        }
    }

    /// Nothing can be written to standard output and standard error.
    private static func outputFull(_ arguments: [String], _ bench: Bench) async throws -> Trial.Finding {
        try await bench.disturb(ending: .exit(0)) {
            try await $0.run(
                arguments: ["run"] + arguments, wrapper: ["sh", "-c", "exec \"$@\" >/dev/full 2>/dev/full", "sh"])
        }
    }

    /// The daemon's log and its metrics lie on a full disk: it goes on, and writes them as soon as it can.
    private static func metricsFull(_ bench: Bench) async throws -> Trial.Finding {
        try await SmallDisk.with(bench, "metrics", megabytes: 1) { disk in
            let metrics = disk.folder.appendingPathComponent("peerfolio.prom")
            let log = disk.folder.appendingPathComponent("log")
            try Data().write(to: log)
            try disk.fill()
            return try await bench.disturb(ending: .exit(0)) { testbed in
                try await testbed.withRunning(
                    ["schedule", "--set", "metrics.textfile=\(metrics.path)"],
                    wrapper: ["sh", "-c", "exec \"$@\" 2>>\(log.path)", "sh"]
                ) { daemon in
                    let request = try await testbed.value("select peerfolio.request_run('faults', force => true)")
                    try await testbed.wait(
                        untilTrue: """
                            select exists (select from peerfolio.runs
                                           where \(request) in (run_id, retry_of) and published_at is not null)
                            """, within: .seconds(30))
                    if FileManager.default.fileExists(atPath: metrics.path) {
                        throw Failure("there are metrics on a full disk")
                    }
                    try disk.free()
                    for (file, text) in [
                        (metrics, "peerfolio_live_run"), (log, "the metrics file is written again"),
                    ] {
                        try await testbed.wait(for: "\(text) in \(file.lastPathComponent)") {
                            contents(of: file).contains(text)
                        }
                        testbed.evidence.search(contents(of: file), file.lastPathComponent)
                    }
                    await daemon.send(SIGTERM)
                    return try await daemon.outcome()
                }
            }
        }
    }

    private static func contents(of file: URL) -> String {
        (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }
}
