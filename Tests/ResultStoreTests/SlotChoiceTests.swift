import TestSupport
import Testing

@testable import ResultStore

/// Which slot a run takes: a free one first, and never one that somebody may look at or writes to.
@Suite(.requiresServer) struct SlotChoiceTests {
    /// Runs in the order in which they began, with their slots; `live` and `previous` have succeeded and are published.
    struct Ring: CustomTestStringConvertible {
        let runs: [(what: String, slot: Int)]
        let slotCount: Int
        /// The slot that the next run takes; nil if there is none.
        let taken: Int?

        init(_ runs: KeyValuePairs<String, Int>, of slotCount: Int = 4, takes taken: Int?) {
            self.runs = runs.map { ($0, $1) }
            self.slotCount = slotCount
            self.taken = taken
        }

        var testDescription: String {
            runs.map { "\($0) in \($1)" }.joined(separator: ", ")
                + ", of \(slotCount): \(taken.map(String.init) ?? "none")"
        }

        /// Writes the runs into the log.
        var script: String {
            runs.enumerated().map { number, run in
                let status = ["live", "previous"].contains(run.what) ? "succeeded" : run.what
                return """
                    insert into peerfolio.runs (channel, status, phase, trigger, term, as_of_date, config, config_hash,
                        host, process_id, program_version, slot, started_at, finished_at)
                    values ('\(run.what == "running" ? "other" : "live")', '\(status)', 'done', 'manual', 1, '2026-06-30',
                        '{}', '', '', 1, '', \(run.slot), now(), case when '\(status)' <> 'running' then now() end);
                    \(["live", "previous"].contains(run.what) ? """
                        update peerfolio.publication set \(run.what)_run_id = \(number + 1), \(run.what)_slot = \(run.slot)
                        where channel = 'live';
                        """ : "")
                    """
            }.joined()
        }
    }

    static let rings = [
        Ring([:], takes: 0),
        // Free before all else, the lowest first, also where somebody has failed earlier in a lower one.
        Ring(["failed": 0, "succeeded": 2], takes: 1),
        Ring(["live": 0, "failed": 1], takes: 2),
        // Then what has no result, the oldest first, whatever its slot, and whatever succeeded before.
        Ring(["succeeded": 0, "failed": 3, "cancelled": 1, "succeeded": 2], takes: 3),
        Ring(["cancelled": 3, "failed": 0, "succeeded": 1, "live": 2], takes: 3),
        // Then the oldest result.
        Ring(["succeeded": 2, "succeeded": 0, "succeeded": 1, "succeeded": 3], takes: 2),
        Ring(["previous": 1, "succeeded": 3, "live": 0, "succeeded": 2], takes: 3),
        // Rolled back: what was live is still the one to go back to, and the oldest of all is live.
        Ring(["live": 0, "previous": 2, "succeeded": 3, "succeeded": 1], takes: 3),
        // Never what is live, previous or being loaded, in whatever channel; and nothing beyond the ring.
        Ring(["previous": 0, "running": 1, "live": 2, "succeeded": 3], takes: 3),
        Ring(["previous": 0, "running": 1, "live": 2], of: 3, takes: nil),
        Ring(["live": 0, "previous": 1, "failed": 2], of: 2, takes: nil),
    ]

    @Test(arguments: rings) func takesTheLeastWorthKeeping(ring: Ring) async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(ring.script)
            let request = try RunRequest.test(slotCount: ring.slotCount)
            let owners = "select run_id, slot from peerfolio.runs where slot is not null order by run_id"
            let before = try await database.rows(owners)
            guard let taken = ring.taken else {
                await expectRunError(.noFreeSlot, "all \(ring.slotCount) slots") {
                    try await database.withSession(as: .runner) { _ = try RunLog($0).start(request) }
                }
                #expect(try await database.rows(owners) == before)
                return
            }
            let lease = try await database.withSession(as: .runner) { try RunLog($0).start(request) }
            #expect(lease.slot == taken)
            // Whoever had it has given it up, and nobody else has lost theirs.
            #expect(
                try await database.rows(owners)
                    == before.filter { $0[1] != "\(taken)" } + [["\(lease.runID)", "\(taken)"]])
        }
    }

    /// A dead run is marked as failed before slots are looked at, so that its own may be taken.
    @Test func theSlotOfADeadRunMayBeTaken() async throws {
        try await TestServer.withMigratedDatabase { database in
            try await database.execute(Ring(["previous": 0, "live": 1, "running": 2], takes: nil).script)
            try await database.execute(
                "update peerfolio.runs set channel = 'live', heartbeat_at = now() - interval '1 hour' where status = 'running'"
            )
            let request = try RunRequest.test(slotCount: 3)
            let lease = try await database.withSession(as: .runner) { try RunLog($0).start(request) }
            #expect(lease.slot == 2)
            #expect(
                try await database.rows("select status, reason_code, slot from peerfolio.runs where run_id = 3")
                    == [["failed", "ABANDONED", nil]])
        }
    }
}
