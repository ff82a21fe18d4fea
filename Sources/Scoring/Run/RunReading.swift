import Configuration
import Evaluation
import Holdings
import Postgres
import Recommending
import ResultStore
import Schema
import SourceReading

/// What a run has read: the sources, and what the database knows of earlier runs.
struct RunReading: Sendable {
    let input: RunInput
    let findings: [Finding]
    /// What scores have come to mean; nil where that is not calibrated.
    let propensity: IsotonicRegression?
    /// The run that is live now; nil for the first.
    let liveBefore: Int64?
    /// What that run suggests, where it has a margin over newcomers.
    let incumbents: Incumbents?
}

extension ScoringRun {
    /// Reads the sources and what the database knows about them; with a lease, records what was read.
    ///
    /// - Throws: `ScoringError` for sources that are too old, or unchanged where that is to be skipped; `SourceError`;
    ///   `PostgresError`; `CancellationError`.
    func read(_ plan: SourcePlan, _ lease: RunLease?, _ session: Session) throws -> RunReading {
        if !options.isForced && options.asOf == nil { try installation.verifyFreshness(session) }
        let input = try installation.readInput(plan, hybrid: configuration.hybrid, session) { [progress] rows in
            progress.report(done: rows, total: 0)
        }
        let channel = configuration.publish.channel
        // A dry run may look at a warehouse in which nothing has been installed.
        let isInstalled = try lease != nil || installation.migrator.installedTypes(session) != nil
        let previous = try isInstalled ? RunLog.previousCounts(channel: channel, session: session) : nil
        let liveBefore = try isInstalled ? RunComparison.liveRunID(channel: channel, session: session) : nil
        let findings = DataChecks(
            input.source, previous: previous, limits: configuration.checks, lacksHistory: input.lacksHistory
        ).findings()
        // Without what was lately added, scores are on another scale than those that it was fitted on.
        let propensity =
            try isInstalled && !input.lacksHistory
            ? EvaluationLog.earnedCalibration(
                modelJSON: configuration.modelJSON(), channel: channel, session: session)
            : nil
        if let lease { try record(input, findings, comparedWith: liveBefore, lease, session) }
        let incumbents = try installation.incumbents(
            ofRun: liveBefore, margin: configuration.output.hysteresis, for: input.source, session)
        return RunReading(
            input: input, findings: findings, propensity: propensity, liveBefore: liveBefore, incumbents: incumbents)
    }

    /// Records what was read, and ends a run that would only repeat the live one where that is to be skipped.
    private func record(
        _ input: RunInput, _ findings: [Finding], comparedWith liveBefore: Int64?, _ lease: RunLease,
        _ session: Session
    ) throws {
        try RunLog.recordInput(
            lease, counts: RunCounts(input.source.holdings), fingerprint: input.fingerprint, findings: findings,
            comparedRunID: liveBefore, session: session)
        if options.skipsUnchanged, !options.isForced,
            let same = try RunLog.unchangedSince(lease, modelJSON: configuration.modelJSON(), session: session)
        {
            throw ScoringError(
                .noChange, "input and configuration are those of run \(same), which is live; nothing to do")
        }
    }
}
