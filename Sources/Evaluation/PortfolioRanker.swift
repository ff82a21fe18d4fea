import Holdings
import PeerSearch
import Recommending

/// Ranks the products for one portfolio after the other by every method of a backtest; it owns the scratch memory of one
/// worker.
struct PortfolioRanker {
    private let backtest: Backtest
    private var scorer: SignalScorer
    private var naiveScorer: SignalScorer?
    private var ranking = RankedGroups()

    init(_ backtest: Backtest) {
        self.backtest = backtest
        scorer = SignalScorer(index: backtest.index, popularity: backtest.popularity, models: backtest.models)
        naiveScorer = backtest.naiveIndex.map { SignalScorer(index: $0, popularity: backtest.popularity) }
    }

    /// Ranks the products for those clients of a portfolio who are looked at.
    ///
    /// - Parameters:
    ///   - portfolio: A distinct portfolio.
    ///   - isTuning: Keeps the scores of all signals, to try weights on.
    ///   - part: Receives what was seen.
    /// - Throws: `CancellationError` when the task is cancelled.
    mutating func rank(_ portfolio: Int, isTuning: Bool, into part: inout BacktestSample.Part) throws {
        let candidates = scorer.candidates(of: portfolio, peers: try scorer.peers(of: portfolio))
        let isRanked = isRanked(portfolio)
        let clients = backtest.portfolios.clients(of: portfolio)
            .filter { backtest.isTested[Int($0)] || backtest.isListed[Int($0)] }
        let isAnyTested = clients.contains { backtest.isTested[Int($0)] }
        let naiveScores = isAnyTested ? try naiveScorer?.votes(of: portfolio) ?? [] : []
        // Clients of one segment have the same scores.
        let audiences = Dictionary(grouping: clients, by: segment(of:)).sorted { $0.key < $1.key }
        for (segment, clients) in audiences {
            let tested = clients.filter { backtest.isTested[Int($0)] }
            let methods = tested.isEmpty ? [backtest.settings.published] : backtest.settings.methods
            let scores = try scorer.score(
                signals(for: methods), portfolio: portfolio, segment: segment, candidates: candidates)
            for method in methods {
                var methodScores = method == .naiveKNN ? naiveScores : score(method, scores, isRanked)
                for product in methodScores.indices where !isRanked[product] { methodScores[product] = .nan }
                add(methodScores, by: method, of: clients, to: &part)
            }
            if isTuning, !tested.isEmpty {
                part.cases.append(
                    TuningCase(
                        scores: scores, isRanked: isRanked,
                        added: tested.map { (client: $0, products: Array(backtest.window.added[Int($0)])) }))
            }
        }
    }

    /// The scores of all products by a method that is not the naive one.
    private func score(_ method: EvaluationMethod, _ scores: SignalScores, _ isRanked: [Bool]) -> [Double] {
        if let signal = method.signal { return scores[signal] }
        return backtest.settings.hybrid.fuse(
            scores, isLaunched: backtest.models.recent?.isLaunched, isRanked: { isRanked[$0] })
    }

    /// Adds the metrics of the tested clients, and the list that the others would have been shown as well.
    private mutating func add(
        _ scores: [Double], by method: EvaluationMethod, of clients: [Int32], to part: inout BacktestSample.Part
    ) {
        let tested = clients.filter { backtest.isTested[Int($0)] }
        if !tested.isEmpty {
            ranking.rank(scores: scores, depth: Metric.cutoffs.max() ?? 0)
            let place = backtest.settings.methods.firstIndex(of: method) ?? 0
            for client in tested {
                part.add(
                    ranking, scores: scores, method: place, client: client, added: backtest.window.added[Int(client)])
            }
        }
        guard method == backtest.settings.published else { return }
        let list = BacktestSample.list(scores, popularity: backtest.popularity, topN: backtest.settings.topN)
        for client in clients where backtest.isListed[Int(client)] {
            part.add(list, client: client, added: backtest.window.added[Int(client)])
        }
    }

    /// The signals that some methods ask for: all that are known where weights will be tried.
    private func signals(for methods: [EvaluationMethod]) -> [Signal] {
        guard methods == [.peers] else { return backtest.models.signals }
        return [.peers]
    }

    /// Whether a product takes part: held by somebody, and not by the client.
    private func isRanked(_ portfolio: Int) -> [Bool] {
        var isRanked = backtest.popularity.holders.map { $0 > 0 }
        for product in backtest.portfolios.products(of: portfolio) { isRanked[Int(product)] = false }
        return isRanked
    }

    /// The segment by which a client's scores may differ from those of others with the same portfolio.
    private func segment(of client: Int32) -> Int32 {
        backtest.models.usesSegments ? backtest.window.segmentOfClient?[Int(client)] ?? -1 : -1
    }
}

extension EvaluationMethod {
    /// The signal that the method ranks by, when it is a single one of today's model.
    var signal: Signal? {
        switch self {
        case .peers: .peers
        case .popularity: .popularity
        case .itemConditional: .itemConditional
        case .ease: .ease
        case .hybrid, .naiveKNN: nil
        }
    }
}

extension SignalScorer {
    /// The scores of all products by the votes of a portfolio's peers.
    fileprivate mutating func votes(of portfolio: Int) throws -> [Double] {
        let candidates = candidates(of: portfolio, peers: try peers(of: portfolio))
        return try score([.peers], portfolio: portfolio, segment: -1, candidates: candidates)[.peers]
    }
}
