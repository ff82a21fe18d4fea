import Holdings
import Postgres

/// A column that a section asks a source for.
struct WantedColumn: Sendable {
    let name: String
    /// Configuration key that asks for it, such as `holdings.client`.
    let key: String
    /// Whether the source may be without it.
    let isOptional: Bool
    /// Whose ids it has; nil if it has none.
    var identifies: Identified?
}

/// A column that a source has.
struct SourceColumn: Sendable {
    let name: String
    /// Configuration key that asks for it.
    let key: String
    let type: ColumnType
    /// The name as it stands in a statement.
    let quotedName: String
    /// Whose ids it has; nil if it has none.
    let identifies: Identified?
    /// Why the warehouse takes different ids in it for the same one, such as `citext`; nil where it does not.
    var equality: String?

    /// An error about the column's type.
    func typeError(_ message: String) -> SourceError { SourceError(.type, key: key, message) }
}

/// Looks up mapped relations and queries: do they exist, what types do their columns have, may we read them.
///
/// Used inside one read-only transaction. Nothing but names and types is read.
struct SourceCatalog {
    let session: Session
    let asOf: BusinessDate
    /// Whether the role must be allowed to read the sources.
    var checksRights = true
    /// The name of the time zone whose days count.
    var timeZone = "UTC"

    /// The text that stands for a source in a FROM clause.
    func fromClause(_ source: SourceRelation) throws -> String {
        switch source {
        case .relation(let name): try quoted(name)
        // The line break ends a comment that the query may end with.
        case .query(let text): "(\(substituteAsOf(in: text, asOf))\n) as source"
        }
    }

    func quoted(_ name: RelationName) throws -> String {
        let parts = [name.schema, name.name].compactMap(\.self)
        return try parts.map { try session.escapeIdentifier($0) }.joined(separator: ".")
    }

    /// The columns of a source that are wanted, in that order.
    ///
    /// - Parameters:
    ///   - source: Relation or query.
    ///   - key: Configuration key of the section, such as `holdings`.
    ///   - sourceKey: Configuration key that names the source, where it is not the section's `relation` or `query`.
    ///   - wanted: Which columns.
    /// - Returns: Nil for an optional column that does not exist, or that is several.
    /// - Throws: `SourceError` that names the key.
    func columns(
        of source: SourceRelation, key: String, sourceKey: String? = nil, wanted: [WantedColumn]
    ) throws -> [SourceColumn?] {
        let available = try columnNames(of: source, key: key, sourceKey: sourceKey)
        // By bytes, as PostgreSQL compares names.
        let counts = wanted.map { column in available.count { $0.utf8.elementsEqual(column.name.utf8) } }
        for (column, count) in zip(wanted, counts) where count == 0 && !column.isOptional {
            let nearest = Spelling.nearest(to: column.name, in: available)
            throw SourceError(
                .column, key: column.key,
                "there is no column \"\(column.name)\" in \(describe(source))"
                    + (nearest.map { "; did you mean \"\($0)\"?" }
                        ?? "; it has \(available.map { "\"\($0)\"" }.joined(separator: ", "))"))
        }
        let isRead = zip(wanted, counts).map { !$0.isOptional || $1 == 1 }
        let names = zip(wanted, isRead).compactMap { $1 ? $0.name : nil }
        do {
            let list = try names.map { try session.escapeIdentifier($0) }
            // Zero rows, but parsed, planned and checked for rights as the real statement will be.
            let query = "select \(list.joined(separator: ", ")) from \(try fromClause(source)) limit 0"
            var found = zip(list, try resultColumns(of: query)).makeIterator()
            var columns = try zip(wanted, isRead).map { wanted, isRead -> SourceColumn? in
                guard isRead, let (quotedName, column) = found.next() else { return nil }
                return SourceColumn(
                    name: wanted.name, key: wanted.key, type: try type(column.typeOID, isID: wanted.identifies != nil),
                    quotedName: quotedName, identifies: wanted.identifies)
            }
            try addEqualities(to: &columns, from: source)
            return columns
        } catch let error as PostgresError where error.code == .server {
            throw explained(error, source, key: key, sourceKey, columns: names)
        }
    }

    /// Names of all columns of a source.
    func columnNames(of source: SourceRelation, key: String, sourceKey: String? = nil) throws -> [String] {
        switch source {
        case .query:
            do {
                return try resultColumns(of: "select * from \(fromClause(source)) limit 0").map(\.name)
            } catch let error as PostgresError where error.code == .server {
                throw explained(error, source, key: key, sourceKey, columns: [])
            }
        case .relation(let name):
            let oid = try oid(of: name, key: key, sourceKey)
            return try session.withPinnedNames { session in
                try session.execute(
                    """
                    select attname from pg_attribute
                    where attrelid = $1 and attnum > 0 and not attisdropped order by attnum
                    """, [.bigint(oid)]
                ).rows.map { try $0.get(at: 0) }
            }
        }
    }

    /// Whether an index of a table begins with a column; false for a view and a query.
    ///
    /// - Throws: `PostgresError`.
    func hasIndex(on column: String, of source: SourceRelation, key: String) throws -> Bool {
        guard case .relation(let name) = source else { return false }
        let oid = try oid(of: name, key: key, nil)
        return try session.withPinnedNames { session in
            try session.execute(
                """
                select exists (
                    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                    where i.indrelid = $1 and i.indisvalid and i.indpred is null and a.attname = $2)
                """, [.bigint(oid), .text(column)]
            ).rows[0].get(at: 0)
        }
    }

    private func resultColumns(of query: String) throws -> [ResultColumn] {
        try checksRights ? session.execute(query).columns : session.describe(query)
    }

    /// The relations that this transaction has touched and that are to be locked against a TRUNCATE while they are read,
    /// quoted, and the names of those for which that cannot be done: the role may read some columns only, or it is a
    /// materialized view.
    ///
    /// What is locked along with another relation is in neither: the partitions and children of a table, and all that a
    /// view reads.
    func lockableRelations() throws -> (locks: [String], unlockable: [String]) {
        // What has been planned in this transaction is still locked by it, so the server itself says what is read.
        let result = try session.withPinnedNames { session in
            try session.execute(
                """
                with recursive touched as (
                    select c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name,
                           c.relkind <> 'm' and has_table_privilege(c.oid, 'SELECT') as is_readable
                    from pg_locks l
                    join pg_class c on c.oid = l.relation
                    join pg_namespace n on n.oid = c.relnamespace
                    where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'AccessShareLock'
                      and l.database = (select oid from pg_database where datname = current_database())
                      and c.relkind in ('r', 'p', 'v', 'm')
                      and n.nspname not in ('pg_catalog', 'information_schema', 'peerfolio')
                ), parts(whole, part) as (
                    select inhparent, inhrelid from pg_inherits
                    union all
                    select r.ev_class, d.refobjid
                    from pg_rewrite r
                    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                    where d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
                ), covered(oid) as (
                    select p.part from touched t join parts p on p.whole = t.oid where t.is_readable
                    union
                    select p.part from covered c join parts p on p.whole = c.oid
                )
                select name, is_readable from touched where oid not in (select oid from covered) order by 1
                """)
        }
        var locks: [String] = []
        var unlockable: [String] = []
        for row in result.rows {
            if try row.get(at: 1) { locks.append(try row.get(at: 0)) } else { unlockable.append(try row.get(at: 0)) }
        }
        return (locks, unlockable)
    }

    // MARK: Errors

    private func oid(of name: RelationName, key: String, _ sourceKey: String?) throws -> Int64 {
        do {
            let result = try session.execute(
                "select to_regclass($1)::oid::bigint", [.text(try quoted(name))])
            if let oid: Int64 = try result.rows.first?.getIfPresent(at: 0) { return oid }
        } catch let error as PostgresError where error.sqlState == "42501" {
            throw explained(error, .relation(name), key: key, sourceKey, columns: [])
        }
        let candidates = try session.withPinnedNames { session in
            try session.execute(
                """
                select case when $1::text is null then c.relname else n.nspname || '.' || c.relname end
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
                """,
                [.textOrNull(name.schema)]
            ).rows.map { try $0.get(at: 0, as: String.self) }
        }
        let wanted = [name.schema, name.name].compactMap(\.self).joined(separator: ".")
        let nearest = Spelling.nearest(to: wanted, in: candidates)
        throw SourceError(
            .relation, key: sourceKey ?? "\(key).relation",
            "relation \(name) does not exist"
                + (nearest.map { "; did you mean \($0)?" } ?? "; names are taken as written, case included"))
    }

    private func explained(
        _ error: PostgresError, _ source: SourceRelation, key: String, _ sourceKey: String?, columns: [String]
    ) -> any Error {
        if error.sqlState == "42501" {
            let list = columns.isEmpty ? "" : " (" + columns.map { "\"\($0)\"" }.joined(separator: ", ") + ")"
            return SourceError(
                .privilege, key: sourceKey ?? key,
                "this role may not read \(describe(source)); GRANT SELECT\(list) on it, and USAGE on its schema,"
                    + " to peerfolio_runner (SQLSTATE 42501)")
        }
        let place = sourceKey ?? source.key(in: key)
        if error.sqlState == "25006" { return SourceError.writes(place) }
        guard case .query = source, let sqlState = error.sqlState, ["42", "0A"].contains(sqlState.prefix(2)) else {
            return error
        }
        // A statement that returns no row has met names only, so the server's message cannot quote data.
        let position = error.statementPosition.map { " near character \($0)" } ?? ""
        return SourceError(
            .relation, key: place,
            "the query cannot be run: \(error.serverMessage ?? error.message)\(position) (SQLSTATE \(sqlState))")
    }

    func describe(_ source: SourceRelation) -> String {
        switch source {
        case .relation(let name): "\(name)"
        case .query: "the query's result"
        }
    }
}
