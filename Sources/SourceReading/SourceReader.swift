import Holdings
public import Postgres

/// Reads the mapped sources in one consistent snapshot, streamed by binary COPY.
///
/// `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`, then a lock on every input before the first read, since a
/// snapshot alone does not guard against a loader's TRUNCATE, then one COPY per source. The transaction ends before
/// anything is computed.
///
/// LOCK TABLE takes SELECT on the whole relation. Where the role has it on columns only, planning the statements takes the
/// locks, but also the snapshot, and a TRUNCATE between the two is found out by the file that a relation has in each: then
/// all is read again.
public struct SourceReader: Sendable {
    /// Attempts to read while loaders replace what is being read.
    private static let attemptLimit = 3

    private let plan: SourcePlan
    private let statementTimeout: Duration
    private let lockTimeout: Duration

    /// Creates a reader.
    ///
    /// - Parameters:
    ///   - plan: How to read.
    ///   - statementTimeout: The server's limit for each COPY.
    ///   - lockTimeout: How long to wait for a loader that holds a source.
    public init(_ plan: SourcePlan, statementTimeout: Duration, lockTimeout: Duration) {
        self.plan = plan
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
    }

    /// Reads everything.
    ///
    /// - Parameters:
    ///   - session: Any session outside a transaction.
    ///   - progress: Called with the rows of holdings read so far, every few thousand, and at the end.
    /// - Throws: `SourceError` for values that cannot be used; `PostgresError`; `CancellationError`.
    /// - Complexity: O(rows) time; memory for ids once, and 16 bytes for each row of holdings.
    public func read(_ session: Session, progress: (Int) -> Void = { _ in }) throws -> SourceInput {
        session.operationTimeout = statementTimeout + .seconds(10)
        let mode = TransactionMode.consistentRead
            .setting("search_path", plan.searchPath)
            // What a configured query makes of moments is a matter of days, too.
            .setting("TimeZone", plan.timeZone)
            .setting("row_security", plan.policies.setting)
            .setting("lock_timeout", Self.milliseconds(lockTimeout))
            .setting("statement_timeout", Self.milliseconds(statementTimeout))
        for _ in 1...Self.attemptLimit {
            do {
                let (sections, ids) = try session.transaction(mode) { try readSnapshot($0, progress) }
                return try Self.input(sections, ids, plan.policies)
            } catch is ReplacedSource {
                continue
            } catch let refusal as RefusedSource {
                throw refusal.explained(session, mode)
            }
        }
        throw PostgresError(
            code: .server, message: "a loader has replaced a source each time when it was to be read; try again later",
            sqlState: "40001")
    }

    /// A source was emptied or replaced after the snapshot was taken and before it was locked.
    private struct ReplacedSource: Error {}

    private func readSnapshot(
        _ session: Session, _ progress: (Int) -> Void
    ) throws -> (sections: [any SectionCollector], ids: SourceIDs) {
        if !plan.locks.isEmpty {
            try session.executeScript("lock table \(plan.locks.joined(separator: ", ")) in access share mode")
        }
        if !plan.unlockable.isEmpty { try lockByPlanning(session) }
        var (sections, ids) = (plan.sections, SourceIDs(plan.idTypes))
        for index in sections.indices {
            let isHoldings = type(of: sections[index]).step == .holdings
            try sections[index].read(session, &ids, isHoldings ? progress : { _ in })
        }
        return (sections, ids)
    }

    /// Puts what was read into the order of ids.
    ///
    /// - Throws: `CancellationError`, within one of its steps of a cancellation.
    private static func input(
        _ sections: consuming [any SectionCollector], _ ids: consuming SourceIDs, _ policies: RowPolicies
    ) throws -> SourceInput {
        let idColumns = sections.compactMap(\.query).flatMap(\.ids)
        var draft = SourceInput.Draft(SourceOrder(ids))
        draft.findings.add(
            .rowsHidden, .warning, policies.hidden.count, examples: policies.hidden.prefix(5).map(\.relation),
            "relations of which row-level security hides rows; what the service sees is read (checks.row_security: allow)"
        )
        for index in sections.indices {
            try Task.checkCancellation()
            try sections[index].finish(into: &draft)
        }
        try Task.checkCancellation()
        return try SourceInput(draft, idColumns: idColumns)
    }

    /// Locks what LOCK TABLE does not take, and makes sure that the snapshot, which is older than these locks, sees what is
    /// locked.
    private func lockByPlanning(_ session: Session) throws {
        for query in plan.sections.compactMap(\.query) {
            try session.execute("select from (\(query.text)) as source limit 0")
        }
        // The catalog as of the snapshot, beside the file and the name that a relation has now; a new one is not in the
        // former, and one that was renamed has got its rows since then, perhaps.
        let isReplaced: Bool = try session.withPinnedNames { session in
            try session.execute(
                """
                select exists (
                    select from pg_catalog.pg_locks l
                    left join pg_catalog.pg_class c on c.oid = l.relation
                    left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                    where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'AccessShareLock'
                      and l.database = (select oid from pg_catalog.pg_database where datname = current_database())
                      and (c.oid is null
                           or l.relation::regclass::text not in (
                                  quote_ident(c.relname), quote_ident(n.nspname) || '.' || quote_ident(c.relname))
                           or c.relkind in ('r', 'm') and c.relfilenode <> 0
                              and c.relfilenode <> pg_relation_filenode(c.oid)))
                """
            ).rows[0].get(at: 0)
        }
        if isReplaced { throw ReplacedSource() }
    }

    private static func milliseconds(_ duration: Duration) -> String {
        "\(Int(duration / .milliseconds(1)))ms"
    }
}
