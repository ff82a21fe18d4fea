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

    let programVersion: String

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

    func entries(_ session: Session) throws -> [Entry] {
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
                where n.nspname in ('peerfolio', 'peerfolio_bi') and c.relkind = 'v'
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
            where n.nspname = 'peerfolio'
              and (c.relname, a.attname) in (('run_clients', 'client_id'), ('recommendations', 'product_id'))
            order by a.attname
            """)
        guard result.rows.count == 2 else { return nil }
        return (try result.rows[0].get(at: 1), try result.rows[1].get(at: 1))
    }

    // MARK: Parts

    private static let notInstalled = SchemaError(
        .notInstalled, "Peerfolio is not installed in this database; run `peerfolio migrate up` first")

    private static func pending(_ names: [String]) -> SchemaError {
        SchemaError(
            .pending, "the schema lacks \(names.joined(separator: ", ")) of this program; run `peerfolio migrate up`")
    }

    func isInstalled(_ session: Session) throws -> Bool {
        // By the catalog, which needs no right on the schema.
        try session.execute(
            """
            select exists (
                select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = 'peerfolio' and c.relname = 'schema_migrations')
            """
        ).rows[0].get(at: 0)
    }

    func refuseForeignHistory(_ entries: [Entry]) throws {
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

    func verifyTypes(_ session: Session, _ parameters: SchemaParameters) throws {
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
    func checksums(of files: [SQLFile], _ session: Session) throws -> [String] {
        let places = files.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        return try session.execute(
            """
            select encode(sha256(convert_to(f.text, 'UTF8')), 'hex')
            from unnest(array[\(places)]::text[]) with ordinality as f(text, number) order by f.number
            """, files.map { .text($0.text) }
        ).rows.map { try $0.get(at: 0) }
    }
}
