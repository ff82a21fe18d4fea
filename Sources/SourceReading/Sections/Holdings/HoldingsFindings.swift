import Holdings

extension SourceInput.Draft {
    /// Adds what is odd about the holdings.
    ///
    /// - Parameter rowCount: Rows as they came.
    mutating func addHoldingsFindings(rowCount: Int) {
        addSize(rowCount)
        add(.nullAmount, .warning, quality.nullAmounts, "rows without an amount were set aside")
        add(.nanAmount, .warning, quality.notANumberAmounts, "rows whose amount is NaN were set aside")
        add(
            .infiniteAmount, .warning, quality.infiniteAmounts,
            "amounts infinite or beyond double precision were set aside")
        add(.negativeAmount, .warning, quality.negativeAmounts, "negative amounts; they count in the sum of their pair")
        add(
            .duplicateHolding, .info, quality.duplicateRows,
            "further rows for the same client and product were summed")
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
