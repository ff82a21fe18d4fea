public import Holdings
public import PeerSearch

/// Everything that scoring needs: who holds what, what is known of clients and products, what may be offered, and the
/// model.
///
/// A run, an explanation and a backtest make it in one place each and hand it on whole; what they score is decided by
/// this value alone.
public struct ScoringInput: Sendable {
    /// Who holds what.
    public var holdings: ClientHoldings
    /// What else than products takes part in distances, in the order in which sums run.
    public var attributes: [ClientAttribute]
    /// What counts as a peer.
    public var model: PeerModel
    /// What must not be offered.
    public var policy: Policy
    /// Products per client, at least 1.
    public var topN: Int
    /// What products are made of; nil when all are scored by votes alone.
    public var components: ProductComponents?
    /// How scores are made of several signals; nil where peers alone decide.
    public var hybrid: HybridModel?
    /// What is known beside the holdings, for the signals of `hybrid`.
    public var context: SignalContext
    /// What clients were suggested before; nil when that does not matter.
    public var incumbents: Incumbents?

    /// Creates input.
    ///
    /// - Precondition: `topN` is at least 1; policy and incumbents are about the clients and products of the holdings.
    public init(
        holdings: ClientHoldings, attributes: [ClientAttribute] = [], model: PeerModel, policy: Policy? = nil,
        topN: Int, components: ProductComponents? = nil, hybrid: HybridModel? = nil,
        context: SignalContext = SignalContext(), incumbents: Incumbents? = nil
    ) {
        let policy =
            policy ?? Policy(clientCount: holdings.clientCount, productCount: holdings.productCount)
        precondition(topN >= 1, "topN must be at least 1")
        precondition(policy.clientCount == holdings.clientCount, "the policy is about other clients")
        precondition(policy.productCount == holdings.productCount, "the policy is about other products")
        precondition(
            incumbents.map { $0.clientCount == holdings.clientCount } ?? true, "the incumbents are of other clients")
        self.holdings = holdings
        self.attributes = attributes
        self.model = model
        self.policy = policy
        self.topN = topN
        self.components = components
        self.hybrid = hybrid
        self.context = context
        self.incumbents = incumbents
    }
}
