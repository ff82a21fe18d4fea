import Foundation
import Postgres
import TestSupport

/// A warehouse with Peerfolio installed: what a fault is tried on.
struct Testbed: Sendable {
    /// The binaries under test.
    struct Program: Sendable {
        /// What is shipped.
        let release: URL
        /// The debug build, which can be held at a phase.
        let debug: URL
    }

    let cluster: Cluster
    let database: String
    /// Configuration, password file and outputs.
    let folder: URL
    /// Another one stands in where the harness itself is on trial.
    var program: Program
    /// Everything that any program printed is searched for what must not be there.
    var evidence: Evidence
    /// For the many questions of a judge, who would spend more time on connecting than on asking.
    private let kept: KeptConnection
    /// How the service reaches the server, such as `host=10.1.1.1 port=5432`; nil for the server's socket.
    var route: String?

    static let serviceRole = "faults_service"
    static let readerRole = "faults_reader"
    static let template = "bank"

    /// What a monitor needs beyond what reports may do: to look into the run log in the statement that it reads with.
    ///
    /// Planning the view of the run log would cost more than all else.
    static let monitorRights = """
        grant usage on schema peerfolio to \(readerRole);
        grant select (run_id, status, published_at) on peerfolio.runs to \(readerRole);
        """

    // MARK: Making

    /// Makes the stopped cluster that all others are copied from: a warehouse, roles, and Peerfolio's schema.
    static func makeTemplate(_ tools: ServerTools, _ program: Program, in folder: URL) async throws -> Cluster {
        let cluster = try await Cluster.initialize(tools, in: folder)
        try await cluster.start()
        let work = folder.deletingLastPathComponent()
        let testbed = try Testbed(
            cluster: cluster, database: template, folder: work, program: program, evidence: Evidence())
        try await cluster.withSession("postgres") { session in
            try session.executeScript("create database \(template)")
        }
        try await cluster.withSession(template) { session in
            try session.executeScript(Warehouse.tables)
            // One at a time: a role's password would otherwise show in the server's log with a failing script.
            try session.executeScript("create role \(serviceRole) login password '\(Warehouse.password)'")
            try session.executeScript("create role \(readerRole) login")
        }
        let migration = try await testbed.run(
            "migrate", "up", environment: ["PEERFOLIO_CONNECTION": "\(cluster.administrator) dbname=\(template)"])
        guard migration.ending == .exit(0) else { throw Failure("migrate up: \(migration.errors)") }
        try await cluster.withSession(template) { session in
            try session.executeScript(
                """
                grant peerfolio_runner to \(serviceRole);
                grant peerfolio_reader to \(readerRole);
                grant usage on schema dwh to \(serviceRole);
                grant select on all tables in schema dwh to \(serviceRole);
                \(monitorRights)
                """)
        }
        let first = try await testbed.run("run")
        guard first.ending == .exit(0) else { throw Failure("the first run: \(first.errors)") }
        try await testbed.execute("create schema faults; create table \(Judge.reference) as \(Judge.content)")
        try await cluster.stop()
        return cluster
    }

    /// - Parameter configuration: The service's configuration; that of the invented bank unless told otherwise.
    init(
        cluster: Cluster, database: String, folder: URL, program: Program, evidence: Evidence,
        configuration: String = Warehouse.configuration
    ) throws {
        (self.cluster, self.database, self.folder) = (cluster, database, folder)
        (self.program, self.evidence) = (program, evidence)
        kept = KeptConnection("\(cluster.administrator) dbname=\(database)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(configuration.utf8).write(to: config)
        try Data("*:*:*:\(Self.serviceRole):\(Warehouse.password)\n".utf8).write(to: passwordFile)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: passwordFile.path)
    }

    private var config: URL { folder.appendingPathComponent("config.yaml") }
    private var passwordFile: URL { folder.appendingPathComponent("passwords") }

    /// The same warehouse as it was before anything was tried on it, in a database of its own beside this one.
    func sibling(_ name: String) async throws -> Testbed {
        try await cluster.withSession("postgres") { session in
            try session.executeScript("drop database if exists \(name) with (force)")
            try session.executeScript("create database \(name) template \(Self.template)_pristine")
        }
        return try Testbed(
            cluster: cluster, database: name, folder: folder.appendingPathComponent(name), program: program,
            evidence: evidence)
    }

    /// The demo's warehouse with many clients, in a database of its own beside this one.
    func demo(clients: Int) async throws -> Testbed {
        let name = "demo_\(clients)"
        try await cluster.withSession("postgres") { session in
            // One that an earlier trial has left when it could not go on.
            try session.executeScript("drop database if exists \(name) with (force)")
            try session.executeScript("create database \(name)")
        }
        let print = try await run("demo", "--print-config")
        let demo = try Testbed(
            cluster: cluster, database: name, folder: folder.appendingPathComponent(name), program: program,
            evidence: evidence, configuration: print.output)
        let asAdministrator = ["PEERFOLIO_CONNECTION": demo.administrator]
        for arguments in [["demo", "--clients", "\(clients)"], ["migrate", "up"]] {
            let outcome = try await demo.run(
                arguments: arguments, environment: asAdministrator, within: .seconds(300))
            guard outcome.ending == .exit(0) else { throw Failure("\(arguments): \(outcome.errors)") }
        }
        try await demo.execute(
            """
            grant usage on schema demo to \(Self.serviceRole);
            grant select on all tables in schema demo to \(Self.serviceRole);
            """)
        return demo
    }

    /// Keeps the database as it is now for siblings and renewals.
    func keepPristine() async throws {
        try await cluster.withSession("postgres") { session in
            try session.executeScript("create database \(Self.template)_pristine template \(Self.template)")
        }
    }

    /// Puts the database back to how it was in the beginning.
    func renew() async throws {
        try await cluster.withSession("postgres") { [database] session in
            try session.executeScript("drop database if exists \(database) with (force)")
            try session.executeScript("create database \(database) template \(Self.template)_pristine")
        }
    }

    /// Drops the database of a sibling.
    func remove() async throws {
        try await cluster.withSession("postgres") { [database] session in
            try session.executeScript("drop database if exists \(database) with (force)")
        }
    }

    // MARK: The program

    /// Conninfo of the service.
    ///
    /// - Parameter port: A port on 127.0.0.1; nil for `route`.
    func service(port: UInt16? = nil) -> String {
        let place =
            port.map { "host=127.0.0.1 port=\($0)" } ?? route ?? "host=\(cluster.folder.path) port=\(cluster.port)"
        return "\(place) dbname=\(database) user=\(Self.serviceRole)"
    }

    /// Conninfo of a report.
    var reader: String { "\(cluster.administrator) dbname=\(database) user=\(Self.readerRole)" }

    /// Conninfo of the superuser.
    var administrator: String { "\(cluster.administrator) dbname=\(database)" }

    func environment(connection: String? = nil, _ more: [String: String] = [:]) -> [String: String] {
        ["PEERFOLIO_CONNECTION": connection ?? service(), "PGPASSFILE": passwordFile.path].merging(more) { $1 }
    }

    /// Runs the release build to its end.
    ///
    /// - Parameters:
    ///   - connection: Conninfo; nil for the server's socket.
    ///   - wrapper: A command that runs the program, such as `strace` with its options.
    @discardableResult
    func run(
        _ arguments: String..., connection: String? = nil, environment more: [String: String] = [:],
        wrapper: [String] = [], within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        try await run(arguments: arguments, connection: connection, environment: more, wrapper: wrapper, within: limit)
    }

    /// Runs the release build with a list of arguments.
    @discardableResult
    func run(
        arguments: [String], connection: String? = nil, environment more: [String: String] = [:],
        wrapper: [String] = [], within limit: Duration = .seconds(60)
    ) async throws -> ChildProcess.Outcome {
        let words = wrapper + [program.release.path] + arguments + ["--config", config.path]
        let outcome = try await ChildProcess.run(
            URL(fileURLWithPath: "/usr/bin/env"), words, environment: environment(connection: connection, more),
            in: folder, within: limit)
        evidence.search(outcome, of: arguments.first ?? "")
        return outcome
    }

    /// Runs that start together.
    func runTogether(_ count: Int) async throws -> [ChildProcess.Outcome] {
        try await withThrowingTaskGroup(of: ChildProcess.Outcome.self) { group in
            for _ in 0..<count { group.addTask { try await run("run") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Starts the program, and kills it after `body` if it still runs; then searches what it has printed.
    ///
    /// - Parameters:
    ///   - pause: The phase at which a debug build waits until `resume` is called; nil for the release build.
    ///   - wrapper: A command that turns itself into the program, such as `ip netns exec` with a namespace.
    func withRunning<Value: Sendable>(
        _ arguments: [String], connection: String? = nil, pausedAt pause: String? = nil,
        environment more: [String: String] = [:], wrapper: [String] = [],
        _ body: (ChildProcess) async throws -> Value
    ) async throws -> Value {
        var environment = environment(connection: connection, more)
        if let pause {
            try? FileManager.default.removeItem(at: signal)
            environment["PEERFOLIO_PAUSE_AT"] = pause
            environment["PEERFOLIO_PAUSE_UNTIL"] = signal.path
        }
        let binary = pause == nil ? program.release : program.debug
        return try await ChildProcess.withRunning(
            URL(fileURLWithPath: "/usr/bin/env"), wrapper + [binary.path] + arguments + ["--config", config.path],
            environment: environment, in: folder
        ) { child in
            try await cleaningUp {
                if let pause { try await child.waitForError(containing: "paused at \(pause)") }
                evidence.search(processID: child.processID)
                return try await body(child)
            } with: {
                await child.send(SIGKILL)
                evidence.search(try await child.outcome(), of: arguments.first ?? "")
            }
        }
    }

    private var signal: URL { folder.appendingPathComponent("go") }

    /// Lets a program that waits at a phase go on.
    func resume() throws {
        try Data().write(to: signal)
    }

    // MARK: SQL

    /// Runs `body` while a session of the superuser holds what a statement has locked; the statement is rolled back.
    func whileHolding<Value: Sendable>(_ statement: String, _ body: () async throws -> Value) async throws -> Value {
        let (held, release) = (Turn(), Turn())
        let holder = Task {
            try await cluster.withSession(database) { session in
                try session.transaction { session in
                    try session.executeScript(statement)
                    held.take()
                    while !release.isTaken { try session.execute("select pg_sleep(0.02)") }
                    throw RolledBack()
                }
            }
        }
        return try await cleaningUp {
            try await wait { held.isTaken }
            return try await body()
        } with: {
            release.take()
            _ = await holder.result
        }
    }

    private struct RolledBack: Error {}

    /// Runs statements as the superuser.
    func execute(_ script: String) async throws {
        try await cluster.withSession(database) { try $0.executeScript(script) }
    }

    /// The rows of a query as the superuser, as text.
    func rows(_ query: String) async throws -> [[String?]] {
        try await kept.withSession { try $0.execute(query).rows.map(\.values) }
    }

    /// The one value of a query as the superuser, as text; empty for NULL and without a row.
    func value(_ query: String) async throws -> String {
        (try await rows(query).first?.first ?? nil) ?? ""
    }

    /// Waits until a query as the superuser yields true, the server being away for as long as it may be.
    func wait(untilTrue query: String, within limit: Duration = .seconds(20)) async throws {
        try await wait(for: query, within: limit) { (try? await value(query)) == "t" }
    }

    /// Waits until something is so.
    func wait(
        for what: String = "what was waited for", within limit: Duration = .seconds(20), _ isSo: () async -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + limit
        while await !isSo() {
            guard ContinuousClock.now < deadline else { throw Failure("never true within \(limit): \(what)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
