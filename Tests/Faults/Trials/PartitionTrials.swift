import Foundation
import Holdings
import Synchronization
import TestSupport

/// The network between program and server loses every packet, at each point at which the program may be waiting
/// (catalogue 10 to 15, R11).
///
/// Program and server live in network namespaces with a cable between them.
enum PartitionTrials {
    /// Where the program is when the cable is cut.
    enum Point: CaseIterable {
        case connect
        case started, read, search, write, check, publish
        /// It waits for the answer to a statement.
        case query
        /// The server sends it rows.
        case copyOut
        /// It sends rows to the server, and the kernel takes no more of them.
        case copyIn

        /// The phase at which a debug build is held; nil where the point is made by the server being slow.
        var phase: String? {
            switch self {
            case .connect, .query, .copyOut, .copyIn: nil
            default: "\(self)"
            }
        }
    }

    /// Keepalives and limits under which a partition shows.
    private struct Patience {
        /// More of the conninfo.
        let options: String
        /// More arguments of the program.
        let arguments: [String]
        /// The longest until the program has ended, in seconds.
        let clientLimit: Double
        /// Whether the server's limits are those that the article on security recommends, and not the harness's.
        var followsArticle = false

        /// The kernel gives a connection up after five seconds; three are for stopping what other connections do, and
        /// three, by `timeouts.connect`, for an attempt to record the end.
        static let short = Patience(
            options: "keepalives_idle=2 keepalives_interval=1 keepalives_count=3 tcp_user_timeout=5000", arguments: [],
            clientLimit: 5 + 3 + 3 + 2)
        /// What the program does by itself, with the limits that it has by itself.
        static let standard = Patience(
            options: "",
            arguments: ["timeouts.connect=5s", "timeouts.lease=30s", "timeouts.statement=15min", "timeouts.lock=5s"],
            clientLimit: 25, followsArticle: true)
    }

    static var all: [Trial] {
        [
            trial("black-hole", tier: .quick, blackHole),
            trial("first-host-dead", tier: .quick, firstHostDead),
            trial("partition@short", tier: .quick) { try await partition(Point.allCases, .short, $0) },
            trial("partition@defaults") { try await partition([.started, .query, .copyIn], .standard, $0) },
        ]
    }

    private static func trial(
        _ name: String, tier: Trial.Tier = .full, _ body: @escaping @Sendable (Bench) async throws -> Trial.Finding
    ) -> Trial {
        Trial(name, tier: tier, place: .aside) { bench in
            if let obstacle = Network.obstacle { return .skipped(obstacle) }
            return try await body(bench)
        }
    }

    // MARK: Connecting

    /// The server's address swallows everything: the attempt ends when `timeouts.connect` says so.
    private static func blackHole(_ bench: Bench) async throws -> Trial.Finding {
        try await Network.with(bench, "hole") { network in
            try await network.withCable(1) { cable in
                let seconds = Mutex(0.0)
                var finding = try await bench.disturb(ending: .exit(69)) { testbed in
                    let start = ContinuousClock.now
                    let outcome = try await testbed.run(
                        "run", connection: service(testbed, at: Cable.blackHole, ""), wrapper: cable.wrapper)
                    seconds.withLock { $0 = (ContinuousClock.now - start) / .seconds(1) }
                    return outcome
                }
                let took = seconds.withLock { $0 }
                finding.figures["client_s"] = took
                let limit = Double(Warehouse.connectTimeout)
                if took < limit || took > limit + 2 {
                    finding.problems.append("R12: the attempt to connect took \(took) s instead of \(limit)")
                }
                return finding
            }
        }
    }

    /// The first of two hosts swallows everything: the second is asked, and the run publishes.
    private static func firstHostDead(_ bench: Bench) async throws -> Trial.Finding {
        try await onNetwork(bench, "hosts") { network, testbed in
            try await network.withCable(1) { cable in
                let seconds = Mutex(0.0)
                var finding = try await bench.disturb(testbed, ending: .exit(0)) { testbed in
                    let start = ContinuousClock.now
                    let hosts = "\(Cable.blackHole),\(cable.serverAddress)"
                    let outcome = try await testbed.run(
                        "run", "--set", "timeouts.connect=1s",
                        connection: service(testbed, at: hosts, "target_session_attrs=read-write"),
                        wrapper: cable.wrapper)
                    seconds.withLock { $0 = (ContinuousClock.now - start) / .seconds(1) }
                    return outcome
                }
                finding.figures["client_s"] = seconds.withLock { $0 }
                return finding
            }
        }
    }

    private static func service(_ testbed: Testbed, at hosts: String, _ options: String) -> String {
        "host=\(hosts) port=\(testbed.cluster.port) dbname=\(testbed.database) user=\(Testbed.serviceRole)"
            + " \(Network.transport) \(options)"
    }

    /// Runs `body` with a server that listens in a network of its own.
    private static func onNetwork(
        _ bench: Bench, _ name: String, _ body: (Network, Testbed) async throws -> Trial.Finding
    ) async throws -> Trial.Finding {
        try await Network.with(bench, name) { network in
            try await bench.withServer("\(name)-server", namespace: network.server) {
                try $0.configure("listen_addresses = '0.0.0.0'")
            } _: {
                try await body(network, $0)
            }
        }
    }

    // MARK: Partitions

    /// All points at once, with a database and a cable each: they wait, and need no processor.
    private static func partition(
        _ points: [Point], _ patience: Patience, _ bench: Bench
    ) async throws -> Trial.Finding {
        try await onNetwork(bench, "partition") { network, testbed in
            if patience.followsArticle { try await recommendedSettings(of: testbed) }
            try await testbed.keepPristine()
            return try await withThrowingTaskGroup(of: Trial.Finding.self) { group in
                for (index, point) in points.enumerated() {
                    group.addTask {
                        // Less than what is written, so that the program is still writing when the cable is cut.
                        try await network.withCable(index + 1, buffer: point == .copyIn ? 8192 : nil) { cable in
                            try await partition(point, cable, patience, bench, of: testbed)
                        }
                    }
                }
                return Trial.Finding(of: try await group.reduce(into: []) { $0.append($1) })
            }
        }
    }

    /// Gives the service the settings that the article recommends against half-open connections.
    private static func recommendedSettings(of testbed: Testbed) async throws {
        let article = testbed.cluster.tools.checkout.appending(
            path: "Sources/peerfolio/Documentation.docc/Security.md")
        let statements = try String(contentsOf: article, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("ALTER ROLE peerfolio_service SET ") }
        guard statements.count == 5 else { throw Failure("the article has other settings than expected") }
        for statement in statements {
            try await testbed.execute(
                String(statement).replacing("peerfolio_service", with: Testbed.serviceRole))
        }
    }

    private static func partition(
        _ point: Point, _ cable: Cable, _ patience: Patience, _ bench: Bench, of server: Testbed
    ) async throws -> Trial.Finding {
        let testbed = try await server.sibling("partition_\(point)".lowercased())
        let spans = Mutex((client: 0.0, server: 0.0))
        var finding = try await bench.disturb(
            testbed, allowing: Allowance(unknownEnding: true), readingEvery: .milliseconds(250)
        ) { testbed in
            try await withRun(at: point, cable, patience, testbed) { child in
                try await cable.cut()
                let start = ContinuousClock.now
                async let server = Judge(testbed: testbed).secondsToSilence(since: start)
                if point.phase != nil { try testbed.resume() }
                let outcome = try await child.outcome(within: .seconds(120))
                let client = (ContinuousClock.now - start) / .seconds(1)
                let spansNow = (client, try await server)
                spans.withLock { $0 = spansNow }
                return outcome
            }
        } repair: { _ in
            try await cable.heal()
        }
        let (client, inServer) = spans.withLock { $0 }
        finding.figures = ["client_s": client, "server_s": inServer]
        if client > patience.clientLimit {
            finding.problems.append("R11: the program ended after \(client) s instead of \(patience.clientLimit)")
        }
        if inServer > 10 {
            finding.problems.append("R11: the server kept its sessions for \(inServer) s instead of 10")
        }
        finding.problems = finding.problems.map { "at \(point): \($0)" }
        return finding
    }

    // MARK: Points

    /// Runs `body` while the program is at a point.
    private static func withRun<Value: Sendable>(
        at point: Point, _ cable: Cable, _ patience: Patience, _ testbed: Testbed,
        _ body: (ChildProcess) async throws -> Value
    ) async throws -> Value {
        var settings = patience.arguments
        // The server is made slow for longer than the trial lasts.
        if point.phase == nil { settings += ["timeouts.statement=15min", "timeouts.lock=2min"] }
        if point == .copyOut { settings.append("holdings.relation=dwh.slow_holdings") }
        let connection = service(testbed, at: cable.serverAddress, patience.options)
        func start(_ reached: @escaping @Sendable (ChildProcess) async throws -> Void) async throws -> Value {
            try await testbed.withRunning(
                ["run"] + settings.flatMap { ["--set", $0] }, connection: connection, pausedAt: point.phase,
                wrapper: cable.wrapper
            ) { child in
                try await reached(child)
                return try await body(child)
            }
        }
        switch point {
        case .connect:
            try await cable.cut()
            return try await start { _ in }
        case .query:
            return try await testbed.whileHolding("lock table dwh.holdings in access exclusive mode") {
                try await start { _ in try await testbed.wait(untilTrue: isWaiting("wait_event_type = 'Lock'")) }
            }
        case .copyOut:
            try await testbed.execute(
                """
                create view dwh.slow_holdings as
                select h.client_id, h.product_id, h.market_value
                from dwh.holdings h, lateral (select pg_sleep(0.2) where h.client_id is not null offset 0) s;
                grant select on dwh.slow_holdings to \(Testbed.serviceRole);
                """)
            return try await start { _ in
                try await testbed.wait(untilTrue: isWaiting("wait_event = 'PgSleep' and query ilike '%slow_holdings%'"))
            }
        case .copyIn:
            try await testbed.execute(
                """
                create function dwh.wait() returns trigger language plpgsql as
                $$ begin perform pg_sleep(0.2); return new; end $$;
                create trigger slow before insert on peerfolio.recommendations for each row execute function dwh.wait();
                """)
            let value = try await start { _ in
                try await testbed.wait(untilTrue: isWaiting("wait_event = 'PgSleep' and query ilike 'copy%'"))
            }
            try await testbed.execute("drop trigger slow on peerfolio.recommendations")
            return value
        default:
            return try await start { _ in }
        }
    }

    /// A condition on a session of the service that is at work.
    private static func isWaiting(_ condition: String) -> String {
        """
        select exists (
            select from pg_stat_activity
            where usename = '\(Testbed.serviceRole)' and datname = current_database() and \(condition))
        """
    }
}
