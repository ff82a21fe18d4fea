import Evaluation
import Reporting

/// Contents of reports: everything there is, with any text and any number in every place.
enum SampleContent {
    /// A report of a database in which nothing has happened.
    static let empty = ReportContent(database: "warehouse", readAt: "2026-11-25 06:00 +00:00", programVersion: "0.1.0")

    /// A report with everything in it.
    ///
    /// - Parameters:
    ///   - text: Stands wherever a text comes from the database.
    ///   - number: Stands in place of some figures.
    static func full(text: String = "Global Equity Index Fund", number: Double = 0.41) -> ReportContent {
        var content = ReportContent(
            database: text, readAt: "2026-11-25 06:00 +00:00", programVersion: "0.1.0")
        content.live = live(text: text, number: number)
        content.quality = quality(text: text, number: number)
        content.calibration = CalibrationTable(
            evaluationID: 4, evaluatedAt: text, method: text, isEarned: true,
            bins: (0..<10).map { bin in
                let share = Double(bin) / 10
                return .init(
                    lowestScore: share, highestScore: share + 0.1, suggestions: 100, meanScore: share + 0.05,
                    meanPropensity: bin == 3 ? number : share / 4,
                    observed: Estimate(value: share / 5, low: share / 6, high: bin == 5 ? number : share / 4))
            })
        content.runs = (0..<30).map { place in
            LoggedRun(
                runID: Int64(30 - place), channel: place == 7 ? text : "live",
                status: place == 2 ? "failed" : place == 4 ? text : "succeeded", reasonCode: place == 2 ? text : nil,
                asOf: "2026-11-25", startedAt: place == 9 ? nil : text, durationMS: place == 9 ? nil : 600 + place,
                recommendations: 150_000, publishedAt: place == 2 ? nil : text, isLive: place == 0,
                changedListShare: place == 6 ? number : 0.04, coverage: place == 1 ? nil : 0.9,
                gini: place == 8 ? number : 0.5, top3Share: place == 6 ? number : 0.3, grade: "A")
        }
        return content
    }

    private static func live(text: String, number: Double) -> PublishedRun {
        PublishedRun(
            runID: 30, asOf: text, publishedAt: text, holdings: 98_323, recommendations: 150_000,
            served: [.init(status: "scored", clients: 29_000), .init(status: text, clients: 1000)],
            topProducts: (1...20).map { place in
                ProductDemand(
                    name: "\(text) \(place)", holders: 400, baseRate: place == 3 ? number : 0.12,
                    suggestedClients: 9000 / place, firstChoiceClients: 3000 / place,
                    averageScore: place == 5 ? number : 0.3)
            },
            exposure: ProductExposure((0..<20).map { .init(suggestions: $0 * $0, products: 1) }),
            scores: ScoreHistogram(
                upperBound: 0.8,
                counts: [
                    "PEERS": (0..<ScoreHistogram.binCount).map { $0 * (24 - $0) * 70 },
                    "POPULAR": (0..<ScoreHistogram.binCount).map { $0 % 3 },
                    text: (0..<ScoreHistogram.binCount).map { $0 },
                ]),
            findings: [.init(code: text, severity: text, occurrences: 12, message: text)])
    }

    private static func quality(text: String, number: Double) -> QualityFigures {
        var figures: [QualityFigures.Figure] = []
        func add(window: Int, segment: String?, clients: Int) {
            for (place, method) in (EvaluationMethod.allCases.map(\.rawValue) + [text]).enumerated() {
                for metric in Metric.all {
                    let value = method == "ease" ? number : 0.4 - Double(place) / 50
                    figures.append(
                        .init(
                            window: window, trainDate: window == 0 ? nil : "2026-0\(window)-01",
                            testDate: window == 0 ? nil : text, segment: segment, method: method,
                            metric: metric.description,
                            estimate: Estimate(value: value, low: value - 0.01, high: value + 0.01), clients: clients))
                }
            }
            for (method, baseline) in [("hybrid", "popularity"), ("hybrid", text), ("peers", "popularity")] {
                figures.append(
                    .init(
                        window: window, segment: segment, method: method, metric: "ndcg@10", comparedWith: baseline,
                        estimate: Estimate(value: 0.03, low: -0.01, high: number), clients: clients))
            }
        }
        add(window: 0, segment: nil, clients: 6000)
        for window in 1...3 { add(window: window, segment: nil, clients: 2000) }
        for segment in [text, "retail"] { add(window: 0, segment: segment, clients: 3000) }
        return QualityFigures(
            evaluationID: 4, runID: 12, evaluatedAt: text, kind: text, publishedMethod: "hybrid", figures: figures)
    }
}
