import Configuration
import Foundation
import Holdings
import Postgres
import Recommending
import ResultStore
import SourceReading

/// One run: read, encode, search and score, write, verify, publish.
///
/// A run that fails, is cancelled or is killed at any moment leaves the published run as it was. The work and its
/// heartbeat go on side by side over two connections; whichever fails ends the other.
public struct ScoringRun: Sendable {
    let installation: Installation
    let options: RunOptions
    let progress: RunProgress

    var configuration: ServiceConfiguration { installation.configuration }

    /// Creates a run.
    ///
    /// - Parameters:
    ///   - installation: Configuration and connections.
    ///   - options: What the caller asks for.
    ///   - onEvent: Told what the run does; called from several threads, one call at a time for each kind of event.
    public init(
        _ installation: Installation, options: RunOptions,
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.installation = installation
        self.options = options
        progress = RunProgress(onEvent: onEvent)
    }

    /// Runs it.
    ///
    /// - Returns: What it did.
    /// - Throws: `RunError.alreadyRunning` when another run is going on; `ScoringError.dataRefused` when findings refuse;
    ///   `ScoringError.rightsMissing` before anything is read; `SourceError`, `SchemaError`, `PostgresError`;
    ///   `CancellationError` when the task was cancelled. The run log has the reason.
    public func execute() async throws -> RunSummary {
        let start = ContinuousClock.now
        func timed(_ summary: RunSummary) -> RunSummary {
            var summary = summary
            summary.phases.total = Int((.now - start) / .milliseconds(1))
            return summary
        }
        if options.isDryRun {
            let plan = try await installation.withSession { try installation.plan(asOf: options.asOf, $0) }
            return timed(try await withinRunTimeout { try await compute(plan, lease: nil).summary() })
        }
        return try await installation.withConnection { control in
            let (plan, lease) = try await control.withSession { try begin($0) }
            progress.send(.started(runID: lease.runID))
            let summary = try await underLease(lease, control) {
                await pausePoint("started")
                let computed = try await compute(plan, lease: lease)
                return try await RunPublication(self, lease).publish(computed)
            }
            let timedSummary = timed(summary)
            await wrapUp(lease, timedSummary)
            return timedSummary
        }
    }

    /// Makes sure that the run can go to its end, and gives it the right to its channel.
    private func begin(_ session: Session) throws -> (SourcePlan, RunLease) {
        try installation.verifyRights(asOf: options.asOf, session)
        if let excess = try installation.excessOfRights(session) { progress.send(.warning(excess)) }
        let plan = try installation.plan(asOf: options.asOf, session)
        try installation.verifySchema(plan, session)
        let request = RunRequest(
            channel: configuration.publish.channel, trigger: options.trigger, asOf: plan.asOf,
            configJSON: configuration.recordedJSON(), isForced: options.isForced, host: Self.hostName,
            processID: ProcessInfo.processInfo.processIdentifier, programVersion: Installation.version,
            lease: configuration.timeouts.lease, slotCount: configuration.retention.slots,
            queuedRunID: options.queuedRunID)
        return (plan, try RunLog(session).start(request))
    }

    /// The name of this machine, as the kernel has it: Foundation would ask a name server.
    package static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Reads, encodes, searches and scores; with a lease, records what was read.
    private func compute(_ plan: SourcePlan, lease: RunLease?) async throws -> ComputedRun {
        await progress.begin(.read)
        let reading = try await installation.withSession { try read(plan, lease, $0) }
        progress.send(.findings(reading.findings))
        if reading.findings.contains(where: { $0.severity == .error }), !options.isForced {
            throw ScoringError.dataRefused(reading.findings)
        }

        await progress.begin(.encode)
        let width = configuration.execution.width ?? Recommender.defaultWidth
        let result = try await reading.input.scoringInput(
            RunSettings(configuration), incumbents: reading.incumbents
        ).score(kernel: installation.kernel, chunkSize: configuration.execution.chunk, width: width) { recommender in
            if let training = recommender.training { progress.send(.trained(TrainedModel(training))) }
            await progress.begin(.search)
        } progress: {
            progress.report(done: $0, total: $1)
        }
        // Lists that are all empty are never what anybody wants reports to see.
        if result.recommendations.rowCount == 0, !options.isForced { throw ScoringError.nothingRecommended() }
        return ComputedRun(
            run: self, plan: plan, lease: lease, reading: reading, result: result, width: width,
            concentration: Concentration(
                result.recommendations, policy: reading.input.source.policy, popularity: result.popularity))
    }
}

/// What a run has computed and not written yet.
struct ComputedRun: Sendable {
    let run: ScoringRun
    let plan: SourcePlan
    let lease: RunLease?
    let reading: RunReading
    let result: ScoringResult
    let width: Int
    /// How few products its suggestions come down to; nil when there are none.
    let concentration: Concentration?

    /// What the run has done so far.
    func summary() -> RunSummary {
        let (source, counts) = (reading.input.source, RunCounts(reading.input.source.holdings))
        let recommendations = result.recommendations
        return RunSummary(
            runID: lease?.runID, status: lease == nil ? "dry_run" : "succeeded", published: false,
            channel: run.configuration.publish.channel, asOf: "\(plan.asOf)", snapshotDate: source.snapshotDate,
            isForced: run.options.isForced, clients: counts.clients,
            clientsWithPortfolio: counts.clientsWithPortfolio, products: counts.products, holdings: counts.holdings,
            distinctPortfolios: result.distinctPortfolios, recommendations: recommendations.rowCount,
            findings: reading.findings.count, coverage: concentration?.coverage, gini: concentration?.gini,
            top3Share: concentration?.top3Share, kernel: result.kernelName, width: width,
            phases: .init(
                run.progress, searchTime: recommendations.searchTime, scoreTime: recommendations.scoreTime))
    }
}
