/// How the recommendations of one client come about: what `explain` shows.
public struct ClientExplanation: Sendable, Encodable {
    /// A product that the client holds.
    public struct Holding: Sendable, Encodable {
        /// Product id.
        public let product: String
        /// Name, where one is known.
        public let name: String?
        /// Summed amount, in the warehouse's unit.
        public let amount: Double
    }

    /// Clients with one and the same portfolio among the peers.
    public struct Peer: Sendable, Encodable {
        /// One of these clients: the first by id.
        public let exampleClient: String
        /// How many clients have this portfolio.
        public let clients: Int
        /// Rounded distance.
        public let distance: Double
        /// What each of them counts: 1, or less where ties share the last places.
        public let fraction: Double
        /// Products both hold.
        public let inCommon: [String]
        /// Products they hold and the client lacks.
        public let beyond: [String]

        enum CodingKeys: String, CodingKey {
            case clients, distance, fraction, beyond
            case exampleClient = "example_client"
            case inCommon = "in_common"
        }
    }

    /// The peers at one distance, and how many of them hold a recommended product.
    public struct Level: Sendable, Encodable {
        /// Rounded distance.
        public let distance: Double
        /// Weight of a peer at this distance.
        public let weight: Double
        /// What all peers at this distance count.
        public let peers: Double
        /// What those of them count who hold the product.
        public let peersHolding: Double

        enum CodingKeys: String, CodingKey {
            case distance, weight, peers
            case peersHolding = "peers_holding"
        }
    }

    /// A part of a product that is made of others, or a product that it is like.
    public struct Component: Sendable, Encodable {
        /// Product id.
        public let product: String
        /// Name, where one is known.
        public let name: String?
        /// Its share of the whole; the weights of all sum to 1.
        public let weight: Double
        /// Weighted share of the peers who hold it; 0 when the client holds it already.
        public let score: Double
    }

    /// A recommendation and its arithmetic: score = sum(weight * peers_holding) / sum(weight * peers), or for
    /// `COMPONENTS` the sum of weight * score over its components.
    public struct Suggestion: Sendable, Encodable {
        /// Place in the list, from 1.
        public let rank: Int
        /// Product id.
        public let product: String
        /// Name, where one is known.
        public let name: String?
        /// Weighted share of the peers who hold it, or of those who hold its components; the base rate for `POPULAR`.
        public let score: Double
        /// What it competes with for its rank, where it was suggested before and `output.hysteresis` gives it a margin.
        public let competingScore: Double?
        /// `PEERS`, `HYBRID`, `COMPONENTS` or `POPULAR`.
        public let reasonCode: String
        /// The parts of a hybrid score by signal, 0...1; nil without a hybrid model.
        public let signals: [String: Double]?
        /// Peers counted.
        public let peers: Int
        /// Those of them who hold it.
        public let peersHolding: Double
        /// Holders / clients with a portfolio.
        public let baseRate: Double
        /// Score / base rate, with a hybrid model the part of the peers / base rate; nil for a product that nobody holds.
        public let lift: Double?
        /// The sums that make the score, nearest first; empty for `COMPONENTS` and `POPULAR`.
        public let levels: [Level]
        /// For `COMPONENTS`: `components` for what it is made of, `attributes` for what is most like it.
        public let scoredFrom: String?
        /// These products, by id; empty for others.
        public let components: [Component]

        enum CodingKeys: String, CodingKey {
            case rank, product, name, score, signals, peers, lift, levels, components
            case competingScore = "competing_score"
            case scoredFrom = "scored_from"
            case reasonCode = "reason_code"
            case peersHolding = "peers_holding"
            case baseRate = "base_rate"
        }
    }

    /// What `exclusions.query` keeps from the client.
    public struct Exclusion: Sendable, Encodable {
        /// Product id; nil for all products.
        public let product: String?
        /// Name, where one is known.
        public let name: String?
        /// Why, in the words of the query; nil where it gives no reason.
        public let reason: String?
    }

    /// Client id.
    public let client: String
    /// Run whose date and settings were used; nil when nothing is published.
    public let runID: Int64?
    /// Business date.
    public let asOf: String
    /// Whether the sources still give exactly what that run has read; nil without a run.
    public let isSameInput: Bool?
    /// Whether that run kept suggestions of an earlier one whose rows are gone, so that ranks may differ; nil without.
    public let lacksEarlierLists: Bool?
    /// `scored`, `fallback`, `no_portfolio` or `excluded`.
    public let status: String
    /// What the client holds, by product id.
    public let portfolio: [Holding]
    /// Peers counted.
    public let peers: Int
    /// Rounded distance of the last peer.
    public let kthDistance: Double?
    /// The nearest of them.
    public let nearestPeers: [Peer]
    /// What must not be offered to the client: everything first, then by product id.
    public let notOffered: [Exclusion]
    /// Recommendations, best first.
    public let recommendations: [Suggestion]

    enum CodingKeys: String, CodingKey {
        case client, status, portfolio, peers, recommendations
        case runID = "run_id"
        case asOf = "as_of"
        case isSameInput = "is_same_input"
        case lacksEarlierLists = "lacks_earlier_lists"
        case kthDistance = "kth_distance"
        case nearestPeers = "nearest_peers"
        case notOffered = "not_offered"
    }
}
