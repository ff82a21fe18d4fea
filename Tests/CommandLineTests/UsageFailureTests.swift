import Foundation
import TestSupport
import Testing

/// Exit code 64: what the user must change, said in one line.
@Suite(.requiresServer) struct UsageFailureTests {
    private static let small = "create table dwh.holdings (client_id bigint, product_id text, amount numeric);"
    private static let mapping =
        "holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}"

    @Test func mistakesInTheFileNameKeyLineAndWhatWouldBeRight() async throws {
        try await TemporaryFolder.with { folder in
            let installation = Installation(administrator: "host=/nowhere", folder: folder)
            try installation.write("model:\n  k: 5\n  distanse: cosine", connection: "")
            expectFailure(
                try await installation.peerfolio("run"), 64, saying: "config.yaml:4", "model.distanse",
                "model.distance")
            try installation.write("model: {k: many}", connection: "")
            expectFailure(try await installation.peerfolio("check"), 64, saying: "config.yaml:2", "model.k")
            try installation.write(Self.mapping, connection: "")
            expectFailure(
                try await installation.peerfolio("check", "--set", "model.kk=3"), 64, saying: "--set", "model.k")
            expectFailure(
                try await installation.peerfolio("check", environment: ["PEERFOLIO_MODEL_K": "0"]), 64,
                saying: "environment PEERFOLIO_MODEL_K", "model.k")
        }
    }

    @Test(arguments: [
        "host=localhost user=u password=Canary4711", "postgresql://u:Canary4711@localhost/db",
        "host=localhost sslpassword=Canary4711",
    ])
    func aPasswordIsRefusedAndNeverShown(_ connection: String) async throws {
        try await TemporaryFolder.with { folder in
            let installation = Installation(administrator: "", folder: folder)
            try installation.write(Self.mapping, connection: connection)
            var outcomes = [
                try await installation.peerfolio("check"), try await installation.peerfolio("run", "--json"),
            ]
            try installation.write(Self.mapping, connection: "")
            outcomes.append(
                try await installation.peerfolio("runs", environment: ["PEERFOLIO_CONNECTION": connection]))
            outcomes.append(try await installation.peerfolio("runs", "--set", "connection=\(connection)"))
            outcomes.append(try await installation.peerfolio("demo", "--connection", connection))
            try installation.write(Self.mapping + "\npassword: Canary4711", connection: "")
            outcomes.append(try await installation.peerfolio("check"))
            for outcome in outcomes {
                expectFailure(outcome, 64, saying: "password", "PGPASSWORD")
                #expect(!(outcome.errors + outcome.output).contains("Canary4711"))
            }
        }
    }

    @Test func aDatabaseWithoutTheSchemaSaysWhatToRun() async throws {
        try await Installation.withWarehouse(
            GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping, isMigrated: false
        ) { installation in
            for command in ["run", "runs", "rollback"] {
                expectFailure(try await installation.peerfolio(command), 64, saying: "peerfolio migrate up")
            }
            expectFailure(try await installation.peerfolio("publish", "1"), 64, saying: "peerfolio migrate up")
            expectFailure(try await installation.peerfolio("migrate", "verify"), 64, saying: "peerfolio migrate up")
            // The report is complete all the same, and a dry run needs no schema.
            let check = try await installation.peerfolio("check", "--json")
            #expect(check.ending == .exit(64))
            #expect(try jsonObject(check.output)["is_ready"] as? Bool == false)
            let dry = try await installation.peerfolio("run", "--dry-run", "--json")
            #expect(try jsonObject(expectSuccess(dry))["status"] as? String == "dry_run")
            expectFailure(try await installation.peerfolio("migrate", "up"), 64)
        }
    }

    @Test func sourcesThatCannotBeReadNameTheKey() async throws {
        let sql = Self.small + "create table dwh.secret as select * from dwh.holdings;"
        try await Installation.withWarehouse(sql, mapping: Self.mapping) { installation in
            try await installation.execute("revoke all on dwh.secret from \(Installation.serviceRole)")
            for command in ["check", "run"] {
                expectFailure(
                    try await installation.peerfolio(command, "--set", "holdings.relation=dwh.absent"), 64,
                    saying: "--set holdings.relation", "dwh.absent")
                expectFailure(
                    try await installation.peerfolio(command, "--set", "holdings.client=klient"), 64,
                    saying: "--set holdings.client", "klient")
                expectFailure(
                    try await installation.peerfolio(command, "--set", "holdings.amount=product_id"), 64,
                    saying: "--set holdings.amount")
                expectFailure(
                    try await installation.peerfolio(command, "--set", "holdings.relation=dwh.secret"), 64,
                    saying: "GRANT", "dwh.secret")
            }
        }
    }

    @Test func aRoleWithoutRightsIsToldWhatToGrant() async throws {
        try await Installation.withWarehouse(
            GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping, isMigrated: false
        ) { installation in
            _ = try await installation.succeed(
                "migrate", "up", environment: ["PEERFOLIO_CONNECTION": installation.administrator])
            // Membership is the cluster's, and other tests grant it; a report's role never has a runner's rights.
            try await installation.execute(
                """
                grant usage on schema dwh to \(Installation.readerRole);
                grant select on all tables in schema dwh to \(Installation.readerRole)
                """)
            let reader = ["PEERFOLIO_CONNECTION": installation.reader]
            expectFailure(
                try await installation.peerfolio("run", environment: reader), 64, saying: "GRANT peerfolio_runner TO")
            let check = try await installation.peerfolio("check", environment: reader)
            #expect(check.ending == .exit(64))
            #expect(check.errors.contains("GRANT peerfolio_runner"))
        }
    }

    @Test func whatDoesNotExistIsSaidPlainly() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            expectFailure(try await installation.peerfolio("rollback"), 64, saying: "no earlier publication")
            expectFailure(try await installation.peerfolio("publish", "99"), 64, saying: "there is no run 99")
            expectFailure(try await installation.peerfolio("explain", "1000"), 64, saying: "no such client")
            expectFailure(try await installation.peerfolio("explain", "many words"), 64, saying: "no such client")
            _ = try await installation.succeed("run")
            let runID = try await installation.value("select live_run_id from peerfolio.publication")
            expectFailure(try await installation.peerfolio("publish", runID), 64, saying: "published already")
            expectFailure(try await installation.peerfolio("rollback"), 64, saying: "no earlier publication")
        }
    }
}
