import Configuration
import Foundation
import Logging
import Postgres
import ResultStore
import Scheduling
import Scoring

/// The loop of the daemon: hands every event to ``DaemonState``, and does what that decides.
struct DaemonLoop {
    private let load: @Sendable () throws -> Installation
    private let log: Logger
    private let events: AsyncStream<DaemonEvent>
    private let send: AsyncStream<DaemonEvent>.Continuation
    /// A name that no other process has.
    private let holder = UUID().uuidString

    private var state: DaemonState
    private var installation: Installation
    private var connection: PostgresConnection?
    private var listener: Task<Void, Never>?
    private var timer: Task<Void, Never>?
    private var graceTimer: Task<Void, Never>?
    private var scoring: Task<Void, Never>?

    private var channel: String { installation.configuration.publish.channel }

    init(
        installation: Installation, log: Logger, load: @escaping @Sendable () throws -> Installation,
        events: AsyncStream<DaemonEvent>, send: AsyncStream<DaemonEvent>.Continuation
    ) {
        self.installation = installation
        self.log = log
        self.load = load
        self.events = events
        self.send = send
        state = DaemonState(DaemonSettings(installation))
    }

    /// Works until told to stop.
    mutating func run() async {
        await handle(.started)
        for await event in events {
            await handle(event)
            if state.hasStopped { break }
        }
        timer?.cancel()
        graceTimer?.cancel()
    }

    /// Does what an event leads to; other events wait until no question is open.
    private mutating func handle(_ event: DaemonEvent) async {
        var next: DaemonEvent? = event
        while let event = next {
            next = nil
            let now = Int(Date().timeIntervalSince1970)
            for action in state.react(to: event, at: now, random: .random(in: 0...1)) {
                next = await carryOut(action)
            }
        }
    }

    /// - Returns: The answer, if the action is a question.
    private mutating func carryOut(_ action: DaemonAction) async -> DaemonEvent? {
        switch action {
        case .log(let level, let message, let metadata):
            log.log(level: level, "\(message)", metadata: metadata.mapValues { "\($0)" })
        case .setTimer(let number, let delay):
            timer?.cancel()
            timer = sending(.timer(number), after: delay)
        case .setGraceTimer(let delay): graceTimer = sending(.graceIsOver, after: delay)
        case .start(let run, let skipsUnchanged): start(run, skipsUnchanged: skipsUnchanged)
        case .cancelRun: scoring?.cancel()
        case .listen(let channels):
            let notifications = NotificationListener(
                installation: installation, channels: channels, log: log, events: send)
            listener = Task { await notifications.run() }
        case .stopListening: listener?.cancel()
        case .releaseLease(let channel): await releaseLease(of: channel)
        case .disconnect:
            await connection?.close()
            connection = nil
        case .ask(let question):
            do {
                return try await answer(question)
            } catch {
                return .databaseFailed(
                    isRefusal: (error as? PostgresError)?.code == .authenticationFailed, "\(error)")
            }
        }
        return nil
    }

    private func sending(_ event: DaemonEvent, after delay: Duration) -> Task<Void, Never> {
        Task { [send] in
            do {
                try await Task.sleep(for: delay)
                send.yield(event)
            } catch {
                // Another timer took its place, or the daemon has stopped.
            }
        }
    }

    private mutating func start(_ run: QueuedRun, skipsUnchanged: Bool) {
        let options = RunOptions(
            asOf: run.asOf, isForced: run.isForced, trigger: run.trigger, queuedRunID: run.runID,
            skipsUnchanged: skipsUnchanged)
        var log = log
        log[metadataKey: "run_id"] = "\(run.runID)"
        let work = ScoringRun(installation, options: options) { [log] event in log.tell(event) }
        scoring = Task { [send, log] in
            do {
                log.tell(try await work.execute())
                send.yield(.runEnded(EndedRun(run: run, failure: nil)))
            } catch {
                send.yield(.runEnded(EndedRun(run: run, failure: RunFailure(error))))
            }
        }
    }

    // MARK: The database

    private mutating func answer(_ question: DaemonQuestion) async throws -> DaemonEvent {
        switch question {
        case .readConfiguration:
            do {
                installation = try load()
                return .configurationRead(DaemonSettings(installation))
            } catch {
                return .configurationRefused("\(error)")
            }
        case .connect:
            connection = try await PostgresConnection.open(installation.connectionSettings)
            return .connected
        case .readRemarks:
            return .remarks(try await withSession { [installation] in try installation.remarksOnRole($0) })
        case .acquireLease(let nextMoment):
            let (lease, schedule) = (lease(of: channel), installation.configuration.scheduling.schedule.description)
            return .lease(
                try await withSession { try lease.acquire(schedule: schedule, nextMoment: nextMoment, session: $0) })
        case .settle(let changes):
            let next = try await withSession { [channel] session in
                try changes.compactMap { try $0.apply(channel: channel, session: session) }.last
            }
            return .settled(nextAttempt: next)
        case .reviveDeadRuns: return .revived(dead: try await reviveDeadRuns())
        case .queueDue(let due):
            let (state, warnings) = try await withSession { [channel] session in
                let state = try RunQueue.state(channel: channel, session: session)
                let (changes, warnings) = due.decide(state)
                for change in changes { _ = try change.apply(channel: channel, session: session) }
                return (changes.isEmpty ? state : try RunQueue.state(channel: channel, session: session), warnings)
            }
            return .queue(state, warnings: warnings)
        case .writeMetrics(let isActing): return .metrics(failure: await writeMetrics(isActing: isActing))
        }
    }

    private func withSession<Value: Sendable>(_ body: @Sendable (Session) throws -> Value) async throws -> Value {
        guard let connection else { preconditionFailure("the database is asked without a connection") }
        return try await connection.withSession(body)
    }

    private func lease(of channel: String) -> SchedulerLease {
        SchedulerLease(
            channel: channel, holder: holder, host: ScoringRun.hostName,
            processID: ProcessInfo.processInfo.processIdentifier, programVersion: Installation.version,
            duration: installation.configuration.timeouts.lease)
    }

    private func releaseLease(of channel: String) async {
        let lease = lease(of: channel)
        do {
            try await withSession { try lease.release(session: $0) }
        } catch {
            log.debug("the lease could not be given up; it ends by itself: \(error)")
        }
    }

    /// Marks a dead run as such, and queues another attempt of each run that is to be repeated.
    private func reviveDeadRuns() async throws -> [Int64] {
        let (retry, lease) = (installation.configuration.retry, installation.configuration.timeouts.lease)
        return try await withSession { [channel] session in
            let dead = try RunLog.failDeadRuns(channel: channel, lease: lease, session: session)
            for (runID, attempt) in try RunQueue.unrepeated(
                channel: channel, attemptLimit: retry.attempts, session: session)
            {
                try RunQueue.retry(
                    runID, after: retry.backoff.delay(afterAttempt: attempt), attemptLimit: retry.attempts,
                    session: session)
            }
            return dead
        }
    }

    /// - Returns: Why the file cannot be written, in words; nil if it was.
    private func writeMetrics(isActing: Bool) async -> String? {
        guard let path = installation.configuration.metrics.textfile else { return nil }
        do {
            let health = try await withSession { [channel] in try RunHealth.current(channel: channel, session: $0) }
            try MetricsFile(path: path, channel: channel).write(health, isActing: isActing)
            return nil
        } catch {
            return (error as? PostgresError).map { "\($0)" } ?? error.localizedDescription
        }
    }
}
