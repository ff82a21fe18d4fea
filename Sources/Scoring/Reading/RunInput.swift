import Configuration
import Holdings
import Postgres
import Recommending
import SourceReading

/// Everything that a run computes from: what the mapped sources hold on its day, and what its model needs of earlier days.
struct RunInput: Sendable {
    /// The sources on the day of the run.
    let source: SourceInput
    /// What clients have lately added; nothing when the model does not ask, and when nobody held anything earlier.
    let recent: RecentAdditions?
    /// Whether the model asks for what was lately added, and nothing is known.
    let lacksHistory: Bool
    /// Fingerprint of all that was read, 32 hexadecimal digits for each day.
    let fingerprint: String

    /// All that scoring needs, for a run and for an explanation alike.
    ///
    /// - Parameters:
    ///   - settings: What decides the result beside the sources.
    ///   - incumbents: What clients were suggested before; nil when that does not matter.
    func scoringInput(_ settings: RunSettings, incumbents: Incumbents?) -> ScoringInput {
        ScoringInput(
            holdings: source.holdings, attributes: source.attributes, model: settings.model, policy: source.policy,
            topN: settings.topN, components: source.components, hybrid: settings.hybrid.model,
            context: SignalContext(
                recent: recent, segmentOfClient: source.roster.segments.isEmpty ? nil : source.roster.segmentOfClient,
                easeLambda: settings.easeLambda),
            incumbents: incumbents)
    }
}

extension Installation {
    /// Reads what a run computes from.
    ///
    /// - Parameters:
    ///   - plan: How to read the sources on the day of the run.
    ///   - hybrid: The model of the run.
    ///   - progress: Called with the rows read so far.
    /// - Throws: `SourceError`, `PostgresError`; `CancellationError`.
    func readInput(
        _ plan: SourcePlan, hybrid: ServiceConfiguration.Hybrid, _ session: Session,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws -> RunInput {
        let source = try reader(plan).read(session, progress: progress)
        guard let model = hybrid.model, model.needsHistory else {
            return RunInput(source: source, recent: nil, lacksHistory: false, fingerprint: source.fingerprint)
        }
        let history = HistoryReader(installation: self, progress: progress)
        let earlier = try history.earlierInput(than: plan.asOf, days: hybrid.recentDays, session)
        let recent = earlier.flatMap { source.recentAdditions(since: $0) }
        return RunInput(
            source: source, recent: recent, lacksHistory: recent == nil,
            fingerprint: source.fingerprint + (earlier?.fingerprint ?? ""))
    }
}
