import Holdings

/// The columns of the holdings, and the statement that reads them.
///
/// Their ids have the types that all other sections must have, so they are looked up first.
struct HoldingsStatement {
    /// How rows are dated.
    private enum Dating {
        case undated
        case snapshot(Condition)
        case validity(from: Condition, to: Condition)
        case trades(Condition)
    }

    private let mapping: HoldingsMapping
    private let fields: FieldList
    private let client: Field<UnsafeRawBufferPointer>
    /// Nil where each product has a column.
    private let product: Field<UnsafeRawBufferPointer>?
    /// Nil where every row counts as the amount 1, and where each product has a column.
    private let amount: Field<Amount>?
    private let productPatterns: [String]
    private let dating: Dating
    /// Nil where rows are no transactions.
    private let transaction: TransactionFields?

    init(_ mapping: HoldingsMapping) {
        self.mapping = mapping
        var fields = FieldList()
        client = fields.add(mapping.client, key: "holdings.client", .id(\.client))
        switch mapping.layout {
        case .long(let product, let amount):
            self.product = fields.add(product, key: "holdings.product", .id(\.product))
            self.amount = amount.map { fields.add($0, key: "holdings.amount", .amount) }
            productPatterns = []
        case .wide(let products):
            (product, amount, productPatterns) = (nil, nil, products)
        }
        transaction = TransactionFields(mapping, &fields)
        dating =
            switch mapping.dating {
            case .undated: .undated
            case .snapshot(let column): .snapshot(fields.addCondition(column, key: "holdings.as_of", .day))
            case .validity(let from, let to):
                .validity(
                    from: fields.addCondition(from, key: "holdings.valid_from", .day),
                    to: fields.addCondition(to, key: "holdings.valid_to", .day))
            case .trades(let column): .trades(fields.addCondition(column, key: "holdings.trade_date", .day))
            }
        self.fields = fields
    }

    /// What is read.
    var source: MappedSource {
        MappedSource(key: "holdings", source: mapping.source, columns: fields.names, patterns: productPatterns)
    }

    /// Writes the statement.
    ///
    /// - Parameters:
    ///   - catalog: Where columns are looked up.
    ///   - isToday: Whether the day that is asked for is today.
    /// - Returns: What will read the holdings, and the types of their ids.
    /// - Throws: `SourceError` that names the configuration key; `PostgresError`.
    func collector(
        _ catalog: SourceCatalog, isToday: Bool
    ) throws -> (collector: any SectionCollector, idTypes: IdentifierTypes) {
        var fields = fields
        let names = try productPatterns.isEmpty ? [] : productNames(catalog)
        let amounts = names.map { fields.add($0, key: "holdings.products", .amount) }
        var query = try catalog.query(fields, of: mapping.source, key: "holdings", nil)
        // Of another type no id could be read.
        let idTypes = IdentifierTypes(
            client: query.type(of: client).identifierType ?? .text,
            product: product.flatMap { query.type(of: $0).identifierType } ?? .text)
        let (condition, snapshotDate) = try datedBy(query, catalog)
        query.text += condition
        let amount = amount.map { AmountColumn($0, in: query) }
        let rows = HoldingsRows(
            minAmount: mapping.minAmount, form: amount?.form ?? .decimal, snapshotDateQuery: snapshotDate,
            ignoresAsOf: !isToday && !mapping.isDated, areTransactions: transaction != nil)
        let collector: any SectionCollector =
            if let product, let transaction {
                TransactionsCollector(
                    query: query, client: client, product: product, amount: amount, fields: transaction, rows: rows)
            } else if let product {
                HoldingsCollector(query: query, client: client, product: product, amount: amount, rows: rows)
            } else {
                WideHoldingsCollector(
                    query: query, client: client, amounts: amounts.map { AmountColumn($0, in: query) }, names: names,
                    rows: rows)
            }
        return (collector, idTypes)
    }

    /// The condition on dates, and the statement that tells which snapshot fulfills it.
    private func datedBy(
        _ query: SourceQuery, _ catalog: SourceCatalog
    ) throws -> (condition: String, snapshotDateQuery: String?) {
        let asOf = catalog.asOf.sqlLiteral
        switch dating {
        case .undated: return ("", nil)
        case .snapshot(let column):
            let date = query.expression(of: column)
            let latest = "from \(try catalog.fromClause(mapping.source)) where \(date) <= \(asOf)"
            return (" where \(date) = (select max(\(date)) \(latest))", "select max(\(date))::text \(latest)")
        case .trades(let column):
            // Those without a day come as well, to be counted.
            let day = query.expression(of: column)
            return (" where (\(day) is null or \(day) <= \(asOf))", nil)
        case .validity(let from, let to):
            let (from, to) = (query.expression(of: from), query.expression(of: to))
            return (" where (\(from) is null or \(from) <= \(asOf)) and (\(to) is null or \(to) > \(asOf))", nil)
        }
    }

    /// The columns that the patterns of a wide relation stand for, in the relation's order, each once; never the key or
    /// a date.
    private func productNames(_ catalog: SourceCatalog) throws -> [String] {
        let others = fields.names.map { Array($0.utf8) }
        let columns = try catalog.columnNames(of: mapping.source, key: "holdings")
            .filter { !others.contains(Array($0.utf8)) }
        for pattern in productPatterns where !columns.contains(where: { Self.matches($0, pattern) }) {
            throw SourceError(
                .column, key: "holdings.products",
                "\"\(pattern)\" matches no column of \(catalog.describe(mapping.source))"
                    + (Spelling.nearest(to: pattern, in: columns).map { "; did you mean \"\($0)\"?" } ?? ""))
        }
        return columns.filter { column in productPatterns.contains { Self.matches(column, $0) } }
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
