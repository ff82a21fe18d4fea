import Postgres

extension BinaryCopyEncoder {
    /// Appends rows of the table `clients`.
    func append(_ clients: [DemoClient]) throws {
        for client in clients {
            try beginRow(fieldCount: 5)
            try append(client.id)
            try append(client.segment.rawValue)
            try append(client.manager)
            try append(client.riskLevel)
            try append(client.customerSince)
        }
    }

    /// Appends rows of the table `products`.
    func append(_ products: [DemoProduct]) throws {
        for product in products {
            try beginRow(fieldCount: 5)
            try append(product.id)
            try append(product.name)
            try append(product.category)
            try append(product.riskLevel)
            try append(product.isAvailable)
        }
    }

    /// Appends rows of the table `client_holdings`.
    func appendHoldings(of clients: [DemoClient]) throws {
        let productIDs = DemoProduct.catalogue.map(\.id)
        for client in clients {
            for holding in client.holdings {
                try beginRow(fieldCount: 5)
                try append(client.id)
                try append(productIDs[holding.product])
                try append(holding.validFrom)
                if let validTo = holding.validTo {
                    try append(validTo)
                } else {
                    try appendNull()
                }
                try appendNumeric(cents: holding.marketValueCents)
            }
        }
    }

    /// Appends rows of the table `exclusions`.
    func appendExclusions(of clients: [DemoClient]) throws {
        var exclusionID: Int32 = 0
        for client in clients {
            for exclusion in client.exclusions {
                exclusionID += 1
                try beginRow(fieldCount: 4)
                try append(exclusionID)
                try append(client.id)
                if let product = exclusion.product {
                    try append(DemoProduct.catalogue[product].id)
                } else {
                    try appendNull()
                }
                try append(exclusion.reason)
            }
        }
    }

    private func append(_ day: DemoDay) throws {
        try append(day.number)
    }

    /// Appends a numeric with two decimals.
    ///
    /// The binary form is four 16-bit words (digit count, weight, sign, decimals) and then digits in base 10,000, of
    /// which the last one here holds the decimals.
    ///
    /// - Precondition: `cents` is not negative.
    func appendNumeric(cents: Int64) throws {
        precondition(cents >= 0, "the demo has no debts")
        var digits = [UInt16(cents % 100 * 100)]
        var whole = cents / 100
        while whole > 0 {
            digits.append(UInt16(whole % 10_000))
            whole /= 10_000
        }
        let weight = UInt16(bitPattern: Int16(digits.count - 2))
        let words = [UInt16(digits.count), weight, 0, 2] + digits.reversed()
        try words.map(\.bigEndian).withUnsafeBytes { try append(bytes: $0) }
    }
}
