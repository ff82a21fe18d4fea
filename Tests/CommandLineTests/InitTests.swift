import Foundation
import TestSupport
import Testing

/// `peerfolio init`: from a warehouse to a configuration that works.
@Suite(.requiresServer) struct InitTests {
    /// Runs `init` as the service, who can do nothing but read, and returns the configuration it wrote.
    private func propose(_ installation: Installation, _ options: String...) async throws -> String {
        let file = installation.folder.appendingPathComponent("proposed.yaml")
        let outcome = try await ChildProcess.run(
            PeerfolioBinary.url(),
            ["init", "--connection", installation.service, "--output", file.path] + options, in: installation.folder)
        expectSuccess(outcome)
        return try String(contentsOf: file, encoding: .utf8)
    }

    private func expect(_ yaml: String, has lines: [String], sourceLocation: SourceLocation = #_sourceLocation) {
        for line in lines {
            #expect(
                yaml.split(separator: "\n").contains { $0 == line }, "\(line) is not in:\n\(yaml)",
                sourceLocation: sourceLocation)
        }
    }

    @Test func theDemoWarehouse() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            // It never writes to the warehouse: here it could not.
            let database = try await installation.value("select quote_ident(current_database())")
            try await installation.execute("alter database \(database) set default_transaction_read_only = on")
            let yaml = try await propose(installation)
            expect(
                yaml,
                has: [
                    "  relation: \"demo.client_holdings\"", "  client: \"client_id\"", "  product: \"product_id\"",
                    "  amount: \"market_value\"", "  valid_from: \"valid_from\"", "  valid_to: \"valid_to\"",
                    "  relation: \"demo.clients\"", "  manager: \"manager\"", "  relation: \"demo.products\"",
                    "  name: \"name\"", "  available: \"is_available\"",
                ])
            // The proposal leads to the same result as the demo's own configuration.
            let ours = try await installation.peerfolio("run", "--dry-run", "--json")
            let proposed = try await ChildProcess.run(
                PeerfolioBinary.url(), ["run", "--dry-run", "--json", "--config", "proposed.yaml"],
                in: installation.folder)
            let counts = try [ours, proposed].map { outcome in
                let object = try JSONSerialization.jsonObject(with: Data(expectSuccess(outcome).utf8)) as? [String: Any]
                return ["clients", "products", "holdings", "recommendations"].map { object?[$0] as? Int }
            }
            #expect(counts[0] == counts[1] && counts[0][3] ?? 0 > 0)
        }
    }

    @Test func amongManyRelations() async throws {
        let sql = """
            create table dwh.transactions (
                id bigint primary key, customer_id text, isin text, amount numeric, booked_at timestamp);
            insert into dwh.transactions select i, (i % 40)::text, (i % 9)::text, i from generate_series(1, 2000) i;
            create table dwh.positions_old (cust_no text, isin text, qty float8);
            create table dwh.positions (
                cust_no text, isin text, qty float8, currency text, position_date date, loaded_at timestamp,
                primary key (cust_no, isin, position_date));
            insert into dwh.positions
            select (i % 101)::text, (i % 13)::text, i, 'EUR', d::date from generate_series(1, 900) i,
                generate_series(date '2026-01-01', '2026-01-02', '1 day') d on conflict do nothing;
            create table dwh.instruments (isin text primary key, long_name text, is_active boolean, issued_on date);
            insert into dwh.instruments select i::text, 'Fund ' || i, true from generate_series(0, 12) i;
            create view dwh.crm_customers as
            select distinct cust_no as customer_number, 'x' as advisor from dwh.positions
            """
        try await Installation.withWarehouse(sql, mapping: "", isMigrated: false) { installation in
            let yaml = try await propose(installation)
            expect(
                yaml,
                has: [
                    "  relation: \"dwh.positions\"", "  client: \"cust_no\"", "  product: \"isin\"",
                    "  amount: \"qty\"", "  as_of: \"position_date\"", "  relation: \"dwh.instruments\"",
                    "  name: \"long_name\"", "  available: \"is_active\"",
                ])
            #expect(yaml.contains("Also possible:"))
        }
    }

    @Test func oneColumnPerProductUnderOddNames() async throws {
        let sql = """
            create schema "We""ird. Schema"; grant usage on schema "We""ird. Schema" to public;
            create table "We""ird. Schema"."Kunden: Matrix # 1" (
                "Kunde ID" bigint primary key, p_bonds numeric, p_funds numeric, p_gold numeric, p_cash numeric,
                p_shares numeric);
            grant select on "We""ird. Schema"."Kunden: Matrix # 1" to public;
            insert into "We""ird. Schema"."Kunden: Matrix # 1"
            select i, i % 2, i % 3, (i * 7) % 5, 1, (i * 3) % 4 from generate_series(1, 200) i
            """
        try await Installation.withWarehouse(sql, mapping: "", isMigrated: false) { installation in
            let yaml = try await propose(installation)
            expect(yaml, has: ["  client: \"Kunde ID\"", "  products: [\"p_*\"]"])
            let run = try await ChildProcess.run(
                PeerfolioBinary.url(), ["run", "--dry-run", "--config", "proposed.yaml"], in: installation.folder)
            #expect(expectSuccess(run).contains("200, 200 with a portfolio"))
        }
    }

    @Test func mistakes() async throws {
        try await Installation.withWarehouse(
            "create table dwh.readings (a integer, b integer)", mapping: "", isMigrated: false
        ) { installation in
            func outcome(_ options: String...) async throws -> ChildProcess.Outcome {
                try await ChildProcess.run(
                    PeerfolioBinary.url(), ["init", "--connection", installation.service] + options,
                    in: installation.folder)
            }
            expectFailure(try await outcome(), 64, saying: "no relation that this role may read looks like holdings")
            expectFailure(
                try await outcome("--relation", "dwh.readings"), 64, saying: "does not look like holdings")
            expectFailure(try await outcome("--relation", "dwh.nothing"), 64, saying: "does not exist")
            expectFailure(try await outcome("--relation", "a.b.c"), 64, saying: "more than two parts")
            expectFailure(
                try await outcome("--output", installation.config.path), 64, saying: "exists already")
            expectFailure(
                try await ChildProcess.run(
                    PeerfolioBinary.url(), ["init", "--connection", "host=h password=secret"], in: installation.folder),
                64, saying: "password")
        }
    }
}
