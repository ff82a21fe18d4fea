import Holdings

extension SourceInput.Draft {
    /// Adds what is odd about the holdings.
    ///
    /// - Parameters:
    ///   - rowCount: Rows as they came.
    ///   - areTransactions: Whether they say what was bought and sold: of these, several for a pair and amounts below 0
    ///     are nothing odd.
    mutating func addHoldingsFindings(rowCount: Int, areTransactions: Bool) {
        addSize(rowCount)
        add(.nullAmount, .warning, quality.nullAmounts, "rows without an amount were set aside")
        add(.nanAmount, .warning, quality.notANumberAmounts, "rows whose amount is NaN were set aside")
        add(
            .infiniteAmount, .warning, quality.infiniteAmounts,
            "amounts infinite or beyond double precision were set aside")
        guard !areTransactions else {
            return add(
                .shortPosition, .warning, quality.negativeSums,
                "clients have sold more of a product than they had bought by this day; not held: short sales, or purchases"
                    + " that the transactions do not reach back to")
        }
        add(.negativeAmount, .warning, quality.negativeAmounts, "negative amounts; they count in the sum of their pair")
        add(
            .duplicateHolding, .info, quality.duplicateRows,
            "further rows for the same client and product were summed")
    }

    /// Adds what is odd about transactions.
    ///
    /// - Parameters:
    ///   - undated: Rows without a day; set aside.
    ///   - sides: What was bought and what was sold; nil where amounts have a sign.
    mutating func addTransactionFindings(undated: Int, _ sides: TransactionSides?) {
        findings.add(.undatedTransaction, .warning, undated, "transactions without a day were set aside")
        guard let sides else { return }
        findings.add(
            .unknownSide, .error, sides.unknownCount, examples: sides.unknownExamples,
            "transactions whose word in holdings.side is in neither holdings.sides.buy nor holdings.sides.sell were set"
                + " aside; list the words there, or leave such rows out with holdings.query")
        findings.add(
            .signedSide, .error, sides.doublySigned,
            "most amounts of purchases or of sales are negative, so their sign says already what holdings.side says; if"
                + " sales are negative, leave out holdings.side and holdings.sides, else correct the amounts in"
                + " holdings.query")
        findings.add(
            .negativeAmount, .warning, sides.reversals,
            "negative amounts of transactions with a side take a transaction back: that of a sale adds")
    }

    /// Adds what is odd about the dates of holdings; a snapshot is compared with others where limits are known.
    mutating func addFindings(about seen: HoldingsDates.Seen) {
        findings.add(
            .inclusiveValidTo, .warning, seen.inclusiveEnds,
            "periods end right before the next begins, so holdings.valid_to seems to be the last day: set"
                + " holdings.valid_to_inclusive: true, or they are not held on that day")
        findings.add(
            .exclusiveValidTo, .warning, seen.exclusiveEnds,
            "periods end when the next begins, so holdings.valid_to seems not to be the last day: leave out"
                + " holdings.valid_to_inclusive, or both are summed on that day")
        // Two loads that are alike have half of their rows twice; accounts and lots rarely come to that.
        let again = quality.duplicateRows.count
        if seen.snapshot?.hasSeveralTimes == true, 5 * again >= 2 * quality.rowCount {
            findings.add(
                .severalLoads, .warning, again,
                "further rows, at other times, for the same client and product: if there are several loads within"
                    + " holdings.as_of_window, set it to less than the time between them")
        }
    }

    private mutating func addSize(_ rowCount: Int) {
        guard rowCount > 0 else {
            return findings.add(
                .emptySource, .error, 1, "the holdings have no row for this date; has the load of the warehouse run?")
        }
        func addTooFew(_ code: Finding.Code, _ count: Int, _ message: String) {
            guard count < 2 else { return }
            findings.append(Finding(code, .error, occurrences: count, message))
        }
        let clients = (0..<order.clients.count).count { !holdings.pairs(ofClient: $0).isEmpty }
        addTooFew(
            .tooFewClients, clients, "\(clients) clients hold anything; at least 2 are needed to compare")
        let products = isHeld.count { $0 }
        addTooFew(
            .tooFewProducts, products, "\(products) products are held; at least 2 are needed to recommend")
    }

    private mutating func add(
        _ code: Finding.Code, _ severity: Finding.Severity, _ found: HoldingsQuality.Occurrences,
        _ message: String
    ) {
        let examples = found.examples.map {
            "\(order.clients.text(at: $0.client)) / \(order.products.text(at: $0.product))"
        }
        findings.add(code, severity, found.count, examples: examples, message)
    }
}
