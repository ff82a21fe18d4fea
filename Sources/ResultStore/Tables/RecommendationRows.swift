import Evaluation
import Holdings
import Recommending

/// `peerfolio.recommendations`: what each list offers.
enum RecommendationRows: ResultTable {
    struct Row {
        let run: RunPlace
        let list: Int32
        /// How many clients get the list.
        let clients: Int
        let product: ProductID
        let productText: String
        let recommendation: Recommendation
        let propensity: Double?
        let signalScores: RealArray?
    }

    static let name = "recommendations"
    static let key = ["slot", "run_id", "list_number", "rank"]
    static let countColumn: String? = "recommendations"

    // What clients get, not what is stored: that does not depend on how lists are shared.
    // Most lists have one client where nearly every portfolio is its own: joining the others alone takes half the time.
    static let countedRows = """
        peerfolio.recommendations t
        left join peerfolio.run_lists l
            on l.slot = t.slot and l.run_id = t.run_id and l.list_number = t.list_number and l.clients > 1
        """
    static let count = "coalesce(sum(coalesce(l.clients, 1)), 0)"
    /// Scores are binary fractions, so no sum depends on the order of its terms.
    ///
    /// In two halves: products beyond a bigint would have to be numeric, which takes longer than all the rest.
    static let checksum: String? = """
        coalesce(sum((\(weightedScore) >> 20) * coalesce(l.clients, 1)), 0) * 1048576
            + coalesce(sum((\(weightedScore) & 1048575) * coalesce(l.clients, 1)), 0)
        """
    private static let weightedScore = "(round(t.score * 1073741824)::bigint * t.rank)"
    static let contents: String? = """
        hashcharextended(t.reason,
            hashfloat8extended(t.peers_holding,
                hash_array_extended(array[convert_to(t.product_id::text, 'UTF8')],
                    (t.list_number::bigint << 16) | t.rank)))
        """

    @inline(__always)
    static func totals(of row: Row) -> RowTotals {
        let (recommendation, rank) = (row.recommendation, Int(row.recommendation.rank))
        let score = Int((recommendation.score * 1_073_741_824).rounded(.toNearestOrEven))
        let product = ServerHash.hash(id: row.productText, seed: UInt64(row.list) << 16 | UInt64(rank))
        return RowTotals(
            count: row.clients, checksum: Int128(score * rank) * Int128(row.clients),
            contents: ServerHash.hash(
                recommendation.reason.field, seed: ServerHash.hash(recommendation.peersHolding, seed: product)))
    }

    @inline(__always)
    static func fields<Fields: RowFields>(_ fields: inout Fields, _ row: () -> Row) throws(Fields.Failure) {
        try fields.add("slot", row().run.slot)
        try fields.add("rank", Int16(row().recommendation.rank))
        try fields.add("list_number", row().list)
        try fields.add("run_id", row().run.runID)
        try fields.add("score", row().recommendation.score)
        try fields.add("peers_holding", row().recommendation.peersHolding)
        try fields.add("propensity", row().propensity)
        try fields.add("product_id", row().product)
        try fields.add("reason", row().recommendation.reason.field)
        try fields.add("signal_scores", row().signalScores)
    }

    static func write(
        _ results: RunResults, of run: RunPlace, to rows: inout RowWriter<Self>, progress: (Int) -> Void
    ) throws {
        let (products, recommendations) = (results.roster.products, results.recommendations)
        let texts = (0..<Int32(products.count)).map { products.text(at: $0) }
        for list in 0..<recommendations.listCount {
            for recommendation in recommendations.rows(ofList: list) {
                try products.withBytes(at: recommendation.product) { productID in
                    try rows.append(
                        Row(
                            run: run, list: Int32(list), clients: recommendations.clientCount(ofList: list),
                            product: ProductID(bytes: productID), productText: texts[Int(recommendation.product)],
                            recommendation: recommendation,
                            propensity: propensity(of: recommendation, results.propensity),
                            signalScores: signalScores(of: recommendation, ofList: list, recommendations)))
                }
            }
        }
    }

    /// Only suggestions of peers and of other signals were looked at when it was earned.
    private static func propensity(of recommendation: Recommendation, _ calibration: IsotonicRegression?) -> Double? {
        guard let calibration, recommendation.reason == .peers || recommendation.reason == .hybrid else { return nil }
        return calibration.share(at: recommendation.score)
    }

    /// A place for every signal, in the order that the view knows; nil without any.
    private static func signalScores(
        of recommendation: Recommendation, ofList list: Int, _ recommendations: Recommendations
    ) -> RealArray? {
        guard recommendations.haveSignalScores else { return nil }
        let scores = Signal.allCases.map { recommendations.score(by: $0, ofList: list, rank: recommendation.rank) }
        return scores.allSatisfy { $0 == nil } ? nil : RealArray(elements: scores)
    }
}

extension ReasonCode {
    /// How the table has it.
    fileprivate var field: CharField {
        switch self {
        case .peers: CharField("P")
        case .hybrid: CharField("H")
        case .components: CharField("C")
        case .popular: CharField("F")
        }
    }
}
