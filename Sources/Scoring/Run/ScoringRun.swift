import Configuration
import Evaluation
import Foundation
import Holdings
import PeerSearch
import Postgres
import Recommending
import ResultStore
import Schema
import SourceReading

/// One run: read, encode, search and score, write, verify, publish.
///
/// A run that fails, is cancelled or is killed at any moment leaves the published run as it was. The work and its
/// heartbeat go on side by side over two connections; whichever fails ends the other.
public struct ScoringRun: Sendable {
    private let installation: Installation
    private let options: RunOptions
    private let progress: RunProgress
    private let clock = ContinuousClock()

    private var configuration: ServiceConfiguration { installation.configuration }

    /// Creates a run.
    ///
    /// - Parameters:
    ///   - installation: Configuration and connections.
    ///   - options: What the caller asks for.
    ///   - onEvent: Told what the run does; called from several threads, one call at a time for each kind of event.
    public init(
        _ installation: Installation, options: RunOptions, onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in }
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
    ///   `CancellationError` when the task was cancelled. The run log
    ///   has the reason.
    public func execute() async throws -> RunSummary {
        let start = clock.now
        if options.isDryRun {
            let plan = try await installation.withSession { try installation.plan(asOf: options.asOf, $0) }
            var summary = try await withinRunTimeout { try await compute(plan, lease: nil).summary }
            summary.phases.total = milliseconds(since: start)
            return summary
        }
        return try await installation.withConnection { control in
            let (plan, lease) = try await control.withSession { session in
                try installation.verifyRights(asOf: options.asOf, session)
                if let excess = try installation.excessOfRights(session) { progress.send(.warning(excess)) }
                let plan = try installation.plan(asOf: options.asOf, session)
                try installation.verifySchema(plan, session)
                return (plan, try RunLog.start(request(plan), session: session))
            }
            progress.send(.started(runID: lease.runID))
            var summary = try await underLease(lease, control) {
                await pausePoint("started")
                return try await work(plan, lease)
            }
            summary.phases.total = milliseconds(since: start)
            await wrapUp(lease, summary)
            return summary
        }
    }

    private func request(_ plan: SourcePlan) -> RunRequest {
        RunRequest(
            channel: configuration.publish.channel, trigger: options.trigger, asOf: plan.asOf,
            configJSON: configuration.recordedJSON(), isForced: options.isForced,
            host: Self.hostName, processID: ProcessInfo.processInfo.processIdentifier,
            programVersion: Installation.version, lease: configuration.timeouts.lease,
            slotCount: configuration.retention.slots, queuedRunID: options.queuedRunID)
    }

    /// The name of this machine, as the kernel has it: Foundation would ask a name server.
    package static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Work

    private struct Reading: Sendable {
        var input: RunInput
        var findings: [Finding]
        /// What scores have come to mean; nil where that has not been earned.
        var propensity: IsotonicRegression?
        /// The run that is live now; nil for the first.
        var liveBefore: Int64?
        /// What that run suggests, where it has a margin over newcomers.
        var incumbents: Incumbents?
    }

    private struct Computed: Sendable {
        var input: RunInput
        /// What scores have come to mean; nothing where that has not been earned.
        var propensity: IsotonicRegression?
        var recommendations: Recommendations
        var popularity: ProductPopularity
        var summary: RunSummary
        /// The run that was live when this one read; nil for the first.
        var liveBefore: Int64?
    }

    /// Everything from reading to publishing.
    private func work(_ plan: SourcePlan, _ lease: RunLease) async throws -> RunSummary {
        var computed = try await compute(plan, lease: lease)
        let writer = ResultWriter(lease, statementTimeout: configuration.timeouts.statement)

        progress.begin(.write)
        await pausePoint("write")
        let phaseStart = clock.now
        let totals = try await write(computed, with: writer)
        computed.summary.phases.write = milliseconds(since: phaseStart)

        progress.begin(.check)
        await pausePoint("check")
        // Before a connection is opened, which would be idle meanwhile: some servers and poolers end those.
        let gateStart = clock.now
        let graded = try await PublicationGate(installation).grade(computed.input)
        computed.summary.phases.check = milliseconds(since: gateStart)
        computed.summary.grade = graded?.grade
        computed.summary.gradeReason = graded?.reason
        return try await installation.withConnection { [computed] connection in
            try await publish(totals, computed, graded, with: writer, lease, connection)
        }
    }

    /// Verifies and publishes what was written.
    private func publish(
        _ totals: ResultWriter.Totals, _ computed: Computed, _ graded: GradedRun?, with writer: ResultWriter,
        _ lease: RunLease, _ connection: PostgresConnection
    ) async throws -> RunSummary {
        var summary = computed.summary
        var phaseStart = clock.now
        do {
            try await connection.withSession { try writer.analyze($0) }
        } catch let error as PostgresError where error.code == .server {
            progress.send(.warning("no statistics were collected; reports may be slow at first: \(error)"))
        }
        try await connection.withSession { [summary] session in
            try writer.verify(
                totals, distinctPortfolios: summary.distinctPortfolios, kernel: summary.kernel, width: summary.width,
                session: session)
        }
        if let graded { try await connection.withSession { try graded.record(lease, session: $0) } }
        let isHeldBack = graded?.grade == .worse && !options.isForced
        summary.phases.check += milliseconds(since: phaseStart)

        progress.begin(.publish)
        await pausePoint("publish")
        phaseStart = clock.now
        try await finish(lease, isHeldBack: isHeldBack, connection)
        summary.phases.publish = milliseconds(since: phaseStart)
        summary.published = options.publishes && !isHeldBack
        summary.isHeldBack = options.publishes && isHeldBack
        progress.begin(.done)
        await pausePoint("published")
        do {
            summary.change = try await installation.withSession { session in
                let change = try computed.liveBefore.flatMap {
                    try RunComparison.compare(
                        computed.input.source.roster, computed.recommendations, with: $0,
                        statementTimeout: configuration.timeouts.statement, session: session)
                }
                try change?.record(runID: lease.runID, session: session)
                return change
            }
        } catch {
            progress.send(.warning("the run succeeded, but could not be compared with the one before: \(error)"))
        }
        return summary
    }

    /// Loads all parts side by side, each over a connection of its own; the first failure stops the others.
    private func write(_ computed: Computed, with writer: ResultWriter) async throws -> ResultWriter.Totals {
        let clientCount = computed.input.source.roster.clients.count
        return try await withThrowingTaskGroup(of: ResultWriter.Totals.self) { group in
            for part in ResultWriter.Part.allCases {
                group.addTask {
                    try await installation.withSession { session in
                        try writer.write(
                            part, computed.input.source.roster, computed.recommendations,
                            policy: computed.input.source.policy, components: computed.input.source.components,
                            popularity: computed.popularity, propensity: computed.propensity, session: session
                        ) { progress.report(done: $0, total: clientCount) }
                    }
                }
            }
            return try await group.reduce(.zero, +)
        }
    }

    /// Reads and computes; with a lease, records what was read.
    private func compute(_ plan: SourcePlan, lease: RunLease?) async throws -> Computed {
        let width = configuration.execution.width ?? Recommender.defaultWidth
        var phases = RunSummary.Phases()

        progress.begin(.read)
        await pausePoint("read")
        var phaseStart = clock.now
        let reading = try await installation.withSession { try read(plan, lease, $0) }
        let input = reading.input
        phases.read = milliseconds(since: phaseStart)
        progress.send(.findings(reading.findings))
        if reading.findings.contains(where: { $0.severity == .error }), !options.isForced {
            throw ScoringError.dataRefused(reading.findings)
        }

        progress.begin(.encode)
        await pausePoint("encode")
        phaseStart = clock.now
        let portfolios = try Portfolios(
            encoding: input.source.holdings, as: configuration.model.encoding, attributes: input.source.attributes)
        let recommender = try Recommender(
            portfolios: portfolios, model: configuration.model, policy: input.source.policy,
            topN: configuration.output.topN, components: input.source.components, hybrid: configuration.hybrid.model,
            context: input.context(easeLambda: configuration.evaluate.easeLambda), incumbents: reading.incumbents,
            kernel: installation.kernel)
        phases.encode = milliseconds(since: phaseStart)

        progress.begin(.search)
        await pausePoint("search")
        phaseStart = clock.now
        let recommendations = try await recommender.recommend(
            chunkSize: configuration.execution.chunk, width: width
        ) { progress.report(done: $0, total: $1) }
        (phases.search, phases.score) = share(milliseconds(since: phaseStart), recommendations)
        // Lists that are all empty are never what anybody wants reports to see.
        if recommendations.rowCount == 0, !options.isForced { throw ScoringError.nothingRecommended() }

        let counts = RunCounts(input.source.holdings)
        let summary = RunSummary(
            runID: lease?.runID, status: lease == nil ? "dry_run" : "succeeded", published: false,
            channel: configuration.publish.channel, asOf: "\(plan.asOf)", snapshotDate: input.source.snapshotDate,
            isForced: options.isForced, clients: counts.clients,
            clientsWithPortfolio: counts.clientsWithPortfolio, products: counts.products, holdings: counts.holdings,
            distinctPortfolios: portfolios.count, recommendations: recommendations.rowCount,
            findings: reading.findings.count, kernel: recommender.kernelName, width: width, phases: phases)
        return Computed(
            input: input, propensity: reading.propensity, recommendations: recommendations,
            popularity: recommender.popularity,
            summary: summary, liveBefore: reading.liveBefore)
    }

    /// Reads the sources and what the database knows about them; with a lease, records what was read.
    ///
    /// - Throws: `ScoringError` for sources that are too old, or unchanged where that is to be skipped; `SourceError`;
    ///   `PostgresError`; `CancellationError`.
    private func read(_ plan: SourcePlan, _ lease: RunLease?, _ session: Session) throws -> Reading {
        if !options.isForced && options.asOf == nil { try installation.verifyFreshness(session) }
        let input = try installation.readInput(plan, hybrid: configuration.hybrid, session) { [progress] rows in
            progress.report(done: rows, total: 0)
        }
        // A dry run may look at a warehouse in which nothing has been installed.
        let isInstalled = try lease != nil || installation.migrator.installedTypes(session) != nil
        let previous =
            try isInstalled
            ? RunLog.previousCounts(channel: configuration.publish.channel, session: session) : nil
        let findings = DataChecks(
            input.source, previous: previous, limits: configuration.checks, lacksHistory: input.lacksHistory
        ).findings()
        let liveBefore =
            try isInstalled
            ? RunComparison.liveRunID(channel: configuration.publish.channel, session: session) : nil
        // Without what was lately added, scores are on another scale than those that it was fitted on.
        let propensity =
            try isInstalled && !input.lacksHistory
            ? EvaluationLog.earnedCalibration(
                modelJSON: configuration.modelJSON(), channel: configuration.publish.channel, session: session)
            : nil
        if let lease {
            try RunLog.recordInput(
                lease, counts: RunCounts(input.source.holdings), fingerprint: input.fingerprint, findings: findings,
                comparedRunID: liveBefore, session: session)
            if options.skipsUnchanged, !options.isForced,
                let same = try RunLog.unchangedSince(
                    lease, modelJSON: configuration.modelJSON(), session: session)
            {
                throw ScoringError(
                    .noChange, "input and configuration are those of run \(same), which is live; nothing to do")
            }
        }
        let incumbents = try installation.incumbents(
            ofRun: liveBefore, margin: configuration.output.hysteresis, for: input.source, session)
        return Reading(
            input: input, findings: findings, propensity: propensity, liveBefore: liveBefore, incumbents: incumbents)
    }

    /// Search and score run together; each gets the share of the wall time that it had of the workers' time.
    private func share(_ wall: Int, _ recommendations: Recommendations) -> (search: Int, score: Int) {
        let both = recommendations.searchTime + recommendations.scoreTime
        guard both > .zero else { return (wall, 0) }
        let search = Int((Double(wall) * (recommendations.searchTime / both)).rounded())
        return (search, wall - search)
    }

    // MARK: Publishing

    private func finish(_ lease: RunLease, isHeldBack: Bool, _ connection: PostgresConnection) async throws {
        do {
            try await connection.withSession { session in
                if options.publishes && !isHeldBack {
                    try Publication.publish(lease, session: session)
                } else {
                    try Publication.keepUnpublished(
                        lease, because: options.publishes ? .gradedWorse : .notPublished, session: session)
                }
            }
        } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
            try await resolve(lease, error)
        }
    }

    /// Asks the database what became of a COMMIT whose answer was lost, for as long as it may take to come back.
    ///
    /// Whatever keeps it from answering, a second lost COMMIT included, leaves that unknown.
    private func resolve(_ lease: RunLease, _ lost: PostgresError) async throws {
        let deadline = clock.now + .seconds(60)
        while true {
            let outcome: Publication.Outcome
            do {
                outcome = try await installation.withSessionDespiteCancellation { session in
                    try Publication.resolve(lease, session: session)
                }
            } catch let error as PostgresError where error.mayPass && clock.now < deadline {
                try await Task { try await Task.sleep(for: .milliseconds(500)) }.value
                continue
            } catch {
                throw ScoringError(
                    .publicationUnknown,
                    "the database went away while run \(lease.runID) was being published and did not come back:"
                        + " the run may or may not be live; `peerfolio runs` tells as soon as it can be reached")
            }
            guard outcome == .succeeded else {
                throw PostgresError(
                    code: .connectionLost,
                    message:
                        "the connection ended while run \(lease.runID) was being published; it was not published, and"
                        + " what was live still is",
                    cause: lost.cause)
            }
            return
        }
    }

    // MARK: End

    /// Runs the work with a heartbeat beside it, and records how it ended if it did not end well.
    private func underLease(
        _ lease: RunLease, _ control: PostgresConnection, _ body: @escaping @Sendable () async throws -> RunSummary
    ) async throws -> RunSummary {
        let heartbeat = Heartbeat(
            lease: lease, control: control, patience: configuration.timeouts.lease, progress: progress)
        do {
            return try await guarded(by: { try await heartbeat.beat() }) { try await withinRunTimeout(body) }
        } catch {
            await recordEnd(lease, error)
            throw error
        }
    }

    private func withinRunTimeout<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let timeout = configuration.timeouts.run
        return try await guarded(
            by: {
                try await Task.sleep(for: timeout)
                throw ScoringError(.runTimeout, "the run took longer than timeouts.run allows; it was stopped")
            }, body)
    }

    private func recordEnd(_ lease: RunLease, _ error: any Error) async {
        let end = RunFailure(error)
        let phase = progress.current.phase
        guard end.isRecorded else { return }
        do {
            try await installation.withSessionDespiteCancellation { session in
                try RunLog.end(
                    lease, because: end.reason, in: phase, message: end.message, sqlState: end.sqlState,
                    session: session)
                try RunLog.sweep(
                    keeping: configuration.retention.runs, statementTimeout: configuration.timeouts.statement,
                    session: session)
            }
        } catch {
            progress.send(
                .warning("run \(lease.runID) could not be marked as \(end.status.rawValue); the next run does it"))
        }
    }

    /// What is left to do when a run has succeeded; nothing here changes its result.
    private func wrapUp(_ lease: RunLease, _ summary: RunSummary) async {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            let phases = String(decoding: try encoder.encode(summary.phases), as: UTF8.self)
            try await installation.withSessionDespiteCancellation { session in
                try RunLog.recordPhases(lease, json: phases, session: session)
                try RunLog.freeSlot(of: configuration.retention.slots, after: lease, session: session)
                try RunLog.sweep(
                    keeping: configuration.retention.runs, statementTimeout: configuration.timeouts.statement,
                    session: session)
            }
        } catch {
            progress.send(.warning("the run succeeded, but cleaning up after it did not: \(error)"))
        }
    }

    private func milliseconds(since start: ContinuousClock.Instant) -> Int {
        Int((clock.now - start) / .milliseconds(1))
    }
}
