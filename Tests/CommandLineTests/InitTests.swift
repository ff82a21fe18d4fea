import Foundation
import TestSupport
import Testing

/// `peerfolio init`: from a warehouse to a configuration that works.
@Suite(.requiresServer) struct InitTests {
    @Test func theDemoWarehouse() async throws {
        try await Installation.withDemo(isMigrated: false) { installation in
            // It never writes to the warehouse: here it could not.
            let database = try await installation.value("select quote_ident(current_database())")
            try await installation.execute("alter database \(database) set default_transaction_read_only = on")
            let trial = try await InitTrial(installation)
            trial.expect([
                "  relation: \"demo.client_holdings\"", "  client: \"client_id\"", "  product: \"product_id\"",
                "  amount: \"market_value\"", "  valid_from: \"valid_from\"", "  valid_to: \"valid_to\"",
                "  relation: \"demo.clients\"", "  manager: \"manager\"", "  segment: \"segment\"",
                "  relation: \"demo.products\"", "  name: \"name\"", "  available: \"is_available\"",
                // What filters, or changes who is alike, is for people to decide.
                "#  risk: \"risk_level\"", "#  attributes: [\"category\"]",
            ])
            #expect(trial.shownClients == 2)
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
            // What stands there to be taken in can be taken in.
            let file = installation.folder.appendingPathComponent("all.yaml")
            let all = trial.yaml.replacing("#  risk:", with: "  risk:").replacing(
                "#  attributes:", with: "  attributes:")
            try Data(all.utf8).write(to: file)
            expectSuccess(
                try await ChildProcess.run(
                    PeerfolioBinary.url(), ["run", "--dry-run", "--config", file.path], in: installation.folder))
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
        try await InitTrial.with(sql) { trial, _ in
            trial.expect([
                "  relation: \"dwh.positions\"", "  client: \"cust_no\"", "  product: \"isin\"",
                "  amount: \"qty\"", "  as_of: \"position_date\"", "  relation: \"dwh.instruments\"",
                "  name: \"long_name\"", "  available: \"is_active\"",
            ])
            #expect(trial.yaml.contains("Also possible:"))
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
        try await InitTrial.with(sql) { trial, installation in
            trial.expect(["  client: \"Kunde ID\"", "  products: [\"p_*\"]"])
            let run = try await ChildProcess.run(
                PeerfolioBinary.url(), ["run", "--dry-run", "--config", "proposed.yaml"], in: installation.folder)
            #expect(expectSuccess(run).contains("200, 200 with a portfolio"))
        }
    }

    /// A query needs its names quoted in SQL and in YAML.
    @Test func aQueryUnderOddNames() async throws {
        let sql = """
            create table dwh."Be""stand: #1" ("Kunde\tNr" int, "select" text, "Stück: €" numeric, "Stichtag" int);
            insert into dwh."Be""stand: #1"
            select i % 90, 'P' || i % 7, i, d from generate_series(1, 600) i, unnest(array[202609, 202610]) d
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect(clients: 90, holdings: 600)
            #expect(trial.shownClients == 2)
        }
    }

    /// A large table is sampled, also where its rows are sorted by date, and its pairs are those of a few clients.
    @Test func aLargeTable() async throws {
        let sql = """
            create table dwh.positions_daily (business_date date, client_id int, isin text, quantity numeric);
            insert into dwh.positions_daily
            select d, i % 5000, 'I' || (i * 7) % 97, i from generate_series(date '2026-09-01', '2026-09-10', '1 day') d,
                generate_series(1, 20000) i;
            analyze dwh.positions_daily
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect([
                "  relation: \"dwh.positions_daily\"", "  client: \"client_id\"", "  product: \"isin\"",
                "  as_of: \"business_date\"",
            ])
            trial.expect(clients: 5000, holdings: 20000)
        }
    }

    @Test func onlyViews() async throws {
        let sql = """
            create schema raw;
            create table raw.t1 (a int, b text, c numeric, d date);
            insert into raw.t1 select i % 120, 'P' || i % 11, i, d from generate_series(1, 1000) i,
                unnest(array[date '2026-09-30', '2026-10-31']) d;
            create view dwh.v_holdings as select a as client_id, b as product_id, c as amount, d as report_date from raw.t1;
            create view dwh.v_clients as select distinct a as client_id, 'm' || a % 3 as manager from raw.t1
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect([
                "  relation: \"dwh.v_holdings\"", "  as_of: \"report_date\"", "  relation: \"dwh.v_clients\"",
                "  manager: \"manager\"",
            ])
            #expect(trial.yaml.contains("It is a view"))
            trial.expect(clients: 120, holdings: 1000)
        }
    }

    @Test func anEmptyTable() async throws {
        let sql = """
            create table dwh.holdings (
                client_id int, product_id int, amount numeric, as_of date, primary key (client_id, product_id, as_of))
            """
        try await InitTrial.with(sql) { trial, _ in
            trial.expect(["  relation: \"dwh.holdings\"", "  as_of: \"as_of\""])
            #expect(trial.yaml.contains("# It is empty: nothing but names and types speaks for this."))
            #expect(trial.output.contains("EMPTY_SOURCE"))
        }
    }

    @Test func mistakes() async throws {
        let sql = """
            create table dwh.readings (a integer, b integer);
            create table dwh.clients (client_id int primary key, name text);
            create schema vault; create table vault.positions (client_id int, isin text)
            """
        try await Installation.withWarehouse(sql, mapping: "", isMigrated: false) { installation in
            func outcome(_ options: String...) async throws -> ChildProcess.Outcome {
                try await ChildProcess.run(
                    PeerfolioBinary.url(), ["init", "--connection", installation.service] + options,
                    in: installation.folder)
            }
            expectFailure(
                try await outcome(), 64, saying: "no relation that this role may read looks like holdings",
                "nearest: dwh.clients lacks a column of product ids or columns for products",
                "1 more relation this role may not read, such as vault.positions")
            expectFailure(
                try await outcome("--relation", "dwh.readings"), 64,
                saying: "does not look like holdings", "dwh.readings lacks a column of client ids")
            expectFailure(try await outcome("--relation", "dwh.nothing"), 64, saying: "does not exist")
            expectFailure(
                try await outcome("--relation", "vault.positions"), 64,
                saying: "is there, but this role may not read it")
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
