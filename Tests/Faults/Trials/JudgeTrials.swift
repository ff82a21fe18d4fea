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
            name: "loses-a-row", assertion: "A1: reports do not see the whole live run",
            change: """
                delete from peerfolio.recommendations where (run_id, client_id, rank) = (
                    select run_id, client_id, rank from \(liveRows) limit 1)
                """),
        Misdeed(
            name: "loses-a-row-and-says-so", assertion: "R2: reports see another result",
            change: """
                delete from peerfolio.recommendations where (client_id, rank) = (
                    select client_id, rank from \(liveRows) order by client_id desc, rank desc limit 1);
                update peerfolio.runs r
                set recommendations = t.rows, checksum = t.checksum
                from (select run_id, count(*) as rows, sum(round(score * 1073741824)::numeric * rank) as checksum
                      from peerfolio.recommendations group by run_id) t
                where t.run_id = r.run_id
                """),
        Misdeed(
            name: "loses-a-client", assertion: "A1: reports do not see the whole live run",
            change: """
                delete from peerfolio.run_clients c using peerfolio.publication p
                where (c.slot, c.run_id) = (p.live_slot, p.live_run_id)
                """),
        Misdeed(
            name: "leaves-a-run", assertion: "A4: run",
            change: "select peerfolio.request_run('left behind')"),
        Misdeed(
            name: "leaves-a-row", assertion: "A4: rows of run 0",
            change: """
                create function dwh.keep() returns trigger language plpgsql as $$ begin return null; end $$;
                create trigger keep before delete on peerfolio.recommendations for each row
                when (old.run_id = 0) execute function dwh.keep();
                insert into peerfolio.recommendations (
                    slot, run_id, client_id, rank, product_id, score, peers, peers_holding, reason_code)
                select slot, 0, client_id, rank, product_id, score, peers, peers_holding, reason_code
                from \(liveRows) limit 1
                """),
        Misdeed(
            name: "changes-the-sources", assertion: "A7: the sources have changed",
            change: "update dwh.clients set manager = 'nobody' where client_id = '\(Warehouse.iban)-1'"),
    ]

    /// What the live run has written.
    private static let liveRows = """
        (select m.* from peerfolio.recommendations m join peerfolio.publication p
         on (m.slot, m.run_id) = (p.live_slot, p.live_run_id)) live
        """

    static var all: [Trial] {
        misdeeds.map { misdeed in
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
