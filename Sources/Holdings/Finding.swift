/// A data-quality finding: what is odd about the input, how often, and where to look.
public struct Finding: Sendable, Hashable, Encodable {
    /// How much a finding matters.
    public enum Severity: String, Sendable, Encodable, Comparable, CaseIterable {
        /// Good to know.
        case info
        /// Should be looked at; the run goes on.
        case warning
        /// Refuses the run, unless it is forced.
        case error

        /// Whether one matters less than the other.
        public static func < (left: Severity, right: Severity) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    /// Kind of a finding; the raw value is stored and stable.
    public enum Code: String, Sendable, Encodable, CaseIterable {
        /// The holdings relation or query returned no row.
        case emptySource = "EMPTY_SOURCE"
        /// Fewer than two clients hold anything, so nobody can be compared.
        case tooFewClients = "TOO_FEW_CLIENTS"
        /// Fewer than two products are held, so nothing can be learned.
        case tooFewProducts = "TOO_FEW_PRODUCTS"
        /// Rows whose client or product is NULL.
        case nullKey = "NULL_KEY"
        /// Rows whose amount is NULL.
        case nullAmount = "NULL_AMOUNT"
        /// Rows whose amount is NaN.
        case nanAmount = "NAN_AMOUNT"
        /// Rows whose amount, or pairs whose sum, is infinite or beyond double precision.
        case infiniteAmount = "INFINITE_AMOUNT"
        /// Rows whose amount is negative.
        case negativeAmount = "NEGATIVE_AMOUNT"
        /// Pairs of which more was sold than had been bought.
        case shortPosition = "SHORT_POSITION"
        /// Transactions without a day.
        case undatedTransaction = "UNDATED_TRANSACTION"
        /// Transactions with a word that says neither that they add nor that they take away.
        case unknownSide = "UNKNOWN_SIDE"
        /// Transactions with a side whose amounts have a sign that says the same.
        case signedSide = "SIGNED_SIDE"
        /// More rows were set aside than `checks.max_rejected` allows.
        case tooManyRejected = "TOO_MANY_REJECTED"
        /// Further rows for a pair of client and product that was there already.
        case duplicateHolding = "DUPLICATE_HOLDING"
        /// Further rows for a client in the clients relation.
        case duplicateClient = "DUPLICATE_CLIENT"
        /// Further rows for a product in the products relation.
        case duplicateProduct = "DUPLICATE_PRODUCT"
        /// Clients with holdings who are not in the clients relation.
        case unknownClient = "UNKNOWN_CLIENT"
        /// Products that are held but not in the products relation.
        case unknownProduct = "UNKNOWN_PRODUCT"
        /// Clients or products whose id is empty, or has no character that can be seen.
        case blankID = "BLANK_ID"
        /// Clients who hold so much that they are no clients.
        case catchAllClient = "CATCH_ALL_CLIENT"
        /// Clients whose risk is NULL, no number or none of the levels, or who are not in the clients relation.
        case unknownClientRisk = "UNKNOWN_CLIENT_RISK"
        /// Products whose risk is NULL, no number or none of the levels, or which are not in the products relation.
        case unknownProductRisk = "UNKNOWN_PRODUCT_RISK"
        /// Clients of whom it is unknown whether they are qualified.
        case unknownQualification = "UNKNOWN_QUALIFICATION"
        /// Products of which it is unknown whether they require a qualified client.
        case unknownRequirement = "UNKNOWN_REQUIREMENT"
        /// Rows of components that name a product or a component that is nowhere else.
        case unknownComponent = "UNKNOWN_COMPONENT"
        /// Rows of components without a usable weight, and products whose weights sum to nothing.
        case invalidWeight = "INVALID_WEIGHT"
        /// Products that are their own component.
        case ownComponent = "OWN_COMPONENT"
        /// Products that are, by way of others, made of themselves.
        case componentCycle = "COMPONENT_CYCLE"
        /// Attributes of clients of which no value is known, or only one.
        case uselessAttribute = "USELESS_ATTRIBUTE"
        /// Numbers among the attributes of clients that are NaN, infinite or beyond double precision.
        case unusableAttribute = "UNUSABLE_ATTRIBUTE"
        /// Exclusions for clients or products that nobody knows.
        case unknownExclusion = "UNKNOWN_EXCLUSION"
        /// Exclusions whose reason is longer than what is kept of it.
        case longReason = "LONG_REASON"
        /// Exclusions, availability and suitability leave nothing to offer to anybody.
        case nothingToOffer = "NOTHING_TO_OFFER"
        /// Far fewer clients than in the previous run.
        case fewerClients = "FEWER_CLIENTS"
        /// Far fewer holdings than in the previous run.
        case fewerHoldings = "FEWER_HOLDINGS"
        /// Clients who hold nothing.
        case emptyPortfolios = "EMPTY_PORTFOLIOS"
        /// Products that every client with a portfolio holds.
        case heldByEverybody = "HELD_BY_EVERYBODY"
        /// Products that nobody holds.
        case heldByNobody = "HELD_BY_NOBODY"
        /// Relations of which row-level security hides rows from the service.
        case rowsHidden = "ROWS_HIDDEN"
        /// Another day than today was asked for, of holdings that have no dates.
        case undatedSource = "UNDATED_SOURCE"
        /// The latest load has far fewer clients or holdings than its whole day.
        case partialLoad = "PARTIAL_LOAD"
        /// The latest load seems to have begun before the rows that count.
        case windowCutsLoad = "WINDOW_CUTS_LOAD"
        /// The snapshot has far fewer rows or clients than the one before it.
        case snapshotCut = "SNAPSHOT_CUT"
        /// Several loads seem to count together.
        case severalLoads = "SEVERAL_LOADS"
        /// Periods of validity seem to include their ends, and are read as if they did not.
        case inclusiveValidTo = "INCLUSIVE_VALID_TO"
        /// Periods of validity seem not to include their ends, and are read as if they did.
        case exclusiveValidTo = "EXCLUSIVE_VALID_TO"
        /// A hybrid model asks for what was lately added, and nothing is known of it.
        case noHistory = "NO_HISTORY"
    }

    /// Kind of the finding.
    public let code: Code
    /// How much it matters.
    public let severity: Severity
    /// How often it occurs.
    public let occurrences: Int
    /// Up to five examples: ids from the warehouse.
    ///
    /// For the database and for `check`, never for a log.
    public let examples: [String]
    /// The finding in words, without data.
    public let message: String

    /// Creates a finding.
    public init(
        _ code: Code, _ severity: Severity, occurrences: Int, examples: [String] = [], _ message: String
    ) {
        self.code = code
        self.severity = severity
        self.occurrences = occurrences
        self.examples = examples
        self.message = message
    }
}

extension [Finding] {
    /// Adds a finding, unless it has not occurred; what another section has found as well is counted together.
    package mutating func add(
        _ code: Finding.Code, _ severity: Finding.Severity, _ count: Int, examples: [String] = [], _ message: String
    ) {
        guard count > 0 else { return }
        let known = firstIndex { $0.code == code }.map { remove(at: $0).occurrences } ?? 0
        append(Finding(code, severity, occurrences: known + count, examples: examples, message))
    }
}
