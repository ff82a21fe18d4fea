import Holdings
import Recommending

/// What a backtest has seen: the metrics of every tested client by every method.
public struct BacktestSample: Sendable {
    /// What one task has seen.
    struct Part: Sendable {
        /// A client's metrics by one method.
        struct Row: Sendable {
            var client: Int32
            var method: Int
            var metrics: [Double]
            var exposures: [(product: Int32, probabilities: SIMD4<Float>)]
        }

        var rows: [Row] = []
        var suggestions: [Suggestion] = []
        var cases: [TuningCase] = []

        /// Adds how a method has ranked a client's products.
        mutating func add(
            _ ranking: RankedGroups, scores: [Double], method: Int, client: Int32, added: ArraySlice<Int32>
        ) {
            var metrics: [Double] = []
            ClientMetrics.append(
                ranking, isRelevant: { added.contains($0) }, relevantCount: added.count, to: &metrics)
            var exposures: [(product: Int32, probabilities: SIMD4<Float>)] = []
            for group in ranking.groups {
                // What no signal speaks for is not recommended, and what EASE speaks against even less, see `list`: such
                // products only fill up the ranking.
                if scores[Int(ranking.products[group.range.lowerBound])] <= 0 { break }
                var probabilities = SIMD4<Float>()
                for (place, cutoff) in Metric.cutoffs.enumerated() {
                    probabilities[place] = Float(RankedGroups.probability(of: group, cutoff: cutoff))
                }
                for product in ranking.products[group.range] { exposures.append((product, probabilities)) }
            }
            rows.append(Row(client: client, method: method, metrics: metrics, exposures: exposures))
        }

        /// Adds what a client would have been shown.
        mutating func add(
            _ list: [(product: Int32, score: Double)], client: Int32, added: ArraySlice<Int32>
        ) {
            for (product, score) in list {
                suggestions.append(Suggestion(client: client, score: score, isHit: added.contains(product)))
            }
        }
    }

    /// A product that a client would have been shown.
    struct Suggestion: Sendable, Hashable {
        var client: Int32
        var score: Double
        var isHit: Bool
    }

    let window: BacktestWindow
    /// The methods, in the order of the columns.
    let methods: [EvaluationMethod]
    /// Products that anybody holds.
    let catalogSize: Int
    let seed: UInt64
    /// The tested clients, ascending.
    private(set) var clients: [Int32] = []
    /// A row per client: for each method the metrics of ``Metric/byClient``.
    private(set) var metrics: [Double] = []
    /// What each method recommends to the clients; clients by their row.
    private(set) var exposures: [[CatalogMetrics.Exposure]] = []
    /// What clients would have been shown by the method that is published, ascending by client.
    private(set) var suggestions: [Suggestion] = []
    /// What weights are tuned on.
    private(set) var cases: [TuningCase] = []

    private var rows: [Part.Row] = []

    init(window: BacktestWindow, methods: [EvaluationMethod], catalogSize: Int, seed: UInt64) {
        self.window = window
        self.methods = methods
        self.catalogSize = catalogSize
        self.seed = seed
    }

    /// How the products to find were chosen.
    public var kind: BacktestWindow.Kind { window.kind }
    /// The day that was ranked on, `YYYY-MM-DD`.
    public var trainDate: String? { window.trainDate }
    /// The day until which products were to be found.
    public var testDate: String? { window.testDate }
    /// Names of the segments.
    public var segments: [String] { window.segments }

    /// Whether it was known what clients had lately added.
    public var knowsRecentAdditions: Bool { window.knowsRecentAdditions }
    /// How many clients of each segment were tested.
    public var testedClientsBySegment: [String: Int] {
        guard let segmentOfClient = window.segmentOfClient else { return [:] }
        return clients.reduce(into: [:]) { counts, client in
            let segment = segmentOfClient[Int(client)]
            if segment >= 0 { counts[window.segments[Int(segment)], default: 0] += 1 }
        }
    }

    /// Whether recent additions say nothing about a product; nothing where none are known.
    var isLaunched: [Bool]? { window.recent?.isLaunched }

    /// Numbers in a row of ``metrics``.
    var columnCount: Int { methods.count * ClientMetrics.columnCount }

    /// Pairs of clients and products that were to be found.
    var pairCount: Int { clients.reduce(0) { $0 + window.added[Int($1)].count } }

    mutating func add(_ part: Part) {
        rows.append(contentsOf: part.rows)
        suggestions.append(contentsOf: part.suggestions)
        cases.append(contentsOf: part.cases)
    }

    /// Puts everything into the order of clients: the order in which parts came does not matter.
    mutating func finish() {
        rows.sort { ($0.client, $0.method) < ($1.client, $1.method) }
        exposures = methods.map { _ in [] }
        for row in rows {
            if clients.last != row.client { clients.append(row.client) }
            metrics.append(contentsOf: row.metrics)
            for (product, probabilities) in row.exposures {
                exposures[row.method].append(
                    .init(client: Int32(clients.count - 1), product: product, probabilities: probabilities))
            }
        }
        rows = []
        // Stable within a client: a client is in one part, whose order is that of its list.
        suggestions = suggestions.enumerated()
            .sorted { ($0.element.client, $0.offset) < ($1.element.client, $1.offset) }.map(\.element)
        cases.sort { ($0.added.first?.client ?? 0) < ($1.added.first?.client ?? 0) }
    }

    /// The first products by score, then holders, then index, as a run would list them; only those with a score above 0.
    static func list(
        _ scores: [Double], popularity: ProductPopularity, topN: Int
    ) -> [(product: Int32, score: Double)] {
        let scored = scores.indices.filter { scores[$0] > 0 }
        let sorted = scored.sorted { left, right in
            if scores[left] != scores[right] { return scores[left] > scores[right] }
            let (first, second) = (popularity.holders[left], popularity.holders[right])
            return first == second ? left < right : first > second
        }
        return sorted.prefix(topN).map { (Int32($0), scores[$0]) }
    }
}
