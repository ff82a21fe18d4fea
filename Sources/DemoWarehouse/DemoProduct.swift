/// A product of the demo's investment company.
struct DemoProduct: Hashable {
    let id: String
    let name: String
    let category: String
    /// From 1, safe, to 5, for those who can lose everything.
    let riskLevel: Int16
    /// The smallest sum that a retail client puts into it.
    let minimumCents: Int64
    let isAvailable: Bool

    private init(
        _ id: String,
        _ name: String,
        _ category: String,
        risk riskLevel: Int16,
        from minimum: Int64,
        isAvailable: Bool = true
    ) {
        self.id = id
        self.name = name
        self.category = category
        self.riskLevel = riskLevel
        minimumCents = minimum * 100
        self.isAvailable = isAvailable
    }

    /// The 31 products, ordered by id within each category.
    static let catalogue: [DemoProduct] = [
        DemoProduct("DEP-001", "Current Account Plus", "deposit", risk: 1, from: 300),
        DemoProduct("DEP-002", "Instant Savings", "deposit", risk: 1, from: 500),
        DemoProduct("DEP-003", "Fixed-Term Deposit 12 Months", "deposit", risk: 1, from: 2000),
        DemoProduct("DEP-004", "Foreign Currency Deposit", "deposit", risk: 2, from: 1000),
        DemoProduct("FND-001", "Global Equity Index Fund", "fund", risk: 3, from: 500),
        DemoProduct("FND-002", "European Dividend Fund", "fund", risk: 3, from: 1000),
        DemoProduct("FND-003", "Emerging Markets Fund", "fund", risk: 4, from: 700),
        DemoProduct("FND-004", "Balanced Portfolio Fund", "fund", risk: 2, from: 1000),
        DemoProduct("FND-005", "Money Market Fund", "fund", risk: 1, from: 2000),
        DemoProduct("FND-006", "Sustainable Leaders Fund", "fund", risk: 3, from: 500),
        DemoProduct("FND-007", "Technology Growth Fund", "fund", risk: 4, from: 500),
        DemoProduct("FND-008", "Real Estate Income Fund", "fund", risk: 3, from: 1500),
        DemoProduct("BND-001", "Government Bond Ladder", "bond", risk: 1, from: 2000),
        DemoProduct("BND-002", "Corporate Bond Fund", "bond", risk: 2, from: 1000),
        DemoProduct("BND-003", "Inflation-Linked Bonds", "bond", risk: 2, from: 2000),
        DemoProduct("BND-004", "High-Yield Bonds", "bond", risk: 4, from: 2000),
        DemoProduct("STR-001", "Capital-Protected Note", "structured note", risk: 2, from: 5000),
        DemoProduct("STR-002", "Autocallable Note", "structured note", risk: 4, from: 5000),
        DemoProduct("STR-003", "Reverse Convertible Note", "structured note", risk: 5, from: 5000, isAvailable: false),
        DemoProduct("INS-001", "Term Life Insurance", "insurance", risk: 1, from: 200),
        DemoProduct("INS-002", "Unit-Linked Life Policy", "insurance", risk: 3, from: 1000),
        DemoProduct("INS-003", "Income Protection", "insurance", risk: 1, from: 200),
        DemoProduct("PEN-001", "Personal Pension Plan", "pension", risk: 2, from: 1000),
        DemoProduct("PEN-002", "Supplementary Pension", "pension", risk: 2, from: 800),
        DemoProduct("PEN-003", "Guaranteed Annuity", "pension", risk: 1, from: 5000, isAvailable: false),
        DemoProduct("BRK-001", "Brokerage Account", "brokerage", risk: 4, from: 500),
        DemoProduct("BRK-002", "Margin Facility", "brokerage", risk: 5, from: 2000),
        DemoProduct("BRK-003", "Options and Futures Access", "brokerage", risk: 5, from: 1000),
        DemoProduct("ADV-001", "Discretionary Mandate", "advice", risk: 3, from: 20_000),
        DemoProduct("ADV-002", "Robo Portfolio", "advice", risk: 3, from: 300),
        DemoProduct("PVT-001", "Private Markets Fund", "private markets", risk: 5, from: 10_000),
    ]
}
