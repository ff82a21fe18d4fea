public import Postgres

/// Installs and checks Peerfolio's schema: numbered immutable migrations in a ledger, and functions and views that follow their text.
///
/// Every migration is one transaction under an advisory lock, its ledger row inserted first, so that two migrators
/// never apply the same one and a failure leaves the database as it was. All objects belong to `peerfolio_owner`.
public struct Migrator: Sendable {
    /// What has become of one migration, function or view.
    public enum State: String, Sendable, Encodable {
        /// Applied, and the same text as in this program.
        case applied
        /// Not applied yet, or, for a function or view, applied with another text.
        case pending
        /// Applied with another text than this program ships.
        case drifted
        /// Applied by a newer program; not known here.
        case unknown
    }

    /// One line of `migrate status`.
    public struct Entry: Sendable, Encodable {
        /// Number of the migration; nil for functions and views.
        public let version: Int?
        /// File name without number and extension.
        public let name: String
        /// What has become of it.
        public let state: State
        /// When it was applied, as the server writes it; nil if it was not.
        public let appliedAt: String?

        enum CodingKeys: String, CodingKey {
            case version, name, state
            case appliedAt = "applied_at"
        }
    }

    /// Key of the advisory lock that migrations take: "peerfoli" in ASCII.
    private static let lockKey: Int64 = 0x7065_6572_666f_6c69

    private let programVersion: String

    /// Creates a migrator.
    ///
    /// - Parameter programVersion: Version that is recorded with what it applies.
    public init(programVersion: String) {
        self.programVersion = programVersion
    }

    // MARK: Reading

    /// Everything that this program ships, or that the database has, in order, and what has become of it.
    ///
    /// - Throws: `PostgresError`.
    public func status(_ session: Session) throws -> [Entry] {
        try session.withPinnedNames { try entries($0) }
    }

    private func entries(_ session: Session) throws -> [Entry] {
        guard try isInstalled(session) else {
            return EmbeddedSQL.migrations.enumerated().map { index, file in
                Entry(version: index + 1, name: file.name, state: .pending, appliedAt: nil)
            } + EmbeddedSQL.replaceables.map { Entry(version: nil, name: $0.name, state: .pending, appliedAt: nil) }
        }
        var entries: [Entry] = []
        let ledger = try session.execute(
            "select version, name, checksum, applied_at::text from peerfolio.schema_migrations order by version")
        var recorded: [Int: (name: String, checksum: String, appliedAt: String)] = [:]
        for row in ledger.rows {
            recorded[try row.get(at: 0)] = (try row.get(at: 1), try row.get(at: 2), try row.get(at: 3))
        }
        let checksums = try checksums(of: EmbeddedSQL.migrations, session)
        for (index, file) in EmbeddedSQL.migrations.enumerated() {
            let version = index + 1
            guard let applied = recorded.removeValue(forKey: version) else {
                entries.append(Entry(version: version, name: file.name, state: .pending, appliedAt: nil))
                continue
            }
            let isSame = checksums[index] == applied.checksum
            entries.append(
                Entry(
                    version: version, name: file.name, state: isSame ? .applied : .drifted,
                    appliedAt: applied.appliedAt))
        }
        for (version, applied) in recorded.sorted(by: { $0.key < $1.key }) {
            entries.append(
                Entry(version: version, name: applied.name, state: .unknown, appliedAt: applied.appliedAt))
        }
        let objects = try session.execute("select name, checksum, applied_at::text from peerfolio.schema_objects")
        var applied: [String: (checksum: String, at: String)] = [:]
        for row in objects.rows { applied[try row.get(at: 0)] = (try row.get(at: 1), try row.get(at: 2)) }
        let current = try self.checksums(of: EmbeddedSQL.replaceables, session)
        for (file, checksum) in zip(EmbeddedSQL.replaceables, current) {
            let isCurrent = applied[file.name]?.checksum == checksum
            entries.append(
                Entry(
                    version: nil, name: file.name, state: isCurrent ? .applied : .pending,
                    appliedAt: applied[file.name]?.at))
        }
        return entries
    }

    /// Checks that the database has exactly the schema that this program ships.
    ///
    /// - Parameter parameters: Types and slots to compare with the installed tables, or nil when they are not known.
    /// - Throws: `SchemaError` that says what differs and what to do; `PostgresError`.
    public func verify(_ session: Session, parameters: SchemaParameters? = nil) throws {
        try session.withPinnedNames { session in
            guard try isInstalled(session) else { throw Self.notInstalled }
            let entries = try entries(session)
            try refuseForeignHistory(entries)
            let pending = entries.filter { $0.state == .pending }.map(\.name)
            if !pending.isEmpty {
                throw Self.pending(pending)
            }
            if let parameters {
                try verifyTypes(session, parameters)
                try verifySlots(session, parameters)
            }
        }
    }

    /// Checks that the database has the views that this program ships, for roles that may see nothing but the views.
    ///
    /// - Throws: `SchemaError` when there are none, or not all; `PostgresError`.
    public func verifyViews(_ session: Session) throws {
        let names = EmbeddedSQL.views.map(\.name)
        let installed = try session.withPinnedNames { session in
            try session.execute(
                """
                select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'peerfolio_bi'
                """
            ).rows.map { try $0.get(at: 0, as: String.self) }
        }
        let missing = names.filter { !installed.contains($0) }
        guard missing.count < names.count else { throw Self.notInstalled }
        guard missing.isEmpty else { throw Self.pending(missing) }
    }

    /// The types of client and product ids in the installed tables; nil when they are not installed.
    ///
    /// - Throws: `PostgresError`.
    public func installedTypes(_ session: Session) throws -> (client: String, product: String)? {
        try session.withPinnedNames { try types($0) }
    }

    private func types(_ session: Session) throws -> (client: String, product: String)? {
        let result = try session.execute(
            """
            select a.attname, format_type(a.atttypid, null)
            from pg_attribute a
            join pg_class c on c.oid = a.attrelid
            join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'peerfolio' and c.relname = 'recommendations'
              and a.attname in ('client_id', 'product_id')
            order by a.attname
            """)
        guard result.rows.count == 2 else { return nil }
        return (try result.rows[0].get(at: 1), try result.rows[1].get(at: 1))
    }

    // MARK: Applying

    /// Applies everything that is pending, in order, each migration in a transaction of its own.
    ///
    /// - Returns: The names of what was applied; empty when the schema was current.
    /// - Throws: `SchemaError` before anything is changed when the history is not ours (drift, a newer program), the
    ///   installed types differ, or roles are missing that this role may not create; `PostgresError` when a statement
    ///   fails: what was applied before stays applied.
    public func up(_ session: Session, parameters: SchemaParameters) throws -> [String] {
        var applied: [String] = []
        try locked(session) { session in
            try createMissingRoles(session)
            if try !isInstalled(session) {
                // With CREATE on the database the owner can do it, so that no superuser is needed for it.
                if try mayBecomeOwnerThatCreatesSchemas(session) {
                    try session.executeScript("set local role peerfolio_owner")
                }
                try session.executeScript(EmbeddedSQL.bootstrap.text)
                applied.append(EmbeddedSQL.bootstrap.name)
            }
        }
        let checksums = try asOwner(session) { session in
            try refuseForeignHistory(try entries(session))
            try verifyTypes(session, parameters)
            return try self.checksums(of: EmbeddedSQL.migrations, session)
        }
        for (index, file) in EmbeddedSQL.migrations.enumerated() {
            let wasApplied = try asOwner(session) { session in
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
                if isNew { try session.executeScript(parameters.apply(to: file.text)) }
                return isNew
            }
            if wasApplied { applied.append(file.name) }
        }

        try asOwner(session) { session in
            let added = try session.execute("select peerfolio.ensure_slots($1)", [.integer(Int32(parameters.slots))])
            let partitionCount: Int = try added.rows[0].get(at: 0)
            if partitionCount > 0 { applied.append("\(partitionCount) slot partitions") }
            let current = try self.checksums(of: EmbeddedSQL.replaceables, session)
            for (file, checksum) in zip(EmbeddedSQL.replaceables, current) {
                let isNew =
                    try session.execute(
                        """
                        insert into peerfolio.schema_objects (name, checksum, program_version) values ($1, $2, $3)
                        on conflict (name) do update
                        set checksum = excluded.checksum, program_version = excluded.program_version, applied_at = default
                        where schema_objects.checksum <> excluded.checksum
                        """,
                        [.text(file.name), .text(checksum), .text(programVersion)]
                    ).affectedRows == 1
                if isNew {
                    try session.executeScript(file.text)
                    applied.append(file.name)
                }
            }
        }
        return applied
    }

    // MARK: Parts

    private static let notInstalled = SchemaError(
        .notInstalled, "Peerfolio is not installed in this database; run `peerfolio migrate up` first")

    private static func pending(_ names: [String]) -> SchemaError {
        SchemaError(
            .pending, "the schema lacks \(names.joined(separator: ", ")) of this program; run `peerfolio migrate up`")
    }

    /// The roles that belong to an installation; `sql/roles.sql` says what they are for.
    static let roles = [
        "peerfolio_owner", "peerfolio_migrator", "peerfolio_runner", "peerfolio_operator", "peerfolio_reader",
        "peerfolio_manager",
    ]

    private func createMissingRoles(_ session: Session) throws {
        let row = try session.execute(
            """
            select string_agg(s.statement, '; ')
            from (
                select 'CREATE ROLE ' || w.name || ' NOLOGIN'
                       || case w.name when 'peerfolio_migrator' then ' NOINHERIT' else '' end
                from unnest($1::text[]) as w(name) where w.name not in (select rolname from pg_roles)
                union all
                select 'GRANT peerfolio_owner TO peerfolio_migrator'
                where not exists (select from pg_auth_members m
                                  where m.roleid = (select oid from pg_roles where rolname = 'peerfolio_owner')
                                    and m.member = (select oid from pg_roles where rolname = 'peerfolio_migrator'))
            ) s(statement)
            """, [.text("{\(Self.roles.joined(separator: ","))}")]
        ).rows[0]
        guard let missing: String = try row.getIfPresent(at: 0) else { return }
        do {
            if session.serverVersion >= 160_000 {
                // Whoever creates a role may become it only then, since PostgreSQL 16.
                try session.executeScript("set local createrole_self_grant = 'set, inherit'")
            }
            try session.executeScript(EmbeddedSQL.roles.text)
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw SchemaError(
                .roles,
                "roles that belong to the schema are missing, and this role may not create them; a DBA does it once with: "
                    + missing)
        }
    }

    private func mayBecomeOwnerThatCreatesSchemas(_ session: Session) throws -> Bool {
        try session.execute(
            """
            select pg_has_role('peerfolio_owner', \(session.serverVersion >= 160_000 ? "'SET'" : "'MEMBER'"))
               and has_database_privilege('peerfolio_owner', current_database(), 'CREATE')
            """
        ).rows[0].get(at: 0)
    }

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

    private func isInstalled(_ session: Session) throws -> Bool {
        // By the catalog, which needs no right on the schema.
        try session.execute(
            """
            select exists (
                select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'peerfolio' and c.relname = 'schema_migrations')
            """
        ).rows[0].get(at: 0)
    }

    private func refuseForeignHistory(_ entries: [Entry]) throws {
        let drifted = entries.filter { $0.state == .drifted }
        if !drifted.isEmpty {
            let names = drifted.map { "\($0.version ?? 0) (\($0.name))" }.joined(separator: ", ")
            throw SchemaError(
                .drifted,
                "the applied migration \(names) differs from this program's; migrations never change,"
                    + " so this is another build of peerfolio or an edited ledger: use the build that applied it")
        }
        if let newest = entries.last(where: { $0.state == .unknown })?.version {
            throw SchemaError(
                .newer,
                "the database has migrations up to \(newest), this program knows \(EmbeddedSQL.migrations.count);"
                    + " upgrade peerfolio")
        }
    }

    private func verifyTypes(_ session: Session, _ parameters: SchemaParameters) throws {
        guard let installed = try types(session) else { return }
        for (what, ours, mapped) in [
            ("client", installed.client, parameters.clientIDType),
            ("product", installed.product, parameters.productIDType),
        ] where ours != mapped {
            throw SchemaError(
                .identifierTypes,
                "\(what) ids are \(mapped) in the mapped holdings, but peerfolio was installed for \(ours);"
                    + " map columns of type \(ours), or drop the schemas peerfolio and peerfolio_bi and migrate again")
        }
    }

    private func verifySlots(_ session: Session, _ parameters: SchemaParameters) throws {
        let installed: Int = try session.execute(
            "select count(*) from pg_inherits where inhparent = to_regclass('peerfolio.recommendations')"
        ).rows[0].get(at: 0)
        guard installed >= parameters.slots else {
            throw SchemaError(
                .pending,
                "retention.slots is \(parameters.slots), but \(installed) slots are installed;"
                    + " run `peerfolio migrate up`")
        }
    }

    /// SHA-256 of the texts of files; in one round trip, since every run asks for them.
    private func checksums(of files: [SQLFile], _ session: Session) throws -> [String] {
        let places = files.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return try session.execute(
            """
            select encode(sha256(convert_to(f.text, 'UTF8')), 'hex')
            from unnest(array[\(places)]::text[]) with ordinality as f(text, number) order by f.number
            """, files.map { .text($0.text) }
        ).rows.map { try $0.get(at: 0) }
    }
}
