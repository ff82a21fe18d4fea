/// A figure of quality at a cutoff, such as nDCG@10.
public struct Metric: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// What is measured; the raw value is the stable name.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Share of the clients with at least one hit among the first k.
        case hitRate = "hit_rate"
        /// Share of a client's new products among the first k.
        case recall
        /// Discounted gain of the first k over that of an ideal list; gain 1 for a hit, discount log2(rank + 1).
        case ndcg
        /// Mean over a client's new products of the precision at their ranks, those beyond k counting 0.
        case map
        /// 1 / rank of the first hit, 0 where it is beyond k.
        case mrr
        /// Share of the products that anybody holds which are recommended to somebody.
        case coverage
        /// Inequality of how often products are recommended: 0 for all alike, towards 1 for one only.
        case gini

        /// Whether it is a property of all lists together, and not a mean over clients.
        public var isOfCatalog: Bool { self == .coverage || self == .gini }
        /// The kinds that are means over clients.
        public static let byClient: [Kind] = allCases.filter { !$0.isOfCatalog }
    }

    /// The lengths of lists that are looked at.
    public static let cutoffs = [1, 3, 5, 10]

    /// What is measured.
    public let kind: Kind
    /// How many places of each list count, one of ``cutoffs``.
    public let cutoff: Int

    /// All metrics, by kind and then by cutoff.
    public static let all = Kind.allCases.flatMap { kind in cutoffs.map { Metric(kind, at: $0) } }
    /// The metrics that are means over clients, in the order of their columns in ``ClientMetrics``.
    static let byClient = all.filter { !$0.kind.isOfCatalog }
    /// The metrics of all lists together.
    static let ofCatalog = all.filter(\.kind.isOfCatalog)
    /// What methods are compared by.
    public static let primary = Metric(.ndcg, at: 10)

    /// Creates a metric.
    public init(_ kind: Kind, at cutoff: Int) {
        self.kind = kind
        self.cutoff = cutoff
    }

    /// The stable name, such as `ndcg@10`.
    public var description: String { "\(kind.rawValue)@\(cutoff)" }

    /// By kind, then by cutoff.
    public static func < (left: Metric, right: Metric) -> Bool {
        let kinds = Kind.allCases
        let (first, second) = (kinds.firstIndex(of: left.kind) ?? 0, kinds.firstIndex(of: right.kind) ?? 0)
        return (first, left.cutoff) < (second, right.cutoff)
    }
}
