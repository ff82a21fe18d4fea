import Holdings
import Postgres

/// The columns of the holdings, and the statement that reads them.
///
/// Their ids have the types that all other sections must have, so they are looked up first.
struct HoldingsStatement {
    /// How rows are dated.
    private enum Dating {
        case undated
        case snapshot(Condition, window: Duration)
        case validity(from: Condition, to: Condition, isInclusive: Bool)
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
        client = fields.add(mapping.client, key: "holdings.client", .id(.client))
        switch mapping.layout {
        case .long(let product, let amount):
            self.product = fields.add(product, key: "holdings.product", .id(.product))
            self.amount = amount.map { fields.add($0, key: "holdings.amount", .amount) }
            productPatterns = []
        case .wide(let products):
            (product, amount, productPatterns) = (nil, nil, products)
        }
        transaction = TransactionFields(mapping, &fields)
        dating =
            switch mapping.dating {
            case .undated: .undated
            case .snapshot(let column, let window):
                .snapshot(fields.addCondition(column, key: "holdings.as_of", .day), window: window)
            case .validity(let from, let to, let isInclusive):
                .validity(
                    from: fields.addCondition(from, key: "holdings.valid_from", .day),
                    to: fields.addCondition(to, key: "holdings.valid_to", .day), isInclusive: isInclusive)
            case .trades(let column): .trades(fields.addCondition(column, key: "holdings.trade_date", .day))
            }
        self.fields = fields
    }

    /// What is read.
    var source: MappedSource {
        MappedSource(key: "holdings", source: mapping.source, columns: fields.names, patterns: productPatterns)
    }

    /// Writes the statement, without the condition on dates: which rows count is looked up when they are read.
    ///
    /// - Parameters:
    ///   - catalog: Where columns are looked up.
    ///   - isToday: Whether the day that is asked for is today.
    ///   - checksDates: Whether to look for what is odd about the dates when rows are read.
    /// - Returns: What will read the holdings, and the types of their ids.
    /// - Throws: `SourceError` that names the configuration key; `PostgresError`.
    func collector(
        _ catalog: SourceCatalog, isToday: Bool, checksDates: Bool = true
    ) throws -> (collector: any SectionCollector, idTypes: IdentifierTypes) {
        var fields = fields
        let names = try productPatterns.isEmpty ? [] : productNames(catalog)
        let amounts = names.map { fields.add($0, key: "holdings.products", .amount) }
        let query = try catalog.query(fields, of: mapping.source, key: "holdings", nil)
        // Of another type no id could be read.
        let idTypes = IdentifierTypes(
            client: query.type(of: client).identifierType ?? .text,
            product: product.flatMap { query.type(of: $0).identifierType } ?? .text)
        let amount = amount.map { AmountColumn($0, in: query) }
        let rows = HoldingsRows(
            minAmount: mapping.minAmount, form: amount?.form ?? .decimal,
            dates: try dates(query, idTypes, catalog, areChecked: checksDates),
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

    /// What will tell which rows count.
    private func dates(
        _ query: SourceQuery, _ idTypes: IdentifierTypes, _ catalog: SourceCatalog, areChecked: Bool
    ) throws -> HoldingsDates {
        let from = try catalog.fromClause(mapping.source)
        let keys = try keyColumns(query, idTypes, catalog)
        let dating: HoldingsDates.Dating
        switch self.dating {
        case .undated: dating = .undated
        case .snapshot(let column, let window):
            dating = .snapshot(
                SnapshotSearch(
                    column: try query.days(of: column, catalog), window: window, asOf: catalog.asOf, from: from,
                    keys: keys, comparesLoads: areChecked))
        case .validity(let validFrom, let validTo, let isInclusive):
            let ends = VersionEnds(
                validFrom: try query.days(of: validFrom, catalog), validTo: try query.days(of: validTo, catalog),
                from: from, keys: keys,
                hasClientIndex: try areChecked
                    && catalog.hasIndex(on: mapping.client, of: mapping.source, key: "holdings"))
            dating = .validity(
                ends,
                condition: ends.validFrom.hasBegun(by: catalog.asOf) + " and "
                    + ends.validTo.lasts(beyond: catalog.asOf, isInclusive: isInclusive),
                isInclusive: isInclusive)
        case .trades(let column):
            // Those without a day come as well, to be counted.
            let days = try query.days(of: column, catalog)
            dating = .trades(days, from: from, condition: days.hasBegun(by: catalog.asOf))
        }
        return HoldingsDates(dating: dating, areChecked: areChecked)
    }

    private func keyColumns(
        _ query: SourceQuery, _ idTypes: IdentifierTypes, _ catalog: SourceCatalog
    ) throws -> HoldingsKeyColumns {
        func key<Value>(_ field: Field<Value>, _ type: IdentifierType) -> String {
            query.expression(of: field) + (type == .text ? " collate \"C\"" : "")
        }
        return HoldingsKeyColumns(
            client: key(client, idTypes.client), product: product.map { key($0, idTypes.product) },
            clientColumn: try catalog.session.escapeIdentifier(mapping.client))
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
