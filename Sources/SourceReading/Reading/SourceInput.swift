public import Holdings
public import PeerSearch
public import Recommending

/// Everything a run reads, in dense indexes: clients and products in ascending order of their ids.
public struct SourceInput: Sendable {
    /// Who the clients are and what the products are called.
    public let roster: Roster
    /// What else than products takes part in distances, in the order in which sums run.
    public internal(set) var attributes: [ClientAttribute] = []
    /// Who holds what.
    public let holdings: ClientHoldings
    /// What must not be offered to whom.
    public let policy: Policy
    /// What products are made of; nil when all are scored by votes alone.
    public internal(set) var components: ProductComponents?
    /// What was odd about the rows of holdings.
    public let quality: HoldingsQuality
    /// What was odd about everything else.
    public let statistics: SourceStatistics
    /// Date of the snapshot that was read, for relations with dated snapshots; nil for others, or if there was none.
    public let snapshotDate: String?
    /// Fingerprint of all of this, independent of the order of rows.
    public internal(set) var fingerprint: String
}

/// Counts of what was odd while the sources were read.
public struct SourceStatistics: Sendable {
    /// How often something occurred, and up to five ids as examples.
    public struct Occurrences: Sendable {
        /// How often.
        public internal(set) var count = 0
        /// Up to five ids, in the order of ids.
        public internal(set) var examples: [String] = []

        init(count: Int = 0, examples: [String] = []) {
            self.count = count
            self.examples = examples
        }
    }

    /// Rows of holdings as they came, those without keys included.
    public internal(set) var holdingRows = 0
    /// Rows of holdings whose client or product was NULL; set aside.
    public internal(set) var rowsWithNullKey = 0
    /// Rows of the clients, products or components relation whose id was NULL; set aside.
    public internal(set) var entriesWithNullKey = 0
    /// Further rows for a client in the clients relation; the first manager and segment by name count, the least number and
    /// the first text of an attribute.
    public internal(set) var duplicateClients = Occurrences()
    /// Numbers among the attributes of clients that are NaN, infinite or beyond double precision; taken for unknown.
    public internal(set) var unusableAttributes = Occurrences()
    /// Further rows for a product; the product is available only if every row says so.
    public internal(set) var duplicateProducts = Occurrences()
    /// Clients with holdings who are not in the clients relation.
    public internal(set) var unknownClients = Occurrences()
    /// Products in holdings that are not in the products relation.
    public internal(set) var unknownProducts = Occurrences()
    /// Exclusions for clients or products that nobody knows.
    public internal(set) var unknownExclusions = 0
    /// Clients whose risk is unknown, where risk is mapped.
    public internal(set) var unknownClientRisks = Occurrences()
    /// Products whose risk is unknown, where risk is mapped.
    public internal(set) var unknownProductRisks = Occurrences()
    /// Clients of whom it is unknown whether they are qualified, where that is mapped.
    public internal(set) var unknownQualifications = Occurrences()
    /// Products of which it is unknown whether they require a qualified client, where that is mapped.
    public internal(set) var unknownRequirements = Occurrences()
    /// What was odd about the components of products.
    public internal(set) var components = ComponentsStatistics()
    /// Whether another day than today was asked for, of holdings that have no dates.
    public internal(set) var ignoresAsOf = false
}

/// Counts of what cannot be right about the components of products.
public struct ComponentsStatistics: Sendable {
    /// Rows that name a product or a component that is nowhere else; these are the examples.
    public internal(set) var unknown = SourceStatistics.Occurrences()
    /// Rows whose weight is missing, negative, infinite or not a number, and products whose weights sum to nothing.
    public internal(set) var invalidWeights = SourceStatistics.Occurrences()
    /// Rows in which a product is its own component.
    public internal(set) var ownComponents = SourceStatistics.Occurrences()
    /// Products that are, by way of others, made of themselves.
    public internal(set) var cycles = SourceStatistics.Occurrences()
}
