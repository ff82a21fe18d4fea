import Foundation
import Holdings
import Postgres

/// Deliberately wrong ways to publish, which the harness must catch, and a right one, which it must let pass.
///
/// A harness that passes the wrong ones would prove nothing about the program. The wrong ones are those that PostgreSQL
/// users reach for first; what each does to reports was measured before Peerfolio's own design was chosen.
enum MutantTrials {
    /// A way to publish.
    enum Design: String, CaseIterable {
        /// Slots, a pointer row, and a fence: Peerfolio's, in small.
        case ring
        /// A new table takes the old one's name.
        case rename
        /// The table is emptied and filled again.
        case truncate
        /// A new partition is attached in the transaction that moves the pointer.
        case attach
        /// A slot and a pointer row, and nothing that stops a run which others have given up.
        case unfenced
        /// Clients and the lists that they get have a pointer each.
        case apart

        /// What the harness must find, among whatever else it finds; nil where there is nothing to find.
        private var fault: String? {
            switch self {
            case .ring: nil
            case .rename: "A8: reports waited"
            case .truncate, .attach: ": no rows"
            case .unfenced: "A3: run 2 is live"
            case .apart: ", which wrote ["
            }
        }

        /// Whether what was found is what must be.
        func isCaught(by problems: [String]) -> Bool {
            fault.map { fault in problems.contains { $0.contains(fault) } } ?? problems.isEmpty
        }
    }

    static var all: [Trial] {
        Design.allCases.map { design in
            Trial("mutant@\(design.rawValue)", tier: .quick) { bench in
                let publisher = Publisher(
                    design: design, testbed: try await bench.testbed.sibling("mutant_\(design.rawValue)"))
                let problems = try await cleaningUp {
                    try await publisher.problems()
                } with: {
                    try await publisher.testbed.remove()
                }
                return Trial.Finding(
                    problems: design.isCaught(by: problems) ? [] : ["the harness found \(problems), which is not it"])
            }
        }
    }

    /// Publishes by one of the designs, in a schema of its own, while reports read.
    private struct Publisher {
        let design: Design
        let testbed: Testbed
        private static let rows = 2000

        /// What the harness finds.
        func problems() async throws -> [String] {
            try await testbed.execute(Self.schema)
            switch design {
            case .rename, .truncate: try await testbed.execute(Self.table)
            case .attach: try await testbed.execute(Self.partitions)
            case .ring, .unfenced: try await testbed.execute(Self.partitions + Self.slots)
            case .apart: try await testbed.execute(Self.twoTables)
            }
            var contract = Monitor.Contract(testbed)
            contract.sight = """
                select count(*), min(run_id), max(run_id), sum(score)::text, true from mutant.recommendations
                """
            contract.manifest = "select row_count, checksum::text from mutant.runs where run_id = $1"
            try await publish(1)
            let fenceProblems = design == .ring || design == .unfenced ? try await raceAZombie() : []

            let cluster = testbed.cluster
            let waitsBefore = try cluster.lockWaits(of: "report")
            @Sendable func problems(_ reads: Monitor.Figures) throws -> [String] {
                let waits = try cluster.lockWaits(of: "report") - waitsBefore
                return fenceProblems + reads.problems
                    + (waits > 0 ? ["A8: reports waited \(waits) times for a lock"] : [])
            }
            // The rarest fault shows in one of a few hundred reads. The right design has to hold out as well.
            let end = ContinuousClock.now + .seconds(design == .ring ? 3 : 20)
            let (_, reads) = try await Monitor.watching(contract, Monitor.Style.allCases, pause: .zero) { progress in
                let isOver = Turn()
                let holder = Task { try await holdCursors(until: isOver) }
                var run: Int64 = 4
                // The right one for as long as nothing is found, the others until it is.
                while ContinuousClock.now < end,
                    try progress().reads == 0 || design.isCaught(by: problems(progress())) == (design == .ring)
                {
                    try await publish(run)
                    run += 1
                }
                isOver.take()
                try await holder.value
            }
            return try problems(reads)
        }

        /// A report that holds a cursor for a second at a time, as a dashboard does.
        private func holdCursors(until isOver: Turn) async throws {
            while !isOver.isTaken {
                try await Cluster.withSession(testbed.reader, applicationName: "cursor") { session in
                    try session.transaction { session in
                        try session.executeScript("declare report cursor for select * from mutant.recommendations")
                        try session.execute("fetch 10 from report")
                        try session.execute("select pg_sleep(0.5)")
                    }
                }
            }
        }

        private static let schema = """
            create schema mutant;
            grant usage on schema mutant to \(Testbed.readerRole);
            alter default privileges in schema mutant grant select on tables to \(Testbed.readerRole);
            create table mutant.runs (
                run_id bigint primary key, status text not null, row_count bigint not null, checksum bigint not null);
            create table mutant.publication (live_run_id bigint not null, live_slot bigint not null);
            insert into mutant.publication values (0, 0);
            """

        private static let table = """
            create table mutant.recommendations (run_id bigint not null, client_id bigint not null, score bigint not null);
            """

        /// The view reads slot and run from the pointer, as Peerfolio's does.
        private static let partitions = """
            create table mutant.parts (
                slot bigint not null, run_id bigint not null, client_id bigint not null, score bigint not null
            ) partition by list (slot);
            create view mutant.recommendations as select run_id, client_id, score from mutant.parts
            where slot = (select live_slot from mutant.publication)
              and run_id = (select live_run_id from mutant.publication);
            """

        private static let slots = """
            create table mutant.slot_0 partition of mutant.parts for values in (0);
            create table mutant.slot_1 partition of mutant.parts for values in (1);
            create table mutant.slot_2 partition of mutant.parts for values in (2);
            """

        private static let twoTables = """
            create table mutant.clients (run_id bigint not null, client_id bigint not null, list_number bigint not null);
            create table mutant.lists (run_id bigint not null, list_number bigint not null, score bigint not null);
            alter table mutant.publication add live_lists bigint not null default 0;
            create view mutant.recommendations as
            select c.run_id, c.client_id, l.score
            from mutant.clients c join mutant.lists l on l.list_number = c.list_number
            where c.run_id = (select live_run_id from mutant.publication)
              and l.run_id = (select live_lists from mutant.publication);
            """

        /// Writes and publishes a run by the design.
        private func publish(_ run: Int64) async throws {
            try await load(run)
            try await finish(run)
        }

        private func slot(_ run: Int64) -> Int64 { design == .attach ? run : run % 3 }

        private func source(_ run: Int64) -> String {
            "select \(run), n, n * \(run) % 1000 from generate_series(1, \(Self.rows + Int(run) % 7)) n"
        }

        private func load(_ run: Int64) async throws {
            let rows =
                switch design {
                case .ring, .unfenced:
                    """
                    delete from mutant.slot_\(slot(run));
                    insert into mutant.slot_\(slot(run)) select \(slot(run)), r.* from (\(source(run))) r;
                    """
                case .rename:
                    """
                    drop table if exists mutant.next;
                    create table mutant.next (like mutant.recommendations);
                    grant select on mutant.next to \(Testbed.readerRole);
                    insert into mutant.next \(source(run));
                    """
                case .truncate, .attach: ""
                case .apart:
                    """
                    delete from mutant.clients where run_id < \(run) - 1;
                    delete from mutant.lists where run_id < \(run) - 1;
                    insert into mutant.clients select run_id, n, n from (\(source(run))) r(run_id, n, score);
                    insert into mutant.lists \(source(run));
                    """
                }
            try await testbed.execute(
                """
                \(rows)
                insert into mutant.runs
                select \(run), 'loaded', count(*), sum(score) from (\(source(run))) r(run_id, client_id, score);
                """)
        }

        private func finish(_ run: Int64) async throws {
            let statements =
                switch design {
                case .ring:
                    """
                    do $$ begin
                        update mutant.runs set status = 'published' where run_id = \(run) and status = 'loaded';
                        if found then
                            update mutant.publication set live_run_id = \(run), live_slot = \(slot(run));
                        end if;
                    end $$;
                    """
                case .unfenced: "update mutant.publication set live_run_id = \(run), live_slot = \(slot(run));"
                case .rename:
                    """
                    alter table mutant.recommendations rename to previous;
                    alter table mutant.next rename to recommendations;
                    drop table mutant.previous;
                    """
                case .truncate: "truncate mutant.recommendations; insert into mutant.recommendations \(source(run));"
                case .attach:
                    """
                    create table mutant.slot_\(run) (like mutant.parts);
                    insert into mutant.slot_\(run) select \(run), r.* from (\(source(run))) r;
                    alter table mutant.parts attach partition mutant.slot_\(run) for values in (\(run));
                    update mutant.publication set live_run_id = \(run), live_slot = \(run);
                    """
                case .apart: "update mutant.publication set live_run_id = \(run)"
                }
            // The script is one transaction.
            try await testbed.execute(statements)
            if design == .apart { try await testbed.execute("update mutant.publication set live_lists = \(run)") }
        }

        /// Run 2 is given up and replaced by run 3, and then wants to publish after all.
        private func raceAZombie() async throws -> [String] {
            try await load(2)
            try await testbed.execute("update mutant.runs set status = 'failed' where run_id = 2")
            try await publish(3)
            try await finish(2)
            let live = try await testbed.value("select live_run_id from mutant.publication")
            return live == "3" ? [] : ["A3: run \(live) is live, which had been given up"]
        }
    }
}
