import Foundation
import TestSupport
import Testing

/// Ids of real warehouses, as a user meets them.
@Suite(.requiresServer) struct OddIDsTests {
    private static let holdings = "holdings: {relation: dwh.h, client: client_id, product: product_id, amount: amount}"

    private static func insert(_ rows: String) -> String {
        "create table dwh.h (client_id varchar(10), product_id text, amount numeric); insert into dwh.h values \(rows);"
    }

    /// As ora2pg makes them: beyond bigint, and written back as numeric.
    @Test func numericIDs() async throws {
        let sql = """
            create table dwh.h (client_id numeric(20, 0), product_id char(12), amount numeric(38, 10));
            insert into dwh.h
            select 18000000000000000000::numeric + c, p, 1
            from (values (1, 'A'), (1, 'B'), (2, 'A'), (2, 'C'), (3, 'B'), (3, 'C')) v (c, p);
            """
        try await Installation.withWarehouse(sql, mapping: Self.holdings) { installation in
            let check = try await installation.succeed("check")
            #expect(check.contains("3 clients (numeric ids), 3 with a portfolio; 3 products (text ids)"))
            _ = try await installation.succeed("run")
            #expect(
                try await installation.value(
                    """
                    select string_agg(h.client_id || r.product_id, ' ' order by h.client_id)
                    from peerfolio_bi.recommendations r
                    join (select distinct client_id from dwh.h) h on h.client_id = r.client_id
                    """) == "18000000000000000001C 18000000000000000002B 18000000000000000003A")
            let type = "select distinct pg_typeof(client_id) from peerfolio_bi.clients"
            #expect(try await installation.value(type) == "numeric")
            #expect(try await installation.succeed("explain", "18000000000000000002").contains("1. B"))
            // And that the rows are those that were written.
            #expect(try await installation.succeed("check").contains("no findings"))

            try await installation.execute(
                "alter table dwh.h alter client_id type numeric; update dwh.h set client_id = 1.5")
            let refused = try await installation.peerfolio("check")
            #expect(refused.ending == .exit(65))
            #expect(refused.errors.contains("holdings.client") && refused.errors.contains(": 1.5"))
            let run = try await installation.peerfolio("run")
            #expect(run.ending == .exit(65))
            #expect(run.errors.contains("\"client_id\"") && !run.errors.contains("1.5"))
            let reason = try await installation.value("select reason_code from peerfolio.runs where run_id = 2")
            #expect(reason == "DATA_REFUSED")
        }
    }

    @Test func idsThatDoNotMeet() async throws {
        let sql = """
            create table dwh.h (client_id varchar(10), product_id char(6), amount numeric);
            insert into dwh.h
            select rpad(c::text, 10), p, 1
            from (values (1, 'A'), (1, 'B'), (2, 'A'), (2, 'B'), (2, 'C'), (3, 'A'), (3, 'C'), (4, 'B'), (4, 'C')) v (c, p);
            create table dwh.k (id char(10) primary key, m text);
            insert into dwh.k select i::text, 'M' || i % 2 from generate_series(1, 5) i;
            """
        let clients = "\nclients: {relation: dwh.k, id: id, manager: m}"
        try await Installation.withWarehouse(sql, mapping: Self.holdings + clients) { installation in
            let check = try await installation.peerfolio("check")
            #expect(check.ending == .exit(65))
            let advice = "ids differ in padding: map trim(client_id) as client_id in holdings.query"
            for text in ["UNKNOWN_CLIENT", advice, #"holdings "1         ", clients "1""#, "checks.max_unknown (0.5)"] {
                #expect(check.output.contains(text), "\(check.output)")
            }
            let run = try await installation.peerfolio("run")
            #expect(run.ending == .exit(65) && run.errors.contains(advice), "\(run.errors)")
            _ = try await installation.succeed("run", "--force")
            let mended = """
                holdings:
                  query: select trim(client_id) as client_id, product_id, amount from dwh.h
                  client: client_id
                  product: product_id
                  amount: amount
                """
            try installation.write(mended + clients, connection: installation.service)
            _ = try await installation.succeed("run", "--force")
            #expect(try await installation.value("select count(manager) from peerfolio_bi.clients") == "5")
        }
    }

    /// What NULL was in Oracle.
    @Test func blankIDs() async throws {
        let sql = Self.insert(
            """
            ('K1', 'A', 1), ('K1', 'B', 1), ('K2', 'A', 1), ('K2', 'B', 1), ('K2', 'C', 1), ('K3', 'A', 1), ('K3', 'C', 1),
            ('', 'A', 1), ('', 'B', 1), ('', 'C', 1), ('', 'D', 1), ('  ', 'A', 1), ('  ', 'D', 1), ('N/A', 'A', 1),
            ('K4', '', 1), ('K4', 'A', 1)
            """)
        try await Installation.withWarehouse(sql, mapping: Self.holdings) { installation in
            let check = try await installation.succeed("check")
            #expect(check.contains("BLANK_ID") && check.contains(#"client ""; client "  "; product """#), "\(check)")
            for words in ["clients (2)", "products (1)", "holdings (7)"] { #expect(check.contains(words), "\(check)") }
        }
    }

    @Test func theUnknownMember() async throws {
        let sql = """
            create table dwh.h (client_id integer, product_id integer, amount numeric);
            insert into dwh.h select c, (c + p) % 30, 1 from generate_series(1, 60) c, generate_series(0, 2) p;
            insert into dwh.h select -1, p, 1 from generate_series(0, 29) p;
            """
        try await Installation.withWarehouse(sql, mapping: Self.holdings) { installation in
            let check = try await installation.succeed("check")
            let line = check.split(separator: "\n").first { $0.contains("CATCH_ALL_CLIENT") }
            #expect(line?.hasPrefix("warning") == true && line?.hasSuffix(" -1") == true, "\(check)")
            #expect(try await installation.succeed("explain", "-1").contains("Client -1: "))
            #expect(try await installation.succeed("explain", "--peers", "3", "-1", "--json").contains("\"client\""))
            let options = ["--config", installation.config.path]
            for arguments in [["--", "-1"], ["-1"]] {
                let outcome = try await installation.peerfolio(
                    arguments: ["explain"] + options + arguments, configured: false)
                #expect(outcome.ending == .exit(0) && outcome.output.contains("Client -1: "), "\(outcome.errors)")
            }
            for wrong in [["explain", "-x"], ["explain", "-1", "2"], ["explain", "-1", "--pears", "2"], ["explain"]] {
                #expect(try await installation.peerfolio(arguments: wrong).ending == .exit(64), "\(wrong)")
            }
        }
    }

    /// One message for all of them, before and after the installation.
    @Test(.requiresExtension("citext")) func equalTexts() async throws {
        let sql = """
            create extension citext;
            create table dwh.h (client_id citext, product_id citext, amount numeric);
            insert into dwh.h values ('a', 'X', 1), ('A', 'Y', 1), ('b', 'X', 1);
            """
        try await Installation.withWarehouse(sql, mapping: Self.holdings, isMigrated: false) { installation in
            for arguments in [["check"], ["migrate", "up"], ["run"]] {
                // Of a role that may not migrate, only that is said.
                let environment =
                    arguments == ["migrate", "up"] ? ["PEERFOLIO_CONNECTION": installation.administrator] : [:]
                let outcome = try await installation.peerfolio(arguments: arguments, environment: environment)
                #expect(outcome.ending == .exit(64))
                for text in ["client_id", "product_id", "citext", "::text"] {
                    #expect(outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
                }
            }
        }
    }

    /// A key of PostgreSQL has an end.
    @Test func longIDs() async throws {
        let sql = """
            create table dwh.h as
            select 'c' || c as client_id, 'p' || (c + p) % 5 as product_id, 1 as amount
            from generate_series(1, 20) c, generate_series(0, 1) p;
            update dwh.h set product_id = (select string_agg(md5(i::text), '') from generate_series(1, 100) i)
            where product_id = 'p1';
            """
        try await Installation.withWarehouse(sql, mapping: Self.holdings) { installation in
            let run = try await installation.peerfolio("run")
            #expect(run.ending == .exit(65) && run.errors.contains("\"product_id\""), "\(run.errors)")
            #expect(!run.errors.contains("c4ca4238"))
            let check = try await installation.peerfolio("check")
            #expect(check.ending == .exit(65) && check.errors.contains("c4ca4238"), "\(check.errors)")
            #expect(try await installation.value("select count(*) from peerfolio.run_products") == "0")
        }
    }
}
