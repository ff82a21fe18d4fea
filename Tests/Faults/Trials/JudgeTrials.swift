import Foundation
import Holdings

/// Programs that do what none may do, in the place of Peerfolio: the judge must report each, under its own assertion.
enum JudgeTrials {
    /// Something that a program must not do.
    private struct Misdeed {
        let name: String
        /// The assertion that it breaks.
        let assertion: String
        /// A shell script that stands in for the program, which it finds in `$PEERFOLIO`.
        var script = "exec \"$PEERFOLIO\" \"$@\""
        /// What becomes of the database right after the script.
        var change: String?
    }

    private static let misdeeds = [
        Misdeed(
            name: "claims-what-is-not", assertion: "A2: it said that it has published, and has not", script: "exit 0"),
        Misdeed(
            name: "denies-what-is", assertion: "A2: it said that it has not published, and has",
            script: "\"$PEERFOLIO\" \"$@\"; exit 75"),
        Misdeed(
            name: "does-not-know", assertion: "A2: it could have found out",
            script: "echo 'the run may or may not be live' >&2; exit 69"),
        Misdeed(name: "crashes", assertion: "A2: it ended with signal(\(SIGTRAP))", script: "kill -TRAP $$"),
        Misdeed(name: "has-a-bug", assertion: "A2: it ended with exit(70)", script: "exit 70"),
        Misdeed(
            name: "publishes-twice", assertion: "A3: runs",
            script: "\"$PEERFOLIO\" \"$@\"; exec \"$PEERFOLIO\" \"$@\""),
        Misdeed(
            name: "leaves-a-run", assertion: "A4: run",
            change: "select peerfolio.request_run('left behind')"),
        Misdeed(name: "leaves-a-row", assertion: "A4: rows of run 0", change: leaving("recommendations")),
        Misdeed(name: "leaves-a-list", assertion: "A4: rows of run 0", change: leaving("run_lists")),
        Misdeed(name: "leaves-a-client", assertion: "A4: rows of run 0", change: leaving("run_clients")),
        Misdeed(
            name: "changes-the-sources", assertion: "A7: the sources have changed",
            change: "update dwh.clients set manager = 'nobody' where client_id = '\(Warehouse.iban)-1'"),
    ]

    /// Makes a row of no run that no run can sweep away.
    private static func leaving(_ table: String) -> String {
        """
        create function dwh.keep() returns trigger language plpgsql as $$ begin return null; end $$;
        create trigger keep before delete on peerfolio.\(table) for each row
        when (old.run_id = 0) execute function dwh.keep();
        create table dwh.left_behind as select * from \(live(table)) limit 1;
        update dwh.left_behind set run_id = 0;
        insert into peerfolio.\(table) table dwh.left_behind
        """
    }

    /// What is done to the rows of a result, each of which nobody who only counts rows would notice.
    private static let damages = [
        Misdeed(
            name: "loses-a-row", assertion: reportsSeeLess,
            change: "delete from peerfolio.recommendations where \(isFirst("list_number, rank", "recommendations"))"),
        Misdeed(
            name: "doubles-a-row", assertion: reportsSeeLess,
            change: """
                create table dwh.doubled as select * from \(live("recommendations")) limit 1;
                update dwh.doubled set rank = 100;
                insert into peerfolio.recommendations table dwh.doubled
                """),
        Misdeed(
            name: "alters-a-row", assertion: hasOtherLists,
            change: """
                update peerfolio.recommendations
                set product_id = '\(Warehouse.product)' || case product_id when '\(Warehouse.product)1' then 2 else 1 end
                where \(isFirst("list_number, rank", "recommendations"))
                """),
        Misdeed(
            name: "loses-a-list", assertion: reportsSeeLess,
            change: "delete from peerfolio.run_lists where \(isFirst("list_number", "run_lists"))"),
        Misdeed(
            name: "doubles-a-list", assertion: hasOtherLists,
            change: """
                create table dwh.doubled as select * from \(live("run_lists")) limit 1;
                update dwh.doubled set list_number = 1000000;
                insert into peerfolio.run_lists table dwh.doubled
                """),
        Misdeed(
            name: "alters-a-list", assertion: hasOtherLists,
            change: "update peerfolio.run_lists set peers = peers + 1 where \(isFirst("list_number", "run_lists"))"),
        Misdeed(
            name: "miscounts-a-list", assertion: hasOtherLists,
            change: "update peerfolio.run_lists set clients = clients + 1 where \(isFirst("list_number", "run_lists"))"),
        Misdeed(
            name: "loses-a-client", assertion: reportsSeeLess,
            change: "delete from peerfolio.run_clients where \(isFirst("client_id", "run_clients"))"),
        Misdeed(name: "exchanges-lists", assertion: hasOtherLists, change: exchangingLists),
        Misdeed(
            name: "alters-a-client", assertion: "R2: reports see another result",
            change: "update peerfolio.run_clients set manager = 'nobody' where \(isFirst("client_id", "run_clients"))"),
        Misdeed(
            name: "loses-a-row-and-says-so", assertion: "R2: reports see another result",
            change: """
                delete from peerfolio.recommendations
                where \(isFirst("list_number, rank", "recommendations")); \(sayingSo)
                """),
        Misdeed(
            name: "doubles-a-list-and-says-so", assertion: "R2: run",
            change: """
                create table dwh.doubled as select * from \(live("run_lists")) limit 1;
                update dwh.doubled set list_number = 1000000;
                insert into peerfolio.run_lists table dwh.doubled; \(sayingSo)
                """),
        Misdeed(
            name: "exchanges-lists-and-says-so", assertion: "R2: reports see another result",
            change: "\(exchangingLists); \(sayingSo)"),
    ]

    private static let reportsSeeLess = "A1: reports do not see the whole live run"
    private static let hasOtherLists = "A1: the live run has not the lists it wrote"

    /// What the live run has written into a table.
    private static func live(_ table: String) -> String {
        """
        (select m.* from peerfolio.\(table) m join peerfolio.publication p
         on (m.slot, m.run_id) = (p.live_slot, p.live_run_id)) live
        """
    }

    /// A condition on a row: that it is the first of the live run.
    private static func isFirst(_ key: String, _ table: String) -> String {
        "(run_id, \(key)) = (select run_id, \(key) from \(live(table)) order by \(key) limit 1)"
    }

    /// Two clients of different lists get each other's, so that no list has more or fewer clients than before.
    private static let exchangingLists = """
        with pair as (
            select distinct on (list_number) client_id, list_number from \(live("run_clients"))
            order by list_number, client_id limit 2)
        update peerfolio.run_clients c
        set list_number = other.list_number
        from pair one, pair other, peerfolio.publication p
        where (c.slot, c.run_id, c.client_id) = (p.live_slot, p.live_run_id, one.client_id)
          and other.client_id <> one.client_id
        """

    /// Makes the run log say what is there.
    private static let sayingSo = """
        update peerfolio.runs r
        set lists = w.lists, clients = w.clients, recommendations = w.recommendations, checksum = w.checksum,
            contents_checksum = w.contents
        from (\(Judge.written)) w
        where w.run_id = r.run_id
        """

    static var all: [Trial] {
        (misdeeds + damages).map { misdeed in
            Trial("judge@\(misdeed.name)", tier: .quick) { bench in
                try await onSibling(of: bench) { testbed, wrong in
                    try write(misdeed.script, as: wrong.program)
                    let finding = try await bench.disturb(testbed) { testbed in
                        let outcome = try await wrong.run(
                            "run", environment: ["PEERFOLIO": testbed.program.release.path])
                        if let change = misdeed.change { try await testbed.execute(change) }
                        return outcome
                    }
                    return verdict(on: finding.problems, misdeed.assertion)
                }
            }
        } + [
            Trial("judge@prints-a-secret", tier: .quick) { bench in
                try await onSibling(of: bench) { testbed, wrong in
                    try write("cut -d: -f5 \"$PGPASSFILE\"", as: wrong.program)
                    try await wrong.run("run")
                    return verdict(on: wrong.evidence.figures.leaks, "standard output of run")
                }
            }
        ]
    }

    private static func write(_ script: String, as program: Testbed.Program) throws {
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: program.release)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.release.path)
    }

    /// Passes if there is what there must be, and no other assertion is said to be broken; but what is lost or changed
    /// makes another result, too.
    private static func verdict(on found: [String], _ wanted: String) -> Trial.Finding {
        let isRight =
            found.contains { $0.hasPrefix(wanted) }
            && found.allSatisfy { $0.prefix(3) == wanted.prefix(3) || $0.hasPrefix("R2:") }
        return Trial.Finding(problems: isRight ? [] : ["the judge was to report \"\(wanted)\", and reported \(found)"])
    }

    /// Runs `body` with a database of its own, and the same with a program and an evidence of its own.
    private static func onSibling(
        of bench: Bench, _ body: (_ testbed: Testbed, _ wrong: Testbed) async throws -> Trial.Finding
    ) async throws -> Trial.Finding {
        let testbed = try await bench.testbed.sibling("judged")
        return try await cleaningUp {
            var wrong = testbed
            let script = testbed.folder.appendingPathComponent("program")
            wrong.program = Testbed.Program(release: script, debug: script)
            wrong.evidence = Evidence()
            return try await body(testbed, wrong)
        } with: {
            try await testbed.remove()
        }
    }
}
