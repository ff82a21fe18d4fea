import Holdings
public import Postgres

/// The relations of a warehouse that a role may read, with what their names, types and keys tell.
///
/// One read-only transaction over the catalog; no data is looked at.
public struct WarehouseSurvey: Sendable {
    /// A column that may be read.
    package struct Column: Sendable, Hashable {
        /// The column's name.
        package let name: String
        /// The name as SQL writes it, quoted where it must be.
        let sql: String
        /// The base type, of domains over domains as well.
        let type: ColumnType
        /// Whether its values are numeric and whole, by its type.
        let isWholeNumeric: Bool
        /// The relation that a foreign key of this column alone refers to.
        let referencedOID: Int64?

        /// Whether ids can have its type; of numeric, their values must be whole.
        var isID: Bool { type.identifierType != nil }
        /// Whether its values are words: texts or those of an enumeration.
        var isWord: Bool { type.isText || type == .citext || type == .enumeration }
        /// Whether an amount can have its type.
        var isAmount: Bool { type.isNumber || type == .money || type == .boolean }
        /// Whether its ids can be read as those of a column of holdings are.
        func isReadAs(_ held: Column) -> Bool {
            guard let own = type.identifierType, let expected = held.type.identifierType else { return false }
            return own == expected || own == .bigint && expected == .numeric
        }
    }

    /// A relation.
    package struct Relation: Sendable, Hashable {
        let oid: Int64
        /// The relation's name.
        package let name: RelationName
        /// The name as SQL writes it.
        let sql: String
        /// Whether rows can be sampled by their place: a table, its partitions or a materialized view.
        let isTable: Bool
        /// Whether it is a view, which has no keys.
        let isView: Bool
        /// The columns of the primary key and of each unique index.
        let keys: [[String]]
        var columns: [Column]

        /// Whether a column is a key by itself.
        func isUnique(_ column: Column) -> Bool { keys.contains([column.name]) }
        /// Whether a column is in a key.
        func isInKey(_ column: Column) -> Bool { keys.contains { $0.contains(column.name) } }
        /// The column of a name.
        subscript(name: String) -> Column? { columns.first { $0.name == name } }
    }

    /// In the order of their names.
    let relations: [Relation]
    /// Relations of which the role may read nothing.
    let unreadable: [RelationName]

    /// The relation that a column's foreign key refers to, if it may be read.
    func referenced(by column: Column) -> Relation? {
        column.referencedOID.flatMap { oid in relations.first { $0.oid == oid } }
    }

    /// Looks at everything that the session's role may read.
    public init(_ session: Session) throws {
        let (columns, keys) = try session.transaction(.consistentRead.pinningNames) { session in
            (try session.execute(Self.columnsQuery).rows, try session.execute(Self.keysQuery).rows)
        }
        var keysOf: [Int64: [[String]]] = [:]
        for row in keys {
            let names: String = try row.get(at: 1)
            keysOf[try row.get(at: 0), default: []].append(names.split(separator: "\u{1F}").map(String.init))
        }
        var (relations, unreadable): ([Relation], [RelationName]) = ([], [])
        for row in columns {
            let oid: Int64 = try row.get(at: 0)
            if relations.last?.oid != oid {
                guard
                    let name = try? RelationName(
                        schema: try row.get(at: 1, as: String.self), name: try row.get(at: 2, as: String.self))
                else { continue }
                guard try row.get(at: 5) else {
                    if unreadable.last != name { unreadable.append(name) }
                    continue
                }
                let kind: String = try row.get(at: 4)
                relations.append(
                    Relation(
                        oid: oid, name: name, sql: try row.get(at: 3), isTable: "rpm".contains(kind),
                        isView: kind == "v",
                        keys: keysOf[oid] ?? [], columns: []))
            }
            guard try row.get(at: 5) else { continue }
            relations[relations.count - 1].columns.append(try Self.column(row))
        }
        self.relations = relations
        let readable = Set(relations.map(\.name))
        self.unreadable = unreadable.filter { !readable.contains($0) }
    }

    private static func column(_ row: PostgresRow) throws -> Column {
        let kind: String? = try row.getIfPresent(at: 10)
        let type: ColumnType =
            switch kind {
            case "enumeration": .enumeration
            case "citext": .citext
            default: ColumnType(oid: UInt32(try row.get(at: 8, as: Int64.self)))
            }
        let modifier: Int = try row.get(at: 9)
        // Scale 0, whatever the precision.
        let isWhole = type == .numeric && modifier >= 4 && (modifier - 4) & 0x7FF == 0
        return Column(
            name: try row.get(at: 6), sql: try row.get(at: 7), type: type, isWholeNumeric: isWhole,
            referencedOID: try row.getIfPresent(at: 11))
    }

    private static let columnsQuery = """
        with recursive base(oid, base, modifier) as (
            select oid, oid, -1 from pg_catalog.pg_type where typtype <> 'd'
            union all
            select d.oid, b.base, case when d.typtypmod <> -1 then d.typtypmod else b.modifier end
            from pg_catalog.pg_type d join base b on b.oid = d.typbasetype where d.typtype = 'd'
        )
        select c.oid::bigint, n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind,
               has_schema_privilege(n.oid, 'USAGE') and has_column_privilege(c.oid, a.attnum, 'SELECT'),
               a.attname, quote_ident(a.attname), b.base::bigint,
               case when a.atttypmod <> -1 then a.atttypmod else b.modifier end,
               (select case when t.typtype = 'e' then 'enumeration' when t.typname = 'citext' then 'citext' end
                from pg_catalog.pg_type t where t.oid = b.base),
               (select min(k.confrelid::bigint) from pg_catalog.pg_constraint k
                where k.conrelid = c.oid and k.contype = 'f' and k.conkey = array[a.attnum])
        from pg_catalog.pg_class c
        join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        join base b on b.oid = a.atttypid
        where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
          and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'peerfolio', 'peerfolio_bi')
        order by n.nspname, c.relname, c.oid, a.attnum
        """

    private static let keysQuery = """
        select i.indrelid::bigint,
               (select string_agg(a.attname, E'\\x1f' order by k.place)
                from unnest(i.indkey::int2[]) with ordinality k(attnum, place)
                join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                where k.place <= i.indnkeyatts)
        from pg_catalog.pg_index i
        join pg_catalog.pg_class c on c.oid = i.indrelid
        where i.indisunique and i.indpred is null and i.indexprs is null and c.relkind in ('r', 'p', 'm')
          and c.relnamespace <> 'pg_catalog'::regnamespace and c.relnamespace::regnamespace::text !~ '^(pg_toast|information_schema)'
        order by i.indrelid, not i.indisprimary, i.indexrelid
        """
}
