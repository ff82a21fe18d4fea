import Holdings

@testable import Evaluation

extension BacktestSample {
    /// A sample of invented suggestions for calibration, five to each client.
    ///
    /// - Parameter suggestions: Of each client, scores and whether they came true.
    init(suggestions: [[(score: Double, isHit: Bool)]], kind: BacktestWindow.Kind = .temporal, seed: UInt64) {
        self.init(window: .invented(kind, clientCount: suggestions.count), methods: [], catalogSize: 0, seed: seed)
        var part = Part()
        for (client, suggestions) in suggestions.enumerated() {
            let hits = suggestions.indices.filter { suggestions[$0].isHit }.map { Int32($0) }
            part.add(
                suggestions.enumerated().map { (product: Int32($0), score: $1.score) }, client: Int32(client),
                added: hits[...])
        }
        add(part)
        finish()
    }

    /// A sample of invented figures, the same for all metrics.
    ///
    /// - Parameter figures: Of each client, one for each method.
    init(figures: [[Double]], methods: [EvaluationMethod], seed: UInt64) {
        self.init(
            window: .invented(.temporal, clientCount: figures.count), methods: methods, catalogSize: 3, seed: seed)
        var part = Part()
        for (client, figures) in figures.enumerated() {
            for (method, figure) in figures.enumerated() {
                part.rows.append(
                    Part.Row(
                        client: Int32(client), method: method,
                        metrics: [Double](repeating: figure, count: ClientMetrics.columnCount), exposures: []))
            }
        }
        add(part)
        finish()
    }
}

extension BacktestWindow {
    /// A window of clients who all hold one product and add nothing.
    fileprivate static func invented(_ kind: Kind, clientCount: Int) -> BacktestWindow {
        BacktestWindow(
            kind: kind,
            holdings: ClientHoldings(
                productCount: 3, offsets: Array(0...clientCount),
                products: [Int32](repeating: 0, count: clientCount),
                amounts: [Double](repeating: 1, count: clientCount)),
            added: [])
    }
}
