public import Postgres

/// What reports see: one pointer row per channel.
///
/// Publishing and rolling back is an UPDATE of that row, which takes a millisecond and waits for no reader.
public struct Publication {
    private let store: StoreSession

    /// Creates the publication over a session outside a transaction.
    ///
    /// - Parameter statementTimeout: The server's limit for each statement.
    public init(_ session: Session, statementTimeout: Duration = .seconds(30)) {
        store = StoreSession(session, statementTimeout)
    }

    /// What became of a COMMIT whose answer was lost.
    public enum Outcome: Sendable {
        /// The transaction committed: the run has succeeded.
        case succeeded
        /// It did not, and never can.
        case failed
    }

    /// Publishes a run that has been loaded and verified, and ends it as succeeded.
    ///
    /// - Throws: `RunError.fenceLost` if the run has lost its channel; nothing is changed then.
    ///   `PostgresError.commitOutcomeUnknown` is to be followed by `resolve`.
    public func publish(_ lease: RunLease) throws {
        try store.transaction { session in
            let pointer = try session.execute(
                """
                update peerfolio.publication
                set previous_run_id = live_run_id, previous_slot = live_slot, live_run_id = $3, live_slot = $4,
                    published_at = clock_timestamp(), published_by = session_user
                where channel = $1 and term = $2
                """,
                [.text(lease.channel), .bigint(lease.term), .bigint(lease.runID), .integer(Int32(lease.slot))])
            guard pointer.affectedRows == 1 else { throw RunError.fenceLost(lease) }
            try succeed(lease, unpublished: nil, session)
        }
    }

    /// Ends a run that has been loaded and verified as succeeded without publishing it.
    ///
    /// - Parameter reason: Why, for the run log; one that a run which has succeeded may have.
    /// - Throws: `RunError.fenceLost`; `PostgresError`.
    public func keepUnpublished(
        _ lease: RunLease, because reason: RunReason = .notPublished
    ) throws {
        precondition(reason.status == .succeeded, "the reason is that of a run without a result")
        try store.transaction { try succeed(lease, unpublished: reason, $0) }
    }

    /// Two fences: the term stops a run after which another has started, the status one that was ended without a successor.
    ///
    /// Only a run whose rows have been verified may succeed.
    private func succeed(_ lease: RunLease, unpublished: RunReason?, _ session: Session) throws {
        let run = try session.execute(
            """
            update peerfolio.runs
            set status = 'succeeded', phase = 'done', finished_at = clock_timestamp(),
                reason_code = $3::text, published_at = case when $3::text is null then clock_timestamp() end
            where run_id = $1 and term = $2 and status = 'running' and checksum is not null
            """,
            [.bigint(lease.runID), .bigint(lease.term), .textOrNull(unpublished?.rawValue)])
        guard run.affectedRows == 1 else { throw RunError.fenceLost(lease) }
    }

    /// Finds out on a new connection what became of a `publish` or `keepUnpublished` whose COMMIT was not answered.
    ///
    /// The run's own row is marked as failed if it is still running: the statement waits for the lost transaction, so
    /// one row means that it did not commit and never can, and none means that it has.
    ///
    /// - Throws: `PostgresError`; call it again then.
    public func resolve(_ lease: RunLease) throws -> Outcome {
        store.session.operationTimeout = .seconds(90)
        let mode = TransactionMode.readWrite.pinningNames.setting("statement_timeout", "80s")
        return try store.session.transaction(mode) { session in
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

    /// The live run of a channel; nil before the first.
    public func live(channel: String) throws -> LiveRun? {
        try store.transaction { try LiveRun.current(channel: channel, $0) }
    }

    /// Compares the rows that reports see with what the live run recorded when they had been verified; reads all of them.
    ///
    /// - Returns: What differs, in words; nil if nothing does, and while nothing is published.
    /// - Throws: `PostgresError`; `CancellationError`.
    public func damage(channel: String) throws -> String? {
        try store.transaction { session in
            guard let run = try LiveRun.current(channel: channel, session) else { return nil }
            let written = ResultPart.slotTables
                .map { "when '\($0.name)' then \($0.countColumn.map { "r.\($0)" } ?? "null")" }
                .joined(separator: " ")
            let rows = try session.execute(
                """
                select t.table_name, case t.table_name \(written) end, t.count, r.checksum = sum(t.checksum) over (),
                       r.contents_checksum = sum(t.contents) over ()
                from peerfolio.runs r
                cross join (\(SlotRows.counted(slot: "$1", runID: "$2"))) t
                where r.run_id = $2
                """, [.integer(Int32(run.place.slot)), .bigint(run.runID)]
            ).rows
            let live = "run \(run.runID), which is live, wrote"
            for table in ResultPart.slotTables {
                guard let column = table.countColumn,
                    let row = try rows.first(where: { try $0.get(at: 0) == table.name })
                else { continue }
                let (written, found): (Int, Int) = (try row.get(at: 1), try row.get(at: 2))
                if written != found { return "\(live) \(written) \(column), and \(found) are there" }
            }
            if try rows.first?.get(at: 3) == false { return "\(live) other scores or ranks than are there" }
            if try rows.first?.get(at: 4) == false { return "\(live) other products or lists than are there" }
            return nil
        }
    }

    // MARK: By hand

    /// Publishes an earlier run of a channel, whose rows must still be in their slot.
    ///
    /// - Throws: `RunError.unknownRun`, `RunError.notPublishable`; `PostgresError`.
    public func publish(runID: Int64, channel: String) throws {
        do {
            _ = try store.transaction { session in
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
    public func rollBack(channel: String) throws -> (liveRunID: Int64, previousRunID: Int64) {
        do {
            return try store.transaction { session in
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
