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
    /// What was found in the amounts of holdings.
    public let quality: HoldingsQuality
    /// Rows of holdings that were set aside whatever their amount: without a client, a product or, of transactions, a day or
    /// a known side.
    public internal(set) var holdingsSetAside = 0
    /// What the sections found odd, each kind once.
    public internal(set) var findings: [Finding] = []
    /// Clients of the holdings who are not in the clients relation; nil where none is mapped.
    package internal(set) var unlistedClients: UnlistedIDs?
    /// Products of the holdings that are not in the products relation; nil where none is mapped.
    package internal(set) var unlistedProducts: UnlistedIDs?
    /// The snapshot that was read, for relations with dated snapshots; nil for others, or if there was none.
    public internal(set) var snapshot: HoldingsSnapshot?
    /// Fingerprint of all of this, independent of the order of rows.
    ///
    /// Reasons of exclusions are not in it: no result depends on them.
    public internal(set) var fingerprint = ""
}

extension SourceInput {
    /// Day of the snapshot that was read, `YYYY-MM-DD`; nil where there are no snapshots, or none was there.
    public var snapshotDate: String? { snapshot?.date }

    /// What the sections have made so far, by final index; what is not mapped stays as it is here.
    struct Draft {
        let order: SourceOrder

        /// Names, and the index of each client's, -1 for none.
        var managers: (names: [String], indexes: [Int32])
        var segments: (names: [String], indexes: [Int32])
        var attributes: [ClientAttribute] = []
        /// The names of each attribute's categories; none for numbers.
        var categoryNames: [[String]] = []
        var productNames: [String?]
        var productAttributes: ProductAttributes?
        var unavailableProducts: [Int32] = []
        /// The sides of each requirement; nil where one is not mapped.
        var (clientRisks, productRisks): ([Double?]?, [Double?]?)
        var (qualifications, requirements): ([Bool?]?, [Bool?]?)

        var holdings = ClientHoldings(productCount: 0, offsets: [0], products: [], amounts: [])
        var quality = HoldingsQuality()
        var holdingsSetAside = 0
        var snapshot: HoldingsSnapshot?

        var components: ProductComponents?
        var exclusions: [Policy.Exclusion] = []
        /// The texts of their reasons, ascending by bytes.
        var reasons: [String] = []

        var findings: [Finding] = []
        /// By final index, ascending; nil where no relation is mapped that would list them.
        var (unlistedClients, unlistedProducts): ([Int32]?, [Int32]?)
        /// What counts for the fingerprint beside what has always been in it, in the order of the sections.
        var fingerprinted: [any Fingerprinted] = []

        init(_ order: SourceOrder) {
            self.order = order
            let none = [Int32](repeating: -1, count: order.clients.count)
            (managers, segments) = (([], none), ([], none))
            productNames = [String?](repeating: nil, count: order.products.count)
        }

        /// By product, whether anybody holds it.
        var isHeld: [Bool] {
            holdings.products.reduce(into: [Bool](repeating: false, count: order.products.count)) { $0[Int($1)] = true }
        }

        /// Which products suit which clients; nil when all do.
        var suitability: Suitability? {
            guard risk != nil || qualification != nil else { return nil }
            return Suitability(
                risk: risk, qualification: qualification, clientCount: order.clients.count,
                productCount: order.products.count)
        }

        var risk: Suitability.Requirement<Double>? {
            guard let clientRisks, let productRisks else { return nil }
            return .init(clients: clientRisks, products: productRisks)
        }

        var qualification: Suitability.Requirement<Bool>? {
            guard let qualifications, let requirements else { return nil }
            return .init(clients: qualifications, products: requirements)
        }
    }

    /// Puts together what all sections have made.
    ///
    /// - Parameter idColumns: Where the sections have ids.
    /// - Throws: `CancellationError`.
    init(_ draft: consuming Draft, idColumns: [SourceColumn] = []) throws {
        roster = Roster(
            clients: draft.order.clients, managers: draft.managers.names, managerOfClient: draft.managers.indexes,
            segments: draft.segments.names, segmentOfClient: draft.segments.indexes, products: draft.order.products,
            productNames: draft.productNames)
        attributes = draft.attributes
        holdings = draft.holdings
        policy = Policy(
            clientCount: roster.clients.count, productCount: roster.products.count,
            unavailableProducts: draft.unavailableProducts, exclusions: draft.exclusions, reasons: draft.reasons,
            suitability: draft.suitability)
        components = draft.components
        quality = draft.quality
        holdingsSetAside = draft.holdingsSetAside
        findings = draft.findings
        let order = draft.order
        unlistedClients = draft.unlistedClients.map { unlisted in
            UnlistedIDs(unlisted, .client, in: order.clients, columns: idColumns) { [holdings] client in
                !holdings.pairs(ofClient: client).isEmpty
            }
        }
        if let unlisted = draft.unlistedProducts {
            let isHeld = draft.isHeld
            unlistedProducts = UnlistedIDs(unlisted, .product, in: order.products, columns: idColumns) { isHeld[$0] }
        }
        snapshot = draft.snapshot
        fingerprint = try draft.fingerprint.text
    }
}
