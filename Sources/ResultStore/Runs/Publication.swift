public import Postgres

/// What reports see: one pointer row per channel.
///
/// Publishing and rolling back is an UPDATE of that row, which takes a millisecond and waits for no reader.
public enum Publication {
    /// What became of a COMMIT whose answer was lost.
    public enum Outcome: Sendable {
        /// The transaction committed: the run has succeeded.
        case succeeded
        /// It did not, and never can.
        case failed
    }

    /// Over the rows of a run in SQL; scores are binary fractions, so no sum depends on the order of its terms.
    static let checksum = "coalesce(sum(round(score * 1073741824)::bigint * rank), 0)"

    /// Publishes a run that has been loaded and verified, and ends it as succeeded.
    ///
    /// - Throws: `RunError.fenceLost` if the run is not the live one of its channel any more; nothing is changed then.
    ///   `PostgresError.commitOutcomeUnknown` is to be followed by `resolve`.
    public static func publish(_ lease: RunLease, session: Session) throws {
        try session.ours { session in
            let pointer = try session.execute(
                """
                update peerfolio.publication
                set previous_run_id = live_run_id, previous_slot = live_slot, live_run_id = $3, live_slot = $4,
                    published_at = clock_timestamp(), published_by = session_user
                where channel = $1 and term = $2
                """,
                [.text(lease.channel), .bigint(lease.term), .bigint(lease.runID), .integer(Int32(lease.slot))])
            guard pointer.affectedRows == 1 else { throw RunLog.fenceLost(lease) }
            try succeed(lease, unpublished: nil, session)
        }
    }

    /// Ends a run that has been loaded and verified as succeeded without publishing it.
    ///
    /// - Parameter reason: Why, for the run log; one that a run which has succeeded may have.
    /// - Throws: `RunError.fenceLost`; `PostgresError`.
    public static func keepUnpublished(
        _ lease: RunLease, because reason: RunReason = .notPublished, session: Session
    ) throws {
        precondition(reason.status == .succeeded, "the reason is that of a run without a result")
        try session.ours { try succeed(lease, unpublished: reason, $0) }
    }

    /// The run's own row is the last fence: only a live run whose rows have been verified may succeed.
    private static func succeed(_ lease: RunLease, unpublished: RunReason?, _ session: Session) throws {
        let run = try session.execute(
            """
            update peerfolio.runs
            set status = 'succeeded', phase = 'done', finished_at = clock_timestamp(),
                reason_code = $3::text, published_at = case when $3::text is null then clock_timestamp() end
            where run_id = $1 and term = $2 and status = 'running' and checksum is not null
            """,
            [.bigint(lease.runID), .bigint(lease.term), .textOrNull(unpublished?.rawValue)])
        guard run.affectedRows == 1 else { throw RunLog.fenceLost(lease) }
    }

    /// Finds out on a new connection what became of a `publish` or `keepUnpublished` whose COMMIT was not answered.
    ///
    /// The run's own row is marked as failed if it is still running: the statement waits for the lost transaction, so
    /// one row means that it did not commit and never can, and none means that it has.
    ///
    /// - Throws: `PostgresError`; call it again then.
    public static func resolve(_ lease: RunLease, session: Session) throws -> Outcome {
        session.operationTimeout = .seconds(90)
        let mode = TransactionMode.readWrite.pinningNames.setting("statement_timeout", "80s")
        return try session.transaction(mode) { session in
            let failed = try session.execute(
                """
                update peerfolio.runs
                set status = 'failed', reason_code = $2, finished_at = clock_timestamp(),
                    error = 'the connection ended while the run was being published; it was not'
                where run_id = $1 and status = 'running'
                """,
                [.bigint(lease.runID), .text(RunReason.commitLost.rawValue)])
            if failed.affectedRows == 1 { return .failed }
            let run = try session.execute(
                "select status = 'succeeded' from peerfolio.runs where run_id = $1", [.bigint(lease.runID)])
            return try run.rows.first?.get(at: 0) == true ? .succeeded : .failed
        }
    }

    // MARK: Looking after

    /// Compares the rows that reports see with what the live run recorded when they had been verified.
    ///
    /// - Parameters:
    ///   - channel: The publication channel.
    ///   - statementTimeout: The server's limit for the comparison, which reads all rows of the run.
    ///   - session: Any session outside a transaction.
    /// - Returns: What differs, in words; nil if nothing does, and while nothing is published.
    /// - Throws: `PostgresError`; `CancellationError`.
    public static func damage(channel: String, statementTimeout: Duration, session: Session) throws -> String? {
        try session.ours(statementTimeout: statementTimeout) { session in
            let row = try session.execute(
                """
                select p.live_run_id, r.recommendations, t.rows, r.clients, t.clients, r.checksum = t.checksum
                from peerfolio.publication p
                join peerfolio.runs r on r.run_id = p.live_run_id
                cross join lateral (
                    select count(*) as rows, \(checksum) as checksum,
                           (select count(*) from peerfolio.run_clients c
                             where c.slot = p.live_slot and c.run_id = p.live_run_id) as clients
                    from peerfolio.recommendations m
                    where m.slot = p.live_slot and m.run_id = p.live_run_id) t
                where p.channel = $1
                """, [.text(channel)]
            ).rows.first
            guard let row else { return nil }
            let runID: Int64 = try row.get(at: 0)
            for (what, written, found) in [("recommendations", 1, 2), ("clients", 3, 4)] {
                let (written, found): (Int, Int) = (try row.get(at: written), try row.get(at: found))
                if written != found {
                    return "run \(runID), which is live, wrote \(written) \(what), and \(found) are there"
                }
            }
            return try row.get(at: 5) ? nil : "run \(runID), which is live, wrote other scores or ranks than are there"
        }
    }

    // MARK: By hand

    /// Publishes an earlier run of a channel, whose rows must still be in their slot.
    ///
    /// - Throws: `RunError.unknownRun`, `RunError.notPublishable`; `PostgresError`.
    public static func publish(runID: Int64, channel: String, session: Session) throws {
        do {
            _ = try session.ours { session in
                try session.execute("select peerfolio.publish_run($1, $2)", [.bigint(runID), .text(channel)])
            }
        } catch let error as PostgresError where error.sqlState == "P0002" {
            throw RunError(.unknownRun, "there is no run \(runID); `peerfolio runs` lists them")
        } catch let error as PostgresError where error.sqlState == "PF001" {
            throw RunError(.notPublishable, error.raisedMessage ?? error.message)
        }
    }

    /// Makes the run that was published before the live one again, and the live one the one before.
    ///
    /// - Returns: The run that is live now, and the one that was.
    /// - Throws: `RunError.nothingToRollBack`; `PostgresError`.
    public static func rollBack(channel: String, session: Session) throws -> (liveRunID: Int64, previousRunID: Int64) {
        do {
            return try session.ours { session in
                let row = try session.execute(
                    "select live_run_id, previous_run_id from peerfolio.roll_back($1)", [.text(channel)]
                ).rows[0]
                return (try row.get(at: 0), try row.get(at: 1))
            }
        } catch let error as PostgresError where error.sqlState == "PF002" {
            throw RunError(.nothingToRollBack, error.raisedMessage ?? error.message)
        }
    }
}
