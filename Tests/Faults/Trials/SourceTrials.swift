import Foundation
import TestSupport

/// The sources have changed their shape, or are being loaded, or hold what nobody expects (catalogue 45 to 56, 59).
enum SourceTrials {
    /// A change of the sources, what undoes it, and how a run must end.
    private struct Change {
        let name: String
        let change: String
        let undo: String
        /// Exit code; 0 where the change does not matter.
        let exit: Int32
        /// What the message names.
        var words: String?
        /// Whether what a run reads is something else.
        var isOther = true
        var tier = Trial.Tier.full
    }

    private static let changes = [
        Change(
            name: "drift@column-renamed", change: "alter table dwh.holdings rename market_value to worth",
            undo: "alter table dwh.holdings rename worth to market_value", exit: 64, words: "market_value", tier: .quick
        ),
        Change(
            name: "drift@column-type",
            change: "alter table dwh.holdings alter market_value type text using market_value::text",
            undo: "alter table dwh.holdings alter market_value type numeric using market_value::numeric", exit: 64,
            words: "market_value"),
        Change(
            name: "drift@id-type", change: "alter table dwh.holdings alter product_id type varchar(40)",
            undo: "alter table dwh.holdings alter product_id type text", exit: 0, isOther: false),
        Change(
            name: "drift@relation-renamed", change: "alter table dwh.products rename to goods",
            undo: "alter table dwh.goods rename to products", exit: 64, words: "dwh.products"),
        Change(
            name: "drift@column-added", change: "alter table dwh.holdings add column z integer default 7",
            undo: "alter table dwh.holdings drop column z", exit: 0, isOther: false),
        Change(
            name: "drift@right-revoked", change: "revoke select on dwh.holdings from \(Testbed.serviceRole)",
            undo: "grant select on dwh.holdings to \(Testbed.serviceRole)", exit: 64, words: "dwh.holdings"),
        Change(
            name: "drift@own-right-revoked", change: "revoke insert on peerfolio.run_clients from peerfolio_runner",
            undo: "grant insert on peerfolio.run_clients to peerfolio_runner", exit: 64),
        Change(
            name: "load@emptied", change: "create table dwh.kept as table dwh.holdings; truncate dwh.holdings",
            undo: "insert into dwh.holdings table dwh.kept; drop table dwh.kept", exit: 65, tier: .quick),
        Change(
            name: "load@tenth",
            change: """
                create table dwh.kept as table dwh.holdings;
                delete from dwh.holdings where hashtext(client_id) % 10 <> 0
                """,
            undo: "truncate dwh.holdings; insert into dwh.holdings table dwh.kept; drop table dwh.kept", exit: 65),
        Change(
            name: "load@doubled", change: "insert into dwh.holdings table dwh.holdings",
            undo: """
                delete from dwh.holdings a using dwh.holdings b
                where a.ctid > b.ctid and (a.client_id, a.product_id) = (b.client_id, b.product_id)
                """, exit: 0),
        Change(
            name: "load@not-numbers",
            change:
                "insert into dwh.holdings select client_id, '\(Warehouse.product)1', 'NaN' from dwh.clients limit 50",
            undo: "delete from dwh.holdings where market_value = 'NaN'", exit: 65),
        Change(
            name: "load@infinite",
            change:
                "insert into dwh.holdings select client_id, '\(Warehouse.product)1', 'Infinity' from dwh.clients limit 50",
            undo: "delete from dwh.holdings where market_value = 'Infinity'", exit: 65),
        Change(
            name: "load@beyond-double",
            change:
                "insert into dwh.holdings select client_id, '\(Warehouse.product)1', 1e400 from dwh.clients limit 50",
            undo: "delete from dwh.holdings where market_value > 1e300", exit: 65),
        Change(
            name: "load@negative",
            change: "insert into dwh.holdings select client_id, '\(Warehouse.product)1', -1 from dwh.clients limit 50",
            undo: "delete from dwh.holdings where market_value < 0", exit: 0, words: "NEGATIVE_AMOUNT"),
    ]

    static var all: [Trial] {
        changes.map { change in
            Trial(change.name, tier: change.tier) { bench in
                var ending = ExpectedEnding.exit(change.exit)
                if let words = change.words { ending = .exit(change.exit, saying: words) }
                return try await bench.disturb(ending: ending, allowing: Allowance(otherSources: change.isOther)) {
                    testbed in
                    try await testbed.execute(change.change)
                    return try await testbed.run("run")
                } repair: {
                    try await $0.execute(change.undo)
                }
            }
        } + [
            Trial("load@uncommitted") { bench in
                try await bench.disturb(ending: .exit(0)) { testbed in
                    let counted = try await testbed.value("select count(*) from dwh.holdings")
                    // A load that is broken off later: not one of its rows may count.
                    let loader = Task {
                        try? await testbed.execute(
                            """
                            begin;
                            insert into dwh.holdings
                            select client_id, '\(Warehouse.product)' || n, 1 from dwh.clients, generate_series(1, 12) n;
                            select pg_sleep(1.5);
                            rollback
                            """)
                    }
                    try await testbed.wait(
                        untilTrue: """
                            select exists (select from pg_locks l
                                           where l.relation = 'dwh.holdings'::regclass and mode = 'RowExclusiveLock')
                            """)
                    let outcome = try await testbed.run("run")
                    await loader.value
                    let now = try await testbed.value(
                        "select holdings from peerfolio.runs order by run_id desc limit 1")
                    guard now == counted else { throw Failure("\(now) holdings were read and not \(counted)") }
                    return outcome
                }
            },
            Trial("load@truncate-and-copy", tier: .quick) { bench in
                try await bench.disturb(ending: .exit(0), allowing: Allowance(runs: 10)) { try await reload($0) }
            },
        ]
    }

    /// A loader replaces all sources in one transaction, over and over, while runs read: each run must see either none
    /// or all of a load, never an empty table.
    private static func reload(_ testbed: Testbed) async throws -> ChildProcess.Outcome {
        let whole = try await testbed.value("select count(*) from dwh.holdings")
        let isOver = Turn()
        let loader = Task {
            while !isOver.isTaken {
                try await testbed.execute(
                    """
                    begin;
                    create temp table kept on commit drop as table dwh.holdings;
                    create temp table kept_clients on commit drop as table dwh.clients;
                    truncate dwh.holdings, dwh.clients;
                    insert into dwh.clients table kept_clients;
                    insert into dwh.holdings table kept;
                    commit
                    """)
            }
        }
        var outcome = try await testbed.run("run")
        for _ in 0..<9 where outcome.ending == .exit(0) { outcome = try await testbed.run("run") }
        isOver.take()
        try await loader.value
        let wrong = try await testbed.value(
            """
            select count(*) from peerfolio.runs
            where status = 'succeeded' and (holdings <> \(whole) or clients <> \(Warehouse.clients))
            """)
        guard wrong == "0" else { throw Failure("\(wrong) runs have read a part of a load") }
        return outcome
    }
}
