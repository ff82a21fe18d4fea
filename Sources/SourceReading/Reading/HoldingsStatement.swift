import Holdings
import Postgres

/// The statement that reads holdings, written from their mapping.
struct HoldingsStatement {
    let clientType: IdentifierType
    let productType: IdentifierType
    let layout: SourcePlan.HoldingsLayout
    let query: String
    let snapshotDateQuery: String?

    /// - Throws: `SourceError` that names the configuration key; `PostgresError`.
    init(_ mapping: HoldingsMapping, _ catalog: SourceCatalog) throws {
        let session = catalog.session
        let from = try catalog.fromClause(mapping.source)
        let client = try session.escapeIdentifier(mapping.client)

        var wanted = [(name: mapping.client, key: "client")]
        let productNames: [String]
        switch mapping.layout {
        case .long(let product, let amount):
            wanted.append((product, "product"))
            if let amount { wanted.append((amount, "amount")) }
            productNames = []
        case .wide(let patterns):
            productNames = try Self.expand(patterns, mapping, catalog)
            wanted.append(contentsOf: productNames.map { ($0, "products") })
        }
        let dating = Self.datingColumns(mapping.dating)
        let types = try catalog.columns(of: mapping.source, key: "holdings", wanted: wanted + dating)

        let select: String
        clientType = try Self.identifierType(types[0], mapping.client, key: "holdings.client")
        switch mapping.layout {
        case .long(let product, let amount):
            productType = try Self.identifierType(types[1], product, key: "holdings.product")
            layout = .long(hasAmount: amount != nil)
            let amountColumn = try amount.map { name in
                ", " + (try Self.amount(name, types[2], key: "holdings.amount", session))
            }
            select = """
                select \(client)::\(clientType.rawValue), \(try session.escapeIdentifier(product))::\
                \(productType.rawValue)\(amountColumn ?? "") from \(from)
                """
        case .wide:
            productType = .text
            layout = .wide(products: productNames)
            let amounts = try zip(productNames, types.dropFirst()).map { name, type in
                try Self.amount(name, type, key: "holdings.products", session)
            }
            select = "select \(client)::\(clientType.rawValue), \(amounts.joined(separator: ", ")) from \(from)"
        }

        let datingTypes = types.suffix(dating.count)
        for (column, type) in zip(dating, datingTypes) where ![1082, 1114, 1184].contains(type) {
            throw SourceError(
                .type, key: "holdings.\(column.key)",
                "the column \"\(column.name)\" must be a date or a timestamp")
        }
        let columns = try zip(dating, datingTypes).map { column, type in
            // A timestamp counts for its day; a date is left as it is, so that an index on it serves.
            try session.escapeIdentifier(column.name) + (type == 1082 ? "" : "::date")
        }
        switch mapping.dating {
        case .undated:
            snapshotDateQuery = nil
            query = select
        case .snapshot:
            snapshotDateQuery =
                "select max(\(columns[0]))::text from \(from) where \(columns[0]) <= \(catalog.asOf.sqlLiteral)"
            query =
                select + """
                     where \(columns[0]) = (select max(\(columns[0])) from \(from) \
                    where \(columns[0]) <= \(catalog.asOf.sqlLiteral))
                    """
        case .validity:
            snapshotDateQuery = nil
            let day = catalog.asOf.sqlLiteral
            query =
                select + """
                     where (\(columns[0]) is null or \(columns[0]) <= \(day)) \
                    and (\(columns[1]) is null or \(columns[1]) > \(day))
                    """
        }
    }

    private static func datingColumns(_ dating: HoldingsMapping.Dating) -> [(name: String, key: String)] {
        switch dating {
        case .undated: []
        case .snapshot(let column): [(column, "as_of")]
        case .validity(let from, let to): [(from, "valid_from"), (to, "valid_to")]
        }
    }

    private static func identifierType(_ typeOID: UInt32, _ column: String, key: String) throws -> IdentifierType {
        guard let type = IdentifierType(typeOID: typeOID) else {
            throw SourceError(
                .type, key: key,
                "the column \"\(column)\" has a type that ids cannot have; map a column of type bigint, integer,"
                    + " text, varchar or uuid, or cast it in holdings.query")
        }
        return type
    }

    /// The expression that reads an amount as double precision without ever failing on a value.
    static func amount(
        _ column: String, _ typeOID: UInt32, key: String, _ session: Session
    ) throws -> String {
        let name = try session.escapeIdentifier(column)
        switch typeOID {
        case 20, 21, 23, 700, 701:
            return "\(name)::double precision"
        case 16:
            return "\(name)::integer::double precision"
        case 1700, 790:
            // numeric reaches far beyond double precision, and the cast would end the whole COPY: such amounts are
            // read as infinite, which is a finding.
            let number = typeOID == 790 ? "\(name)::numeric" : name
            return """
                case when \(number) = 'NaN' then 'NaN' \
                when abs(\(number)) > 1.7976931348623157e308 then sign(\(number))::double precision * 'Infinity'::double precision \
                when \(number) <> 0::numeric and abs(\(number)) < 2.3e-308 then 'Infinity' \
                else \(number)::double precision end
                """
        default:
            throw SourceError(
                .type, key: key,
                "the column \"\(column)\" must be a number or a boolean; map another column, or cast it in holdings.query"
            )
        }
    }

    /// The columns that the patterns of a wide relation stand for, in the relation's order, each once; never the key or
    /// a date.
    private static func expand(
        _ patterns: [String], _ mapping: HoldingsMapping, _ catalog: SourceCatalog
    ) throws -> [String] {
        let others = ([mapping.client] + datingColumns(mapping.dating).map(\.name)).map { Array($0.utf8) }
        let columns = try catalog.columnNames(of: mapping.source, key: "holdings")
            .filter { !others.contains(Array($0.utf8)) }
        for pattern in patterns where !columns.contains(where: { matches($0, pattern) }) {
            throw SourceError(
                .column, key: "holdings.products",
                "\"\(pattern)\" matches no column of \(catalog.describe(mapping.source))"
                    + (Spelling.nearest(to: pattern, in: columns).map { "; did you mean \"\($0)\"?" } ?? ""))
        }
        return columns.filter { column in patterns.contains { matches(column, $0) } }
    }

    /// Whether a name matches a pattern in which `*` stands for any characters, none included.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map { Array($0.utf8) }
        guard parts.count > 1 else { return Array(name.utf8) == parts[0] }
        var rest = Array(name.utf8)[...]
        guard rest.starts(with: parts[0]) else { return false }
        rest = rest.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() {
            guard let start = rest.indices.first(where: { rest[$0...].starts(with: part) }) else { return false }
            rest = rest[(start + part.count)...]
        }
        let last = parts[parts.count - 1]
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }
}
