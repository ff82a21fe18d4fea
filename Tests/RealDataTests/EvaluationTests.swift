import Evaluation
import Foundation
import Holdings
import Postgres
import Recommending
import Scoring
import TestSupport
import Testing

/// Evaluations of the product itself, on the windows whose figures were published with the data set.
@Suite(.requiresServer, .requiresFarTrans) struct EvaluationTests {
    /// nDCG@10 of three windows, and their hit rates at 1 and 3, computed in NumPy with ties broken at random.
    private static let reference: [EvaluationMethod: (ndcg: [Double], first: [Double], third: [Double])] = [
        .popularity: ([0.3539, 0.3239, 0.2876], [0.236, 0.214, 0.160], [0.425, 0.339, 0.328]),
        .naiveKNN: ([0.2405, 0.2710, 0.2433], [0.197, 0.181, 0.157], [0.334, 0.325, 0.315]),
        .peers: ([0.4394, 0.4168, 0.3729], [0.322, 0.263, 0.229], [0.549, 0.484, 0.448]),
        .itemConditional: ([0.4562, 0.4125, 0.3605], [0.346, 0.261, 0.210], [0.568, 0.477, 0.454]),
        .ease: ([0.4254, 0.4202, 0.3659], [0.293, 0.267, 0.215], [0.537, 0.491, 0.461]),
    ]

    @Test func reproducesTheReferenceFiguresAndTheTunedHybridBeatsThem() async throws {
        try await Bank.open([.earliestPositions, .earlierPositions, .positions, .laterPositions]) { bank in
            try await bank.query { session in
                try session.executeScript(
                    """
                    create table bank.history as
                    select '2020-01-01'::date as as_of, customer_id, isin from bank.earliest_positions
                    union all select '2020-07-01', customer_id, isin from bank.earlier_positions
                    union all select '2021-01-01', customer_id, isin from bank.positions
                    union all select '2021-07-01', customer_id, isin from bank.later_positions
                    """)
            }
            let days = (train: BusinessDate("2021-01-01"), test: BusinessDate("2021-07-01"))
            let (train, test) = (try #require(days.train), try #require(days.test))
            let report = try await bank.evaluate(
                "holdings: { relation: bank.history, client: customer_id, product: isin, as_of: as_of }",
                .init(history: .dates(train: train, test: test, windows: 3), tunes: true))

            #expect(report.windows.map(\.figures.clients) == [2335, 1716, 2170])
            #expect(report.windows.map(\.figures.pairs) == [6738, 3697, 5334])
            for (window, number) in zip(report.windows, 0...) {
                for (method, figures) in Self.reference {
                    let measured = try #require(window.figures.methods[method.rawValue])
                    func expect(_ metric: String, _ expected: Double, within tolerance: Double) throws {
                        let value = try #require(measured[metric]).value
                        #expect(
                            abs(value - expected) < tolerance, "\(method) \(metric) of window \(number + 1) is \(value)"
                        )
                    }
                    try expect("ndcg@10", figures.ndcg[number], within: 0.004)
                    try expect("hit_rate@1", figures.first[number], within: 0.006)
                    try expect("hit_rate@3", figures.third[number], within: 0.006)
                }
            }

            // Nothing is known of recent additions in the first window, so it tells nothing about their weight; the
            // second would take more than the search tries.
            #expect(report.windows.map(\.hybrid.model.recency) == [1, 1, 1])
            let hybrid = try #require(report.figures.methods["hybrid"]?["ndcg@10"])
            #expect(hybrid.value > 0.4235, "nDCG@10 of the hybrid is \(hybrid.value)")
            for difference in report.figures.differences where difference.method == "hybrid" {
                let gain = try #require(difference.metrics["ndcg@10"])
                #expect(gain.low > 0, "against \(difference.against): \(gain)")
            }
            for method in EvaluationMethod.allCases where method != .hybrid {
                #expect((report.figures.methods[method.rawValue]?["ndcg@10"]?.value ?? 1) < hybrid.value)
            }
            #expect(report.calibration?.isEarned == true)
        }
    }
}
