import Configuration
import Evaluation
import PeerSearch
import Recommending

extension Evaluator {
    /// Tries the models that can be chosen on history, and says which one the data speak for.
    ///
    /// With dates, the choice is made on all windows but the last and judged on that; without, on one half of the clients
    /// of a leave-one-out evaluation, and judged on the other. Nothing is stored.
    ///
    /// - Throws: ``EvaluationError``; `SourceError`, `PostgresError`, `PortfolioError`; `CancellationError`.
    public func chooseModel() async throws -> ModelChoiceReport {
        let clock = ContinuousClock()
        let start = clock.now
        let windows = try await readWindowsForChoice()
        let configured = ModelCandidate(
            name: "as configured", k: configuration.model.k, hybrid: configuration.hybrid.model)
        // Where a window knows of none, a model with recency ranks there as it does without.
        var candidates = ModelCandidate.all(
            k: configuration.model.k, knowsRecentAdditions: windows.contains(where: \.knowsRecentAdditions))
        if !candidates.contains(where: { $0.ranksLike(configured) }) { candidates.append(configured) }
        let samples = try await rank(windows, by: &candidates)
        onEvent(.resampling)
        let trials = windows.indices.map { window in ModelTrial(samples.map { $0[window] }) }
        let halves = trials.map(\.halves)
        let isDated = windows[0].kind == .temporal
        guard let current = candidates.firstIndex(where: { $0.ranksLike(configured) }) else {
            throw EvaluationError(
                .nothingToTuneOn,
                "the configured model cannot be tried on this history, so nothing can be compared with it")
        }
        let (choosing, judging) =
            isDated ? (Array(trials.dropLast()), Array(trials.suffix(1))) : (halves.map(\.0), halves.map(\.1))
        guard (choosing + judging).allSatisfy({ $0.clientCount > 0 }) else {
            throw EvaluationError(.nothingToTuneOn, "too few clients have added something to choose a model by")
        }
        let choice = try ModelChoice(trials: choosing, judges: judging, current: current)
        return ModelChoiceReport(
            choice, candidates: candidates, current: current, windows: windows,
            clients: (choosing.reduce(0) { $0 + $1.clientCount }, judging.reduce(0) { $0 + $1.clientCount }),
            durationMS: Int((clock.now - start) / .milliseconds(1)))
    }

    private func readWindowsForChoice() async throws -> [BacktestWindow] {
        if case .relations = options.history {
            throw EvaluationError(
                .nothingToTuneOn,
                "two relations are one window, and a model is chosen on one and judged on another: give --train, --test and"
                    + " --windows of at least 2, or neither dates nor relations")
        }
        let windows = try await readHistory()
        guard windows.count > 1 else {
            throw EvaluationError(
                .nothingToTuneOn,
                "a model is chosen on earlier windows and judged on the last one; give --windows of at least 2, or leave the"
                    + " dates out")
        }
        return windows
    }

    /// Ranks every window by every candidate.
    ///
    /// - Parameter candidates: Loses those that cannot be trained, with a note.
    /// - Returns: By candidate, then by window.
    private func rank(
        _ windows: [BacktestWindow], by candidates: inout [ModelCandidate]
    ) async throws -> [[BacktestSample]] {
        var samples: [[BacktestSample]] = []
        var usable: [ModelCandidate] = []
        for (number, candidate) in candidates.enumerated() {
            do {
                var ofCandidate: [BacktestSample] = []
                for (place, window) in windows.enumerated() {
                    onEvent(.trying(candidate.name, number: number + 1, of: candidates.count))
                    let settings = installation.backtestSettings(trying: candidate, window: place)
                    ofCandidate.append(try await Backtest(window, settings: settings).run())
                }
                samples.append(ofCandidate)
                usable.append(candidate)
            } catch let error as SignalError {
                onEvent(.note("\(candidate.name) is no candidate: \(error)"))
            }
        }
        candidates = usable
        return samples
    }
}

extension ModelCandidate {
    /// Whether the lists of both are the same by construction.
    fileprivate func ranksLike(_ other: ModelCandidate) -> Bool {
        hybrid == other.hybrid && (k == other.k || hybrid.map { $0.weights[.peers] == nil } ?? false)
    }
}

extension Installation {
    /// How a window is ranked by a candidate alone.
    fileprivate func backtestSettings(trying candidate: ModelCandidate, window: Int) -> Backtest.Settings {
        var settings = backtestSettings(
            hybrid: candidate.hybrid ?? .standard, methods: [candidate.method], window: window)
        settings.model.k = candidate.k
        settings.published = candidate.method
        settings.keepsLists = false
        return settings
    }
}
