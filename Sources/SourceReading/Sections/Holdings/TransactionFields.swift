/// The columns that only transactions have.
struct TransactionFields: Sendable {
    /// Whether a row has no day; nil where rows have none.
    let isUndated: Field<Bool>?
    /// The word that says whether it adds or takes away; nil where amounts have a sign.
    let side: Field<UnsafeRawBufferPointer>?
    /// What the words mean.
    let words: HoldingsMapping.Side?

    /// Nil where rows are no transactions.
    ///
    /// - Parameters:
    ///   - mapping: What is mapped.
    ///   - list: Gets the columns.
    init?(_ mapping: HoldingsMapping, _ list: inout FieldList) {
        guard case .transactions(let side) = mapping.kind else { return nil }
        if case .trades(let column) = mapping.dating {
            isUndated = list.add(column, key: "holdings.trade_date", .isUndated)
        } else {
            isUndated = nil
        }
        words = side
        self.side = side.map { list.add($0.column, key: "holdings.side", .text) }
    }
}
