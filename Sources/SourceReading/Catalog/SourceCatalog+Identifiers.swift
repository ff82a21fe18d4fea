import Postgres

/// Whose id an id is.
enum Identified: Sendable {
    case client
    case product
}

extension SourceCatalog {
    /// The type with an OID, where it has the ids of clients or products told more exactly.
    func type(_ oid: UInt32, isID: Bool) throws -> ColumnType {
        let type = ColumnType(oid: oid)
        guard isID, type == .other else { return type }
        // An extension's type has another OID in each database.
        let rows = try session.withPinnedNames { session in
            try session.execute(
                "select typtype = 'e', typname = 'citext' from pg_type where oid = $1", [.bigint(Int64(oid))]
            ).rows
        }
        guard let row = rows.first else { return type }
        if try row.get(at: 0) { return .enumeration }
        return try row.get(at: 1) ? .citext : type
    }

    /// Finds out in which columns of ids the warehouse takes different texts for the same one: their type or their collation
    /// compares them so.
    ///
    /// The collation of a column, be it of a query, a domain or a view, is known to whoever selects it, and to nobody else.
    func addEqualities(to columns: inout [SourceColumn?], from source: SourceRelation) throws {
        for index in columns.indices where columns[index]?.type == .citext { columns[index]?.equality = "citext" }
        let texts = columns.indices.filter { columns[$0]?.identifies != nil && columns[$0]?.type.isText == true }
        guard checksRights, !texts.isEmpty else { return }
        let names = texts.compactMap { columns[$0]?.quotedName }.enumerated().map { "\($1) as id_\($0)" }
        let collations = texts.indices.map { place in
            """
            (select c.collname::pg_catalog.text from pg_catalog.pg_collation c \
            where c.oid = pg_catalog.to_regcollation(pg_catalog.pg_collation_for(source.id_\(place))) \
            and not c.collisdeterministic)
            """
        }
        // One row, of no row of the source.
        let row = try session.execute(
            """
            select \(collations.joined(separator: ", "))
            from (select 1) as one
            left join (select \(names.joined(separator: ", ")) from \(try fromClause(source)) limit 0) as source on true
            """
        ).rows.first
        for (place, index) in texts.enumerated() {
            let collation: String? = try row?.getIfPresent(at: place)
            columns[index]?.equality = collation.map { "collation \"\($0)\"" }
        }
    }
}

extension SourceError {
    /// The error about columns of ids in which the warehouse takes different texts for the same one; nil without any.
    ///
    /// Bytes are what is compared here, so that those would be several clients or products.
    init?(unequalIDs columns: [SourceColumn]) {
        guard let first = columns.first else { return nil }
        let list = columns.map { "\($0.key): \"\($0.name)\" (\($0.equality ?? ""))" }
        self.init(
            .type, key: first.key,
            "in the warehouse, different texts are the same id in \(list.joined(separator: ", "));"
                + " they would be several here: map one text for all of them in queries, such as"
                + " lower(\(first.quotedName))::text as \(first.quotedName)")
    }
}
