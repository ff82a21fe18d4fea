import Scheduling
import SourceReading

/// Where the warehouse keeps holdings.
package struct HoldingsKeys: KeySection {
    /// What rows can be.
    enum Kind: String, CaseIterable {
        case positions
        case transactions
    }

    let relation = Key("holdings.relation", .relation, "Relation with the holdings, `schema.name`.")
    let query = Key("holdings.query", .query, "Or any `SELECT` of the holdings; may use `:as_of`.")
    let kind = Key(
        "holdings.kind", .choice(Kind.self),
        "What rows are: `positions`, also without this key, or `transactions`, which are summed up to the day.")
    let client = Key("holdings.client", .name, "Column with the client's id.")
    let product = Key("holdings.product", .name, "Long layout: column with the product's id.")
    let amount = Key(
        "holdings.amount", .name, "Long layout: column with the amount; without it every row counts as 1.")
    let products = Key(
        "holdings.products", .names, "Wide layout: columns of amounts, one per product; `*` stands for any text.")
    let asOf = Key("holdings.as_of", .name, "Column with the date or the time of a snapshot.")
    let asOfWindow = Key(
        "holdings.as_of_window", .duration, default: .hours(1), recordsDefault: false,
        "Where `as_of` has times: rows that are less than this older than the latest belong to the same load.")
    let validFrom = Key("holdings.valid_from", .name, "Column with the first day on which a row is valid.")
    let validTo = Key("holdings.valid_to", .name, "Column with the first day on which a row is no longer valid.")
    let validToInclusive = Key(
        "holdings.valid_to_inclusive", .boolean, default: false, recordsDefault: false,
        "Whether `valid_to` is the last day on which a row is valid instead.")
    let tradeDate = Key("holdings.trade_date", .name, "Transactions: column with the day of each.")
    let side = Key(
        "holdings.side", .name,
        "Transactions: column with a word that says whether the amount adds; without it amounts have a sign.")
    let buy = Key("holdings.sides.buy", .words, "Words in `holdings.side` that add; case does not matter.")
    let sell = Key("holdings.sides.sell", .words, "Words in `holdings.side` that take away.")
    let timeZone = Key(
        "holdings.time_zone", .timeZone, changes: .result,
        "Whose days count, for the dates above and today; `schedule.time_zone` unless set.")
    let minAmount = Key(
        "holdings.min_amount", .number(atLeast: 0), default: 0, "A product is held when the summed amount is greater.")

    package var changes: KeyEffect { .scores }
}

extension HoldingsMapping {
    /// - Throws: `ConfigurationError` for missing keys and for keys that exclude each other.
    init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        self.init(
            source: try settings.source(keys.relation, keys.query),
            client: try settings.required(keys.client),
            layout: try Layout(settings),
            dating: try Dating(settings),
            kind: try Kind(settings),
            minAmount: settings[keys.minAmount],
            timeZone: (settings[keys.timeZone] ?? settings.scheduling.timeZone).zoneName
        )
    }
}

extension HoldingsMapping.Layout {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        guard let products = settings[keys.products] else {
            guard let product = settings[keys.product] else {
                throw settings.missing(
                    keys.product,
                    "name the column with the product, or the columns of a wide relation in \(keys.products.path)")
            }
            self = .long(product: product, amount: settings[keys.amount])
            return
        }
        for key in [keys.product, keys.amount] {
            try settings.refuse(
                key, together: keys.products, "one row per product and one column per product exclude each other")
        }
        self = .wide(products: products)
    }
}

extension HoldingsMapping.Dating {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        for key in [keys.asOf, keys.validFrom, keys.validTo, keys.tradeDate] {
            try settings.refuse(
                key, together: keys.query, "a query is dated by using :as_of in it; date columns need a relation")
        }
        for key in [keys.validFrom, keys.validTo] {
            try settings.refuse(
                key, together: keys.asOf, "rows have the date of a snapshot or a period of validity, not both")
        }
        if settings.isSet(keys.asOfWindow), settings[keys.asOf] == nil {
            throw settings.conflict(keys.asOfWindow, "is about the times of snapshots; map \(keys.asOf.path) as well")
        }
        if settings[keys.validToInclusive], settings[keys.validTo] == nil {
            throw settings.conflict(
                keys.validToInclusive, "is about the end of a period; map \(keys.validTo.path) as well")
        }
        if settings[keys.kind] == .transactions {
            self = try Self.trades(settings)
            return
        }
        let incomplete = "a period of validity needs both its columns"
        switch (settings[keys.validFrom], settings[keys.validTo]) {
        case (let from?, let to?):
            self = .validity(from: from, to: to, isInclusive: settings[keys.validToInclusive])
        case (_?, nil): throw settings.missing(keys.validTo, incomplete)
        case (nil, _?): throw settings.missing(keys.validFrom, incomplete)
        case (nil, nil):
            self = settings[keys.asOf].map { .snapshot(column: $0, window: settings[keys.asOfWindow]) } ?? .undated
        }
    }

    private static func trades(_ settings: ConfigurationSettings) throws(ConfigurationError) -> Self {
        let keys = settings.holdings.keys
        for key in [keys.asOf, keys.validFrom, keys.validTo] {
            try settings.refuse(
                key, together: keys.kind, "transactions count up to their day, which is in \(keys.tradeDate.path)")
        }
        if let column = settings[keys.tradeDate] { return .trades(column: column) }
        guard settings.isSet(keys.query) else {
            throw settings.missing(keys.tradeDate, "name the column with the day of each transaction")
        }
        return .undated
    }
}

extension HoldingsMapping.Kind {
    fileprivate init(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        guard settings[keys.kind] == .transactions else {
            let all: [any AnyKey] = [keys.tradeDate, keys.side, keys.buy, keys.sell]
            if let key = all.first(where: settings.isSet) {
                throw settings.conflict(
                    key, "belongs to transactions: set \(keys.kind.path) to transactions, or leave it out")
            }
            self = .positions
            return
        }
        try settings.refuse(
            keys.products, together: keys.kind, "a transaction has one product: name its column in \(keys.product.path)"
        )
        let side = try HoldingsMapping.Side(settings)
        guard side != nil || settings.isSet(keys.amount) else {
            throw settings.missing(
                keys.amount,
                "name the column with the signed amount of each transaction, or the column in \(keys.side.path) that"
                    + " says whether it adds")
        }
        self = .transactions(side)
    }
}

extension HoldingsMapping.Side {
    /// Nil where amounts have a sign.
    fileprivate init?(_ settings: ConfigurationSettings) throws(ConfigurationError) {
        let keys = settings.holdings.keys
        guard let column = settings[keys.side] else {
            for key in [keys.buy, keys.sell] where settings.isSet(key) {
                throw settings.missing(keys.side, "name the column that has the words of \(key.path)")
            }
            return nil
        }
        guard let buy = settings[keys.buy] else {
            throw settings.missing(keys.buy, "list the words in \(keys.side.path) that add")
        }
        guard let sell = settings[keys.sell] else {
            throw settings.missing(keys.sell, "list the words in \(keys.side.path) that take away")
        }
        let bought = Set(buy.map(Self.folded))
        guard bought.isDisjoint(with: sell.map(Self.folded)) else {
            throw settings.conflict(
                keys.sell,
                "has a word that is in \(keys.buy.path) as well; neither case nor white space around it matters")
        }
        self.init(column: column, buy: buy, sell: sell)
    }
}
