import Postgres
import TestSupport
import Testing

@testable import ResultStore
@testable import SourceReading

/// What is sent is what is there, or it is not published.
@Suite(.requiresServer) struct ResultWriterTests {
    @Test(arguments: [
        "delete from peerfolio.recommendations", "delete from peerfolio.run_clients",
        "update peerfolio.recommendations set score = 0.25", "update peerfolio.recommendations set rank = 2",
        "update peerfolio.recommendations set product_id = 'A'", "update peerfolio.recommendations set reason = 'H'",
        "insert into peerfolio.recommendations select slot, 2, list_number, run_id, score, 0, null, 'A', reason from peerfolio.recommendations",
        "insert into peerfolio.run_clients select slot, list_number, run_id, 2 from peerfolio.run_clients",
        "update peerfolio.run_clients set client_id = 2", "update peerfolio.run_clients set list_number = 1",
        "delete from peerfolio.run_lists", "update peerfolio.run_lists set clients = 2",
        "update peerfolio.run_lists set status = 'F'", "update peerfolio.run_lists set group_number = 1",
        "insert into peerfolio.run_lists select slot, 1, run_id, 0.5, 1, 1, 1, 1, 'S' from peerfolio.run_lists",
    ])
    func refusesWhatIsNotAsSent(damage: String) async throws {
        try await TestServer.withMigratedDatabase { database in
            let connection = try await PostgresConnection.open(ConnectionSettings(conninfo: database.conninfo(.runner)))
            let lease = try await connection.withSession { session in
                let lease = try RunLog(session).start(.test())
                try lease.writeOneRow(session)
                return lease
            }
            try await database.execute(damage)
            await expectRunError(.verificationFailed, "run \(lease.runID)", "not published") {
                try await connection.withSession { try lease.verifyOneRow($0) }
            }
            // Without verification nothing can be published.
            await expectRunError(.fenceLost) {
                try await connection.withSession { try Publication($0).publish(lease) }
            }
            #expect(try await database.value("select live_run_id from peerfolio.publication") == nil)
            await connection.close()
        }
    }

    /// Whatever a program computes and sends; with another score the same row is taken.
    @Test(arguments: [("NaN", "23514"), ("Infinity", "23514"), ("-Infinity", "23514"), ("0.5", nil)])
    func theTableRefusesAScoreThatIsNoNumber(score: String, expected: String?) async throws {
        try await TestServer.withMigratedDatabase { database in
            let state = try await database.sqlState(
                of: """
                    insert into peerfolio.recommendations (slot, run_id, list_number, rank, product_id, score,
                        peers_holding, reason)
                    values (0, 1, 1, 1, 'A', '\(score)', 0.5, 'P')
                    """, as: .runner)
            #expect(state == expected)
        }
    }

    @Test func writesWhatWasComputed() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1), (1, 'B', 1), (2, 'A', 1), (3, 'B', 2), (3, 'C', 1);
                create table dwh.clients (client_id bigint, manager text);
                insert into dwh.clients values (1, 'M "1"'), (2, null), (3, ''), (4, 'M "1"'), (5, null);
                create table dwh.products (product_id text, name text);
                insert into dwh.products values ('A', 'Fund A'), ('B', null), ('D', 'nobody''s');
                """)
            var mapping = try SourceMapping.long()
            mapping.clients = ClientsMapping(source: try .named("dwh.clients"), id: "client_id", manager: "manager")
            mapping.products = ProductsMapping(source: try .named("dwh.products"), id: "product_id", name: "name")
            mapping.exclusions = ExclusionsMapping(query: "select 5 as client_id, null as product_id, 'no' as reason")
            // A bare 5 is an integer, which is a bigint for our purpose.
            let lease = try await database.publishRun(mapping)
            let clients = try await database.rows(
                "select client_id, status, portfolio_size, peers, manager from peerfolio_bi.clients order by 1",
                as: .reader)
            #expect(
                clients == [
                    ["1", "scored", "2", "1", "M \"1\""], ["2", "scored", "1", "1", nil],
                    ["3", "scored", "2", "1", ""],
                    ["4", "no_portfolio", "0", "0", "M \"1\""], ["5", "excluded", "0", "0", nil],
                ])
            let products = try await database.rows(
                "select product_id, product_name, holders, round(base_rate::numeric, 4) from peerfolio_bi.product_demand order by 1",
                as: .reader)
            #expect(
                products == [
                    ["A", "Fund A", "2", "0.6667"], ["B", nil, "2", "0.6667"], ["C", nil, "1", "0.3333"],
                    ["D", "nobody's", "0", "0.0000"],
                ])
            let suggestions = try await database.rows(
                "select client_id, rank, product_id, reason_code from peerfolio_bi.top_suggestions order by 1, 2",
                as: .reader)
            #expect(
                suggestions == [
                    ["1", "1", "C", "PEERS"], ["2", "1", "B", "PEERS"], ["3", "1", "A", "PEERS"],
                    ["4", "1", "A", "POPULAR"],
                    ["4", "2", "B", "POPULAR"], ["4", "3", "C", "POPULAR"],
                ])
            let reason = try await database.value(
                "select reason from peerfolio_bi.recommendations where client_id = 1", as: .reader)
            #expect(
                reason == "1 of 1 clients with the most similar portfolios hold it; 33% of all clients do (3.0 times).")
            let crm = try await database.rows(
                "select client_id, suggestion_1, suggestion_2, suggestion_3 from peerfolio_bi.client_suggestions order by 1",
                as: .reader)
            #expect(
                crm == [
                    ["1", "C", nil, nil], ["2", "B", nil, nil], ["3", "Fund A", nil, nil], ["4", "Fund A", "B", "C"],
                    ["5", nil, nil, nil],
                ])
            let comparison = try await database.compare(mapping, with: lease)
            #expect(comparison?.recommendations == 0)
            #expect(comparison?.firstChoiceCompared == 4)
            #expect(comparison?.firstChoiceChanged == 0)
        }
    }

    @Test func comparesTwoRuns() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1), (2, 'A', 1), (2, 'B', 1), (3, 'A', 1), (3, 'C', 1);
                """)
            let mapping = try SourceMapping.long()
            let first = try await database.publishRun(mapping)
            let live = try await database.withSession(as: .runner) { session in
                try Publication(session).live(channel: "live")?.runID
            }
            #expect(live == first.runID)
            // Client 1 was offered B before C by the order of ids; now C has more holders.
            try await database.execute(
                "insert into dwh.holdings values (4, 'A', 1), (4, 'C', 1), (5, 'A', 1), (5, 'C', 1)")
            try await database.publishRun(mapping)
            let change = try await database.compare(mapping, with: first)
            #expect(change?.previousRunID == first.runID)
            #expect(change?.clients == 2)
            #expect(change?.firstChoiceCompared == 3)
            #expect(change?.firstChoiceChanged == 1)
            #expect(change?.clientsCompared == 3)
            #expect(change?.listsChanged == 1)
            #expect(change?.suggestionsNew == 0)
            // A row that somebody has swept meanwhile makes the figures worthless.
            try await database.execute(
                """
                delete from peerfolio.recommendations r using peerfolio.run_clients k
                where r.run_id = 1 and k.run_id = 1 and r.list_number = k.list_number and k.client_id = 2
                """)
            #expect(try await database.compare(mapping, with: first) == nil)
            try await database.execute("update peerfolio.runs set slot = null where run_id = \(first.runID)")
            #expect(try await database.compare(mapping, with: first) == nil)
        }
    }

    /// Each part is one transaction; what a part has left whose companion failed goes with the next sweep.
    @Test(arguments: ["run_clients", "run_lists", "recommendations"]) func aFailedWriteLeavesNothing(closed: String)
        async throws
    {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(
                """
                create table dwh.holdings (client_id bigint, product_id text, amount numeric);
                insert into dwh.holdings values (1, 'A', 1), (2, 'B', 1), (2, 'A', 1);
                revoke insert on peerfolio.\(closed) from peerfolio_runner;
                """)
            let error = await #expect(throws: PostgresError.self) { try await database.publishRun(.long()) }
            #expect(error?.sqlState == "42501")
            #expect(try await database.value("select count(*) from peerfolio.\(closed)") == "0")
            try await database.execute("update peerfolio.runs set status = 'failed', finished_at = now()")
            try await database.withSession(as: .runner) { session in
                try RunLog(session, statementTimeout: .seconds(30)).sweep(keeping: 400)
            }
            for table in ["run_clients", "run_lists", "recommendations"] {
                #expect(try await database.value("select count(*) from peerfolio.\(table)") == "0")
            }
        }
    }
}
