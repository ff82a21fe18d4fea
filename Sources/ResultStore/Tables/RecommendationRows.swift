import Evaluation
import Holdings
import Recommending

/// `peerfolio.recommendations`: what is suggested to each client.
enum RecommendationRows: ResultTable {
    struct Row {
        let run: RunPlace
        let client: ClientID
        let product: ProductID
        let recommendation: Recommendation
        let propensity: Double?
        let signalScores: JSONText?
    }

    static let name = "recommendations"
    static let key = ["slot", "run_id", "client_id", "rank"]
    static let countColumn: String? = "recommendations"

    /// Scores are binary fractions, so no sum depends on the order of its terms.
    static let checksum: String? = "coalesce(sum(round(score * 1073741824)::bigint * rank), 0)"

    @inline(__always)
    static func checksum(of row: Row) -> Int {
        Int((row.recommendation.score * 1_073_741_824).rounded(.toNearestOrEven)) * Int(row.recommendation.rank)
    }

    @inline(__always)
    static func fields<Fields: RowFields>(_ fields: inout Fields, _ row: () -> Row) throws(Fields.Failure) {
        try fields.add("slot", row().run.slot)
        try fields.add("run_id", row().run.runID)
        try fields.add("client_id", row().client)
        try fields.add("rank", Int16(row().recommendation.rank))
        try fields.add("product_id", row().product)
        try fields.add("score", row().recommendation.score)
        try fields.add("peers", Double(row().recommendation.peers))
        try fields.add("peers_holding", row().recommendation.peersHolding)
        try fields.add("reason_code", row().recommendation.reason.rawValue)
        try fields.add("propensity", row().propensity)
        try fields.add("signal_scores", row().signalScores)
    }

    static func write(
        _ results: RunResults, of run: RunPlace, to rows: inout RowWriter<Self>, progress: (Int) -> Void
    ) throws {
        let (roster, recommendations) = (results.roster, results.recommendations)
        for client in 0..<roster.clients.count {
            if client % 4096 == 0 { progress(client) }
            var parts = recommendations.parts(ofClient: client)
            try roster.clients.withBytes(at: Int32(client)) { clientID in
                for recommendation in recommendations.rows(ofClient: client) {
                    try roster.products.withBytes(at: recommendation.product) { productID in
                        try rows.append(
                            Row(
                                run: run, client: ClientID(bytes: clientID), product: ProductID(bytes: productID),
                                recommendation: recommendation,
                                propensity: propensity(of: recommendation, results.propensity),
                                signalScores: parts.popFirst().flatMap { json($0.known) }))
                    }
                }
            }
        }
        progress(roster.clients.count)
    }

    /// Only suggestions of peers and of other signals were looked at when it was earned.
    private static func propensity(of recommendation: Recommendation, _ calibration: IsotonicRegression?) -> Double? {
        guard let calibration, recommendation.reason == .peers || recommendation.reason == .hybrid else { return nil }
        return calibration.share(at: recommendation.score)
    }

    /// An object with a score per signal; nil without any.
    private static func json(_ scores: [(signal: Signal, score: Float)]) -> JSONText? {
        guard !scores.isEmpty else { return nil }
        let members = scores.map { "\"\($0.signal.rawValue)\": \($0.score)" }
        return JSONText(text: "{\(members.joined(separator: ", "))}")
    }
}
