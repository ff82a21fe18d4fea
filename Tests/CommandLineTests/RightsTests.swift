import Foundation
import Postgres
import TestSupport
import Testing

/// Rights from the outside: what commands print and end with, for logins that have one role each.
@Suite(.requiresServer) struct RightsTests {
    /// A new login, since roles belong to the whole cluster.
    private static func login(_ installation: Installation, memberOf group: String? = nil) async throws -> String {
        let name = "peerfolio_test_\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        try await installation.execute(
            "create role \(name) login;" + (group.map { "grant \($0) to \(name)" } ?? ""))
        return name
    }

    private static func connecting(_ installation: Installation, as role: String) -> [String: String] {
        ["PEERFOLIO_CONNECTION": "\(installation.administrator) user=\(role)"]
    }

    @Test func whatGrantsPrintsIsEnoughForACompleteRun() async throws {
        try await Installation.withDemo { installation in
            let login = try await Self.login(installation)
            let service = Self.connecting(installation, as: login)
            let refusal = try await installation.peerfolio("run", environment: service)
            expectFailure(refusal, 64, saying: "GRANT peerfolio_runner TO \(login)", "GRANT USAGE ON SCHEMA demo")
            let dba = ["PEERFOLIO_CONNECTION": installation.administrator]
            let script = expectSuccess(
                try await installation.peerfolio("grants", "--role", login, environment: dba))
            #expect(script.contains("\n-- CREATE ROLE \(login) LOGIN;\n"))
            #expect(
                script.contains("(client_id, product_id, valid_from, valid_to, market_value) ON demo.client_holdings"))
            try await installation.execute(script)
            let check = try await installation.peerfolio("check", environment: service)
            #expect(expectSuccess(check).contains("rights complete"))
            #expect(!check.output.contains("warning: "))
            let run = try await installation.peerfolio("run", environment: service)
            #expect(expectSuccess(run).contains("published in channel live"))
            #expect(!run.errors.contains("lacks rights"))
            for command in ["status", "runs"] {
                expectSuccess(try await installation.peerfolio(command, environment: service))
            }
            let client = try await installation.value("select min(client_id) from peerfolio_bi.clients")
            expectSuccess(try await installation.peerfolio("explain", client, environment: service))
            expectSuccess(try await installation.peerfolio("evaluate", environment: service))
            expectSuccess(try await installation.peerfolio("report", "--output", "r.html", environment: service))
            let unmapped = try await installation.rows(
                """
                select a.attrelid::regclass::text, quote_ident(a.attname) from pg_attribute a
                where a.attrelid in (select c.oid from pg_class c where c.relnamespace = 'demo'::regnamespace
                                     and c.relkind = 'r')
                  and a.attnum > 0 and not has_column_privilege('\(login)', a.attrelid, a.attnum, 'SELECT')
                """
            ).map { "select \($0[1] ?? "") from \($0[0] ?? "")" }
            #expect(!unmapped.isEmpty)
            for statement in unmapped + ["delete from demo.clients", "create table demo.mine (a integer)"] {
                await #expect(throws: PostgresError.self, "\(statement)") {
                    try await installation.withConnection("\(installation.administrator) user=\(login)") {
                        try $0.executeScript(statement)
                    }
                }
            }
        }
    }

    @Test func grantsNamesTheServiceWhereTheConnectionIsASuperusers() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            let dba = ["PEERFOLIO_CONNECTION": installation.administrator]
            let script = expectSuccess(try await installation.peerfolio("grants", environment: dba))
            #expect(script.contains("GRANT peerfolio_runner TO peerfolio_service;"))
            expectFailure(
                try await installation.peerfolio("grants", "--set", "holdings.relation=demo.absent", environment: dba),
                64, saying: "--set holdings.relation", "demo.absent")
        }
    }

    /// Operators see nothing, and can put the run before back.
    @Test func anOperatorRollsBackAndPublishes() async throws {
        try await Installation.withDemo { installation in
            for _ in 1...2 { _ = try await installation.succeed("run") }
            let login = try await Self.login(installation, memberOf: "peerfolio_operator")
            let environment = Self.connecting(installation, as: login)
            let back = try await installation.peerfolio("rollback", environment: environment)
            #expect(expectSuccess(back) == "run 1 is live again in channel live; run 2 was\n")
            let forth = try await installation.peerfolio("publish", "2", environment: environment)
            #expect(expectSuccess(forth) == "run 2 is live in channel live\n")
            #expect(try await installation.value("select published_by from peerfolio.publication") == login)
            expectFailure(
                try await installation.peerfolio("publish", "2", environment: environment), 64,
                saying: "published already")
            expectFailure(
                try await installation.peerfolio("publish", "99", environment: environment), 64,
                saying: "there is no run 99")
            for command in ["runs", "status", "run"] {
                #expect(
                    try await installation.peerfolio(command, environment: environment).ending == .exit(64),
                    "\(command)")
            }
            // Others cannot.
            let stranger = Self.connecting(installation, as: try await Self.login(installation))
            #expect(try await installation.peerfolio("rollback", environment: stranger).ending == .exit(64))
            #expect(try await installation.value("select live_run_id from peerfolio.publication") == "2")
        }
    }

    /// Whoever upgrades needs no right on the sources, and none but to become the owner.
    @Test func aMigratorUpgradesWithoutBeingASuperuser() async throws {
        try await Installation.withDemo { installation in
            let login = try await Self.login(installation, memberOf: "peerfolio_migrator")
            let environment = Self.connecting(installation, as: login)
            try await installation.execute("update peerfolio.schema_objects set checksum = '' where name = 'clients'")
            let up = try await installation.peerfolio("migrate", "up", environment: environment)
            #expect(expectSuccess(up) == "applied clients\n")
            expectSuccess(try await installation.peerfolio("migrate", "verify", environment: environment))
            let status = try await installation.peerfolio("migrate", "status", environment: environment)
            #expect(!expectSuccess(status).contains("pending"))
            let other = try await Self.login(installation)
            expectFailure(
                try await installation.peerfolio(
                    "migrate", "up", environment: Self.connecting(installation, as: other)), 64,
                saying: "gives them with: GRANT peerfolio_migrator TO \(other)")
        }
    }

    /// The first time it needs a schema to look at, and an owner that may create schemas.
    @Test func aMigratorInstallsOnceTheRolesAreThere() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            // The roles, which another test's database may have made already.
            let roles = try Data(contentsOf: PeerfolioBinary.checkout.appending(path: "sql/roles.sql"))
            try await installation.execute(String(decoding: roles, as: UTF8.self))
            let login = try await Self.login(installation, memberOf: "peerfolio_migrator")
            let environment = Self.connecting(installation, as: login)
            let database = try await installation.value("select current_database()")
            let refusal = try await installation.peerfolio("migrate", "up", environment: environment)
            let statement = "GRANT CREATE ON DATABASE \(database) TO peerfolio_owner"
            expectFailure(refusal, 64, saying: "gives them with: \(statement)")
            try await installation.execute(statement)
            expectFailure(
                try await installation.peerfolio("migrate", "up", environment: environment), 64, saying: "USAGE")
            try await installation.execute("grant usage on schema demo to \(login)")
            let up = try await installation.peerfolio("migrate", "up", environment: environment)
            #expect(expectSuccess(up).hasPrefix("applied bootstrap, runs, "))
            let owners = try await installation.rows(
                """
                select distinct relowner::regrole::text from pg_class
                where relnamespace in ('peerfolio'::regnamespace, 'peerfolio_bi'::regnamespace)
                """)
            #expect(owners == [["peerfolio_owner"]])
        }
    }

    /// It works, and is said: by the check, by a run, and by the daemon when it connects.
    @Test func aServiceThatIsASuperuserIsWarnedAbout() async throws {
        try await Installation.withDemo { installation in
            let environment = ["PEERFOLIO_CONNECTION": installation.administrator]
            let check = try await installation.peerfolio("check", environment: environment)
            #expect(expectSuccess(check).contains("warning: the role postgres is a superuser"))
            let run = try await installation.peerfolio("run", environment: environment)
            expectSuccess(run)
            #expect(run.errors.contains("warning: the role postgres is a superuser"))
            try await installation.withRunning("schedule", environment: environment) { daemon in
                try await daemon.waitForError(containing: "the role postgres is a superuser")
            }
        }
    }

    // MARK: Planted objects

    /// Functions and operators that fit arguments of the catalog's types better than PostgreSQL's own do.
    private static let planted = [
        ("function", "quote_ident", ["name"]), ("function", "unnest", ["name[]"]),
        ("function", "to_char", ["date", "text"]), ("function", "age", ["date", "date"]),
        ("operator", "=", ["oid", "regclass"]), ("operator", "=", ["oid", "bigint"]),
        ("operator", ">=", ["oid", "integer"]), ("operator", "||", ["name", "name"]),
        ("operator", "||", ["name", "text"]), ("operator", "*", ["integer", "interval"]),
        ("operator", "<>", ["numeric", "integer"]), ("operator", "<", ["numeric", "integer"]),
    ]

    private static var plantingSQL: String {
        planted.enumerated().map { number, object in
            let (kind, name, types) = object
            let function = kind == "function" ? name : "planted_\(number)"
            let body = """
                create function public.\(function)(\(types.joined(separator: ", "))) returns boolean language plpgsql
                as $$ begin raise exception 'planted'; end $$;
                """
            return kind == "function"
                ? body
                : body + """
                    create operator public.\(name)
                        (leftarg = \(types[0]), rightarg = \(types[1]), function = public.\(function));
                    """
        }.joined()
    }

    /// Whoever may create objects in a schema of the path cannot have them called with the rights of the service or of
    /// a DBA.
    @Test func plantedFunctionsAndOperatorsAreNotCalled() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            let settings = "in database \(try await installation.value("select current_database()")) set search_path"
            try await installation.execute(
                """
                alter role \(Installation.serviceRole) \(settings) = public, demo;
                alter role postgres \(settings) = public, demo;
                """ + Self.plantingSQL)
            for statement in ["select quote_ident('x'::name)", "select 1::oid = 'pg_class'::regclass"] {
                await #expect(throws: PostgresError.self, "\(statement)") { try await installation.value(statement) }
            }
            try await installation.migrate()
            let dba = ["PEERFOLIO_CONNECTION": installation.administrator]
            for arguments in [
                ["migrate", "up"], ["migrate", "status"], ["migrate", "verify"], ["grants"], ["check"],
            ] {
                expectSuccess(try await installation.peerfolio(arguments: arguments, environment: dba))
            }
            let client = try await installation.value("select min(client_id) from demo.clients")
            for arguments in [
                ["check"], ["run", "--dry-run"], ["run"], ["run", "--set", "holdings.relation=client_holdings"],
                ["explain", client], ["runs"], ["status"], ["evaluate"], ["report", "--output", "r.html"], ["rollback"],
                ["init", "--connection", installation.service, "--output", "proposed.yaml"],
            ] {
                let isInit = arguments[0] == "init"
                expectSuccess(try await installation.peerfolio(arguments: arguments, configured: !isInit))
            }
            expectFailure(
                try await installation.peerfolio("check", "--set", "holdings.relation=client_holding"), 64,
                saying: "did you mean")
        }
    }
}
