public import Postgres

extension Migrator {
    /// Key of the advisory lock that migrations take: "peerfoli" in ASCII.
    private static let lockKey: Int64 = 0x7065_6572_666f_6c69

    /// Applies everything that is pending, in order, each migration, function and view in a transaction of its own.
    ///
    /// - Returns: The names of what was applied; empty when the schema was current.
    /// - Throws: `SchemaError` before anything is changed when the history is not ours (drift, a newer program), the
    ///   installed types differ, or this role lacks rights; when a trigger of the database forbids a change;
    ///   `PostgresError` when a statement fails: what was applied before stays applied.
    public func up(_ session: Session, parameters: SchemaParameters) throws -> [String] {
        do {
            return try apply(session, parameters)
        } catch let error as PostgresError {
            // No migration raises anything itself, nor does a trigger on DDL see any row.
            guard let message = error.raisedMessage else { throw error }
            throw SchemaError(
                .forbidden,
                "a trigger of the database forbids the change: \"\(message)\"; have whoever owns it let peerfolio_owner through,"
                    + " or disable it meanwhile (ALTER EVENT TRIGGER … DISABLE): \\dy in psql lists them")
        }
    }

    private func apply(_ session: Session, _ parameters: SchemaParameters) throws -> [String] {
        var applied: [String] = []
        if try bootstrap(session) { applied.append(EmbeddedSQL.bootstrap.name) }
        applied += try applyMigrations(session, parameters)
        let partitionCount: Int = try asOwner(session) { session in
            try session.execute("select peerfolio.ensure_slots($1)", [.integer(Int32(parameters.slots))])
                .rows[0].get(at: 0)
        }
        if partitionCount > 0 { applied.append("\(partitionCount) slot partitions") }
        try analyzeUnknownSlots(session)
        applied += try applyReplaceables(session)
        return applied
    }

    // MARK: Steps

    /// Creates the roles that are missing, and schemas and ledger unless they are there.
    ///
    /// - Returns: Whether there was no ledger.
    private func bootstrap(_ session: Session) throws -> Bool {
        try locked(session) { session in
            try createMissingRoles(session)
            if try isInstalled(session) { return false }
            // A superuser makes the schemas as itself, so that the owner needs no right on the database.
            let isSuperuser: Bool = try session.execute(
                "select rolsuper from pg_roles where rolname = current_user"
            ).rows[0].get(at: 0)
            if !isSuperuser { try session.executeScript("set local role peerfolio_owner") }
            try session.executeScript(EmbeddedSQL.bootstrap.text)
            return true
        }
    }

    /// Collects statistics on slots that have none, new ones and those that a dump or `pg_upgrade` has brought, and on all
    /// slots together where only slots have any: autovacuum may have been quicker, and analyzes nothing but partitions.
    ///
    /// Until a table is analyzed, the planner takes it for ten pages, or knows nothing of what is in it: after a restore a
    /// report took minutes, and as `analyze_slots` leaves the slots out since PostgreSQL 18, lists seemed a thirtieth as
    /// long there until each slot had had a run. How many rows it has says nothing: making the primary key counts them.
    private func analyzeUnknownSlots(_ session: Session) throws {
        try asOwner(session) { session in
            try session.executeScript(
                """
                do $$
                declare
                    slot_table regclass;
                begin
                    for slot_table in
                        select c.oid from pg_inherits i join pg_class c on c.oid = i.inhrelid
                        where i.inhparent in (select peerfolio.slot_tables())
                          and (c.reltuples < 0
                            or pg_relation_size(c.oid) > 0 and not exists (
                                select from pg_stats s where s.schemaname = 'peerfolio' and s.tablename = c.relname))
                    loop
                        execute format('analyze (skip_locked) %s', slot_table);
                    end loop;
                    if exists (
                        select from pg_inherits i join pg_class p on p.oid = i.inhparent
                        where i.inhparent in (select peerfolio.slot_tables()) and pg_relation_size(i.inhrelid) > 0
                          and not exists (
                            select from pg_stats s
                            where s.schemaname = 'peerfolio' and s.tablename = p.relname and s.inherited))
                    then perform peerfolio.analyze_slots();
                    end if;
                end
                $$
                """)
        }
    }

    private func applyMigrations(_ session: Session, _ parameters: SchemaParameters) throws -> [String] {
        let checksums = try asOwner(session) { session in
            try refuseForeignHistory(try entries(session))
            try verifyTypes(session, parameters)
            return try self.checksums(of: EmbeddedSQL.migrations, session)
        }
        var applied: [String] = []
        // A migration that converts results takes as long as there are rows.
        let operationTimeout = session.operationTimeout
        session.operationTimeout = .seconds(24 * 3600)
        defer { session.operationTimeout = operationTimeout }
        for (index, file) in EmbeddedSQL.migrations.enumerated() {
            try asOwner(session) { session in
                let isNew =
                    try session.execute(
                        """
                        insert into peerfolio.schema_migrations (version, name, checksum, program_version)
                        values ($1, $2, $3, $4) on conflict (version) do nothing
                        """,
                        [
                            .bigint(Int64(index + 1)), .text(file.name), .text(checksums[index]),
                            .text(programVersion),
                        ]
                    ).affectedRows == 1
                guard isNew else { return }
                try session.executeScript(parameters.apply(to: file.text))
                applied.append(file.name)
            }
        }
        return applied
    }

    /// Each in a transaction of its own: a reader locks a view before those below it, and replacing them goes the other
    /// way, so that whoever held one and waited for the next could deadlock with a reader.
    private func applyReplaceables(_ session: Session) throws -> [String] {
        var applied: [String] = []
        let checksums = try asOwner(session) { try self.checksums(of: EmbeddedSQL.replaceables, $0) }
        for (file, checksum) in zip(EmbeddedSQL.replaceables, checksums) {
            try asOwner(session) { session in
                let isNew =
                    try session.execute(
                        """
                        insert into peerfolio.schema_objects (name, checksum, program_version) values ($1, $2, $3)
                        on conflict (name) do update
                        set checksum = excluded.checksum, program_version = excluded.program_version,
                            applied_at = default
                        where schema_objects.checksum <> excluded.checksum
                        """,
                        [.text(file.name), .text(checksum), .text(programVersion)]
                    ).affectedRows == 1
                guard isNew else { return }
                try session.executeScript(file.text)
                applied.append(file.name)
            }
        }
        // Always, since a view that has not changed may inherit from one that has.
        try asOwner(session) { try $0.executeScript(EmbeddedSQL.comments.text) }
        try asOwner(session) { try $0.executeScript(EmbeddedSQL.retired.text) }
        return applied
    }

    // MARK: Transactions

    /// One transaction under the migration lock as `peerfolio_owner`, whose rights whoever migrates need not inherit.
    private func asOwner<Value>(_ session: Session, _ body: (Session) throws -> Value) throws -> Value {
        try locked(session) { session in
            try session.executeScript("set local role peerfolio_owner")
            return try body(session)
        }
    }

    /// One transaction under the migration lock, its names pinned, that gives up rather than queue behind reports.
    private func locked<Value>(_ session: Session, _ body: (Session) throws -> Value) throws -> Value {
        let mode = TransactionMode.readWrite.pinningNames.setting("lock_timeout", "5s")
        return try session.transaction(mode) { session in
            _ = try session.execute("select pg_advisory_xact_lock($1)", [.bigint(Self.lockKey)])
            return try body(session)
        }
    }
}
