import Foundation
import TestSupport
import Testing

/// Exit code 65: data that a run must not publish.
@Suite(.requiresServer) struct DataRefusalTests {
    private static let published = "select coalesce(live_run_id, 0) from peerfolio.publication"

    @Test func aFallIsRefusedUnlessForced() async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            _ = try await installation.succeed("run")
            let live = try await installation.value(Self.published)
            try await installation.execute("delete from dwh.holdings where client_id % 2 = 0")
            expectFailure(
                try await installation.peerfolio("run", "--json"), 65, saying: "FEWER_HOLDINGS", "--force")
            #expect(try await installation.value(Self.published) == live)
            #expect(
                try await installation.value("select status || reason_code from peerfolio.runs order by run_id desc")
                    == "failedDATA_REFUSED")
            let check = try await installation.peerfolio("check", "--json")
            #expect(check.ending == .exit(65))
            let findings = try #require(try jsonObject(check.output)["findings"] as? [[String: Any]])
            #expect(
                findings.contains { $0["code"] as? String == "FEWER_HOLDINGS" && $0["severity"] as? String == "error" })

            let forced = try jsonObject(expectSuccess(try await installation.peerfolio("run", "--force", "--json")))
            #expect(forced["is_forced"] as? Bool == true && forced["published"] as? Bool == true)
            #expect(try await installation.value(Self.published) == "\(forced["run_id"] ?? "")")
            #expect(try await installation.value("select is_forced from peerfolio.runs order by run_id desc") == "t")
        }
    }

    @Test(arguments: [
        ("delete from dwh.holdings", "EMPTY_SOURCE"),
        ("delete from dwh.holdings where client_id <> 1", "TOO_FEW_CLIENTS"),
        ("delete from dwh.holdings where product_id <> 'A'", "TOO_FEW_PRODUCTS"),
        ("update dwh.holdings set amount = 'NaN' where client_id = 12", "TOO_MANY_REJECTED"),
        (
            "update dwh.holdings set amount = ('1' || repeat('0', 400))::numeric where client_id = 12",
            "TOO_MANY_REJECTED"
        ),
        ("update dwh.holdings set product_id = null where client_id = 12", "TOO_MANY_REJECTED"),
        ("insert into dwh.exclusions values (null, null, 'everything')", "NOTHING_TO_OFFER"),
    ])
    func inputThatCannotBeUsedIsRefused(damage: String, code: String) async throws {
        try await Installation.withWarehouse(GoldenWarehouse.sql, mapping: GoldenWarehouse.mapping) { installation in
            try await installation.execute(damage)
            let outcome = try await installation.peerfolio("run")
            expectFailure(outcome, 65, saying: code)
            #expect(try await installation.value(Self.published) == "0")
            for table in Installation.resultTables {
                #expect(try await installation.value("select count(*) from peerfolio.\(table)") == "0", "\(table)")
            }
        }
    }

    @Test func textThatIsNotUTF8IsRefused() async throws {
        let sql = """
            create table dwh.holdings (client_id bigint, product_id text, amount numeric);
            insert into dwh.holdings values (1, 'A', 1), (1, 'B', 1), (2, 'A', 1), (2, E'Gebühr\\xFC', 1);
            """
        let mapping = "holdings: {relation: dwh.holdings, client: client_id, product: product_id, amount: amount}"
        try await Installation.withWarehouse(sql, mapping: mapping, encoding: "SQL_ASCII") { installation in
            for command in ["check", "run"] {
                let outcome = try await installation.peerfolio(command)
                expectFailure(outcome, 65, saying: "cannot be read as UTF-8")
                #expect(!outcome.errors.contains("Geb"))
            }
        }
    }
}
