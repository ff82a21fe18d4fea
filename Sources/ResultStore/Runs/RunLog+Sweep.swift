import Postgres

/// Making room for the next runs.
extension RunLog {
    /// Takes the slot that the next run will load into from the result that is the least worth keeping, if none is free.
    ///
    /// The sweep then deletes its rows, and the next run finds their space vacuumed: loaded beside rows that are deleted
    /// only afterwards, every slot would need the space of two runs for good. Does nothing where all slots are live,
    /// previous, loading, or that of the run that has just ended.
    ///
    /// - Parameters:
    ///   - slotCount: Slots in the ring.
    ///   - lease: The run that has just succeeded; it may not be published yet.
    public func freeSlot(of slotCount: Int, after lease: RunLease) throws {
        do {
            try store.transaction { session in
                // Nobody may publish the result by hand in between; readers never wait.
                try session.execute("select peerfolio.lock_publication()")
                _ = try claimSlot(of: slotCount, sparing: lease.runID, session)
            }
        } catch let error as RunError where error.code == .noFreeSlot {
            return
        }
    }

    /// Deletes rows that belong to no run which still has a right to its slot, and old rows of the run log.
    ///
    /// Called after publishing or failing, off the path of the run; whatever is cut short is done by the next sweep.
    ///
    /// - Parameter keeping: Rows of the run log to keep; runs that hold a slot are kept beyond that.
    public func sweep(keeping: Int) throws {
        try store.transaction { session in
            // Failed and cancelled runs have no result to keep.
            try session.execute(
                "update peerfolio.runs set slot = null where slot is not null and status not in ('running', 'succeeded')"
            )
            for table in ResultPart.slotTables.map({ $0.name }) {
                for row in try staleRuns(in: table, session) {
                    try session.execute(
                        "delete from peerfolio.\(table) where slot = $1 and run_id = $2",
                        [.integer(try row.get(at: 0)), .bigint(try row.get(at: 1, as: Int64.self))])
                }
            }
            try session.execute(
                """
                delete from peerfolio.runs
                where run_id <= (select run_id from peerfolio.runs order by run_id desc offset $1 limit 1)
                  and slot is null and status not in ('queued', 'running')
                """,
                [.bigint(Int64(keeping))])
        }
    }

    /// Slots and runs in them that have no right to be there, found by hopping over the primary key: a few index
    /// look-ups, however many rows there are.
    private func staleRuns(in table: String, _ session: Session) throws -> [PostgresRow] {
        try session.execute(
            """
            with recursive held(slot, run_id) as (
                select s.slot, (select min(t.run_id) from peerfolio.\(table) t where t.slot = s.slot)
                from generate_series(0, (select count(*) from pg_inherits
                                         where inhparent = 'peerfolio.\(table)'::regclass) - 1) as s(slot)
                union all
                select h.slot,
                       (select min(t.run_id) from peerfolio.\(table) t where t.slot = h.slot and t.run_id > h.run_id)
                from held h where h.run_id is not null
            )
            select h.slot::integer, h.run_id from held h
            where h.run_id is not null
              and not exists (select from peerfolio.runs r where r.run_id = h.run_id and r.slot = h.slot)
            order by h.slot, h.run_id -- One order for all, so that sweeps of two channels never deadlock.
            """
        ).rows
    }
}
