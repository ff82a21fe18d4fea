import Configuration
import Evaluation
import Holdings
import Postgres
import Recommending
import ResultStore
import SourceReading

/// Loads what a run has computed into its slot, verifies it and publishes it.
struct RunPublication: Sendable {
    private let installation: Installation
    private let options: RunOptions
    private let progress: RunProgress
    private let lease: RunLease

    private var configuration: ServiceConfiguration { installation.configuration }

    init(_ run: ScoringRun, _ lease: RunLease) {
        installation = run.installation
        options = run.options
        progress = run.progress
        self.lease = lease
    }

    /// Writes, verifies, grades and publishes.
    ///
    /// - Returns: What the run did.
    /// - Throws: `RunError`, `ScoringError`, `PostgresError`, `PortfolioError`, `SignalError`; `CancellationError`.
    func publish(_ computed: ComputedRun) async throws -> RunSummary {
        await progress.begin(.write)
        let totals = try await write(computed)

        await progress.begin(.check)
        // Before a connection is opened, which would be idle meanwhile: some servers and poolers end those.
        let graded = try await PublicationGate(installation, progress).grade(computed.reading.input)
        let isHeldBack = graded?.grade == .worse && !options.isForced
        try await installation.withConnection { connection in
            try await verify(totals, computed, graded, connection)
            await progress.begin(.publish)
            try await finish(isHeldBack: isHeldBack, connection)
        }
        var summary = computed.summary()
        summary.grade = graded?.grade
        summary.gradeReason = graded?.reason
        summary.published = options.publishes && !isHeldBack
        summary.isHeldBack = options.publishes && isHeldBack
        await progress.begin(.done)
        summary.change = await compare(computed)
        return summary
    }

    private func writer(_ session: Session) -> ResultWriter {
        ResultWriter(session, lease, statementTimeout: configuration.timeouts.statement)
    }

    /// Loads all parts side by side, each over a connection of its own; the first failure stops the others.
    private func write(_ computed: ComputedRun) async throws -> ResultWriter.Totals {
        let source = computed.reading.input.source
        let results = RunResults(
            roster: source.roster, recommendations: computed.result.recommendations, policy: source.policy,
            components: source.components, popularity: computed.result.popularity,
            propensity: computed.reading.propensity)
        return try await withThrowingTaskGroup(of: ResultWriter.Totals.self) { group in
            for part in ResultPart.allCases {
                group.addTask {
                    try await installation.withSession { session in
                        try writer(session).write(part, results) {
                            progress.report(done: $0, total: source.roster.clients.count)
                        }
                    }
                }
            }
            return try await group.reduce(.zero, +)
        }
    }

    /// Compares in SQL what is in the slot with what was sent, and records the grade.
    ///
    /// Statistics come first: without them the server verifies a million lists by itself, with them all its processors do.
    private func verify(
        _ totals: ResultWriter.Totals, _ computed: ComputedRun, _ graded: GradedRun?, _ connection: PostgresConnection
    ) async throws {
        do {
            try await connection.withSession { try writer($0).analyze() }
        } catch let error as PostgresError where error.code == .server {
            progress.send(.warning("no statistics were collected; reports may be slow at first: \(error)"))
        }
        try await connection.withSession { session in
            try writer(session).verify(
                totals, distinctPortfolios: computed.result.distinctPortfolios, kernel: computed.result.kernelName,
                width: computed.width, concentration: computed.concentration)
        }
        if let graded { try await connection.withSession { try graded.record(lease, session: $0) } }
    }

    /// Moves the publication pointer, or keeps the run for later.
    private func finish(isHeldBack: Bool, _ connection: PostgresConnection) async throws {
        do {
            try await connection.withSession { session in
                if options.publishes && !isHeldBack {
                    try Publication(session).publish(lease)
                } else {
                    try Publication(session).keepUnpublished(
                        lease, because: options.publishes ? .gradedWorse : .notPublished)
                }
            }
        } catch let error as PostgresError where error.code == .commitOutcomeUnknown {
            try await resolve(error)
        }
    }

    /// Asks the database what became of a COMMIT whose answer was lost, for as long as it may take to come back.
    ///
    /// Whatever keeps it from answering, a second lost COMMIT included, leaves that unknown.
    private func resolve(_ lost: PostgresError) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let outcome: Publication.Outcome
            do {
                outcome = try await installation.withSessionDespiteCancellation { session in
                    try Publication(session).resolve(lease)
                }
            } catch let error as PostgresError where error.mayPass && ContinuousClock.now < deadline {
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

    /// What has changed against the run that was live before; nil for the first, and where that cannot be found out.
    private func compare(_ computed: ComputedRun) async -> RunComparison? {
        guard let earlier = computed.reading.liveBefore else { return nil }
        do {
            return try await installation.withSession { session in
                let runs = EarlierRuns(session, statementTimeout: configuration.timeouts.statement)
                let change = try runs.compare(
                    computed.reading.input.source.roster, computed.result.recommendations, with: earlier)
                if let change { try runs.record(change, runID: lease.runID) }
                return change
            }
        } catch {
            progress.send(.warning("the run succeeded, but could not be compared with the one before: \(error)"))
            return nil
        }
    }
}
