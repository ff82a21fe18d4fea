public import Postgres

/// The relations of a warehouse that a role may read, with what their names, types and keys tell.
///
/// One read-only transaction over the catalog; no data is looked at.
public struct WarehouseSurvey: Sendable {
    /// A column that may be read.
    package struct Column: Sendable, Hashable {
        /// The column's name.
        package let name: String
        /// The base type.
        let type: ColumnType
        /// Whether it is a key by itself.
        let isUnique: Bool
        /// Whether it is part of the primary key.
        let isInPrimaryKey: Bool
        /// The relation that a foreign key of this column alone refers to.
        let referencedOID: Int64?

        var isID: Bool { type.identifierType != nil }
    }

    /// A relation.
    package struct Relation: Sendable, Hashable {
        let oid: Int64
        /// The relation's name.
        package let name: RelationName
        /// Rows, as the planner estimates them; -1 when it does not know.
        let rowEstimate: Double
        var columns: [Column]
    }

    /// In the order of their names.
    let relations: [Relation]

    /// Looks at everything that the session's role may read.
    public init(_ session: Session) throws {
        let rows = try session.transaction(.consistentRead.pinningNames) { session in
            try session.execute(
                """
                select c.oid::bigint, n.nspname, c.relname, c.reltuples::double precision, a.attname,
                       coalesce(nullif(t.typbasetype, 0), t.oid)::bigint,
                       coalesce((select bool_or(i.indisunique and i.indnkeyatts = 1 and i.indkey[0] = a.attnum
                                                and i.indpred is null)
                                 from pg_catalog.pg_index i where i.indrelid = c.oid), false),
                       coalesce((select a.attnum = any (i.indkey) from pg_catalog.pg_index i
                                 where i.indrelid = c.oid and i.indisprimary), false),
                       (select min(k.confrelid::bigint) from pg_catalog.pg_constraint k
                        where k.conrelid = c.oid and k.contype = 'f' and k.conkey = array[a.attnum])
                from pg_catalog.pg_class c
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                join pg_catalog.pg_type t on t.oid = a.atttypid
                where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
                  and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'peerfolio', 'peerfolio_bi')
                  and has_schema_privilege(n.oid, 'USAGE') and has_column_privilege(c.oid, a.attnum, 'SELECT')
                order by n.nspname, c.relname, a.attnum
                """
            ).rows
        }
        var relations: [Relation] = []
        for row in rows {
            let oid: Int64 = try row.get(at: 0)
            if relations.last?.oid != oid {
                guard
                    let name = try? RelationName(
                        schema: try row.get(at: 1, as: String.self), name: try row.get(at: 2, as: String.self))
                else { continue }
                relations.append(Relation(oid: oid, name: name, rowEstimate: try row.get(at: 3), columns: []))
            }
            relations[relations.count - 1].columns.append(
                Column(
                    name: try row.get(at: 4), type: ColumnType(oid: UInt32(try row.get(at: 5, as: Int64.self))),
                    isUnique: try row.get(at: 6), isInPrimaryKey: try row.get(at: 7),
                    referencedOID: try row.getIfPresent(at: 8)))
        }
        self.relations = relations
    }
}
