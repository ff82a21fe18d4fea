package import Holdings
package import Postgres

/// The rights that reading a configuration's sources takes, found out without any of them.
///
/// Of a relation the columns that are mapped. Of a query the columns that it uses, as the server notes them down for a
/// temporary view over it, which is rolled back: nothing is read and nothing stays. That takes TEMPORARY on the database,
/// USAGE on the schemas, and a server that is not a standby. Without, the relations whose names stand in its text.
package struct SourceRights {
    /// What a source takes.
    package struct Need: Sendable {
        /// Configuration key of the source.
        package let key: String
        /// The rights, USAGE on schemas first.
        package fileprivate(set) var rights: [Right]
        /// What a DBA should know about them, in words.
        package fileprivate(set) var notes: [String] = []
        /// Why it is not known which rights a query takes; nil if it is.
        package fileprivate(set) var problem: String?
    }

    private let session: Session
    private let asOf: BusinessDate

    /// Creates a search.
    ///
    /// - Parameters:
    ///   - session: Any session outside of a transaction.
    ///   - asOf: The day to put in for `:as_of`.
    package init(_ session: Session, asOf: BusinessDate) {
        self.session = session
        self.asOf = asOf
    }

    /// Finds out what a source takes.
    ///
    /// Columns that do not exist are left out.
    ///
    /// - Returns: Nil when the relation does not exist.
    /// - Throws: `PostgresError`.
    package func need(of source: MappedSource) throws -> Need? {
        switch source.source {
        case .relation(let name): try need(of: source, relation: name)
        case .query(let text): try need(ofQuery: substituteAsOf(in: text, asOf), key: source.key)
        }
    }

    /// Whether the current role lacks rights to run a query; touches no row.
    ///
    /// - Returns: The server's words when it does; nil also for a query that cannot be run for another reason.
    /// - Throws: `PostgresError`.
    package func refusal(ofQuery text: String) throws -> String? {
        do {
            let query = substituteAsOf(in: text, asOf)
            // Rows that are hidden are no lack of rights.
            try session.transaction(TransactionMode(isReadOnly: true).setting("row_security", "on")) { session in
                try session.pinTemporaryNames()
                try session.execute("select from (\(query)\n) as source limit 0")
            }
            return nil
        } catch let error as PostgresError where error.code == .server {
            // No row has been touched, so the message can name objects only.
            return error.sqlState == "42501" ? error.serverMessage ?? error.message : nil
        }
    }

    // MARK: Relations

    private func need(of source: MappedSource, relation: RelationName) throws -> Need? {
        try session.transaction(TransactionMode(isReadOnly: true)) { session in
            try session.pinTemporaryNames()
            // Of a name with a schema the relation is found without USAGE on it.
            let visible: Int64? =
                try relation.schema == nil
                ? session.execute(
                    "select pg_catalog.to_regclass($1)::pg_catalog.oid::bigint",
                    [.text(try session.escapeIdentifier(relation.name))]
                ).rows[0].getIfPresent(at: 0) : nil
            return try session.withPinnedNames { session in
                try need(of: source, relation: relation, visible: visible, session)
            }
        }
    }

    private func need(
        of source: MappedSource, relation: RelationName, visible: Int64?, _ session: Session
    ) throws -> Need? {
        let found = try session.execute(
            """
            select c.oid::bigint, n.nspname, c.relname, \(Self.isInvokersView("c"))
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where (c.oid = $3 or n.nspname = $1 and c.relname = $2) and c.relkind in ('r', 'p', 'v', 'm', 'f')
            """, [.textOrNull(relation.schema), .text(relation.name), .bigint(visible ?? 0)]
        ).rows.first
        guard let found else { return nil }
        let (oid, schema, name): (Int64, String, String) = (
            try found.get(at: 0), try found.get(at: 1), try found.get(at: 2)
        )
        let available = try session.execute(
            """
            select attname from pg_catalog.pg_attribute
            where attrelid = $1 and attnum > 0 and not attisdropped order by attnum
            """, [.bigint(oid)]
        ).rows.map { try $0.get(at: 0, as: String.self) }
        // By bytes, as PostgreSQL compares names.
        let columns = available.filter { column in
            source.columns.contains { $0.utf8.elementsEqual(column.utf8) }
                || source.patterns.contains { HoldingsStatement.matches(column, $0) }
        }
        var need = Need(
            key: source.key,
            rights: [.usage(onSchema: schema)] + Right.on(schema, name, "SELECT", columns: columns))
        if try found.get(at: 3) { try add(readsOfViews: [oid], to: &need, session) }
        return need
    }

    /// Whether a view reads with the rights of whoever selects from it.
    static func isInvokersView(_ alias: String) -> String {
        """
        (\(alias).relkind = 'v' and exists (
            select from pg_options_to_table(\(alias).reloptions) o
            where o.option_name = 'security_invoker' and o.option_value::boolean))
        """
    }

    // MARK: Queries

    /// What ends the transaction of the temporary view.
    private struct RolledBack: Error {
        let need: Need
    }

    private func need(ofQuery query: String, key: String) throws -> Need {
        do {
            return try session.transaction(.readWrite) { session -> Need in
                try session.pinTemporaryNames()
                // Names of columns need not differ in a query, but must in a view.
                try session.executeScript(
                    "create temporary view peerfolio_reads as select 1 as one from (\(query)\n) as source")
                throw RolledBack(
                    need: try session.withPinnedNames { session in
                        let oid: Int64 = try session.execute("select 'pg_temp.peerfolio_reads'::regclass::oid::bigint")
                            .rows[0].get(at: 0)
                        var need = Need(key: key, rights: [])
                        try add(readsOfViews: [oid], to: &need, session)
                        return need
                    })
            }
        } catch let end as RolledBack {
            return end.need
        } catch let error as PostgresError where error.code == .server {
            // No row has been touched, so the message can name objects only.
            return try need(ofNamesIn: query, key: key, problem: error.serverMessage ?? error.message)
        }
    }

    /// What a star may stand in without meaning a whole row.
    private static let literalsAndNames = #"E?'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*""#

    /// Adds what views read of others with the rights of whoever selects from them; names are pinned.
    private func add(readsOfViews views: [Int64], to need: inout Need, _ session: Session) throws {
        let reads = try session.execute(
            """
            with recursive views(oid) as (
                select v from unnest($1::bigint[]) as v
                union
                select d.refobjid::bigint
                from views v
                join pg_catalog.pg_rewrite r on r.ev_class = v.oid
                join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
                join pg_catalog.pg_class c on d.refclassid = 'pg_catalog.pg_class'::regclass and c.oid = d.refobjid
                where \(Self.isInvokersView("c"))
            ), reads as (
                select distinct d.refclassid, d.refobjid, d.refobjsubid
                from views v
                join pg_catalog.pg_rewrite r on r.ev_class = v.oid
                join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = r.oid
                where d.refobjid <> v.oid and d.refobjid >= 16384 -- What PostgreSQL brings along is open to all.
            ), whole as (
                -- That a whole row is used is not noted down; as text it has a star outside of literals and names.
                select bool_or(regexp_replace(pg_get_viewdef(v.oid::oid), $2, '', 'g') ~ '\\.\\*') as is_used
                from views v
            )
            select n.nspname, c.relname,
                   case when d.refobjsubid = 0
                        then (select f.attname from pg_catalog.pg_attribute f
                              where f.attrelid = c.oid and f.attnum > 0 and not f.attisdropped
                              order by f.attnum limit 1)
                        else a.attname end,
                   null, w.is_used
            from reads d
            join pg_catalog.pg_class c on d.refclassid = 'pg_catalog.pg_class'::regclass and c.oid = d.refobjid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
            cross join whole w
            where c.relkind in ('r', 'p', 'v', 'm', 'f')
            union all
            select n.nspname, p.proname, null, '(' || pg_get_function_identity_arguments(p.oid) || ')', false
            from reads d
            join pg_catalog.pg_proc p on d.refclassid = 'pg_catalog.pg_proc'::regclass and p.oid = d.refobjid
            join pg_catalog.pg_namespace n on n.oid = p.pronamespace
            order by 4 nulls first, 1, 2, 3
            """,
            [.text("{\(views.map(String.init).joined(separator: ","))}"), .text(Self.literalsAndNames)])
        for row in reads.rows {
            let (schema, name): (String, String) = (try row.get(at: 0), try row.get(at: 1))
            need.add(.usage(onSchema: schema))
            if let arguments: String = try row.getIfPresent(at: 3) {
                need.add(.execute(schema, name + arguments))
                need.add(note: "\(schema).\(name) is a function; what it reads itself is not looked into")
            } else if try row.get(at: 4) {
                for right in Right.on(schema, name, "SELECT") { need.add(right) }
                need.add(note: "whole rows are used, so all columns are needed")
            } else if let column: String = try row.getIfPresent(at: 2) {
                for right in Right.on(schema, name, "SELECT", columns: [column]) { need.add(right) }
            }
        }
    }

    /// The relations whose names stand in a query's text, with their schemas.
    private func need(ofNamesIn query: String, key: String, problem: String) throws -> Need {
        func escaped(_ column: String) -> String { "regexp_replace(\(column), '([^[:alnum:]_])', '\\\\\\1', 'g')" }
        let named = try session.withPinnedNames { session in
            try session.execute(
                """
                select n.nspname, c.relname
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p', 'v', 'm', 'f') and c.oid >= 16384
                  and $1 ~* ('\\m' || \(escaped("n.nspname")) || '"?\\s*\\.\\s*"?' || \(escaped("c.relname")) || '\\M')
                order by 1, 2
                """, [.text(query)])
        }
        var need = Need(key: key, rights: [], problem: problem)
        for row in named.rows {
            let (schema, name): (String, String) = (try row.get(at: 0), try row.get(at: 1))
            need.add(.usage(onSchema: schema))
            need.add(.anyColumn(of: schema, name, "SELECT"))
        }
        return need
    }
}

extension SourceRights.Need {
    fileprivate mutating func add(_ right: Right) {
        if !rights.contains(right) { rights.append(right) }
    }

    fileprivate mutating func add(note: String) {
        if !notes.contains(note) { notes.append(note) }
    }
}
