import Configuration
import Foundation
import Logging
import Postgres
import ResultStore
import Scheduling
import Scoring

/// The loop of the daemon: takes one event after the other, looks around, and acts.
struct DaemonLoop {
    private let load: @Sendable () throws -> Installation
    private let log: Logger
    private let events: AsyncStream<DaemonEvent>
    private let send: AsyncStream<DaemonEvent>.Continuation
    /// A name that no other process has.
    private let holder = UUID().uuidString

    private var installation: Installation
    private var listener: Task<Void, Never>?
    private var connection: PostgresConnection?
    /// What was said of the rights of the connection's role.
    private var knownRemarks: [String] = []
    private var timer: Task<Void, Never>?
    private var timerNumber = 0

    private var isActing = false
    private var isFirstLook = true
    /// Failed looks in a row.
    private var faults = 0
    /// How often in a row the server has not accepted the service's role.
    private var refusals = 0
    private var current: (run: QueuedRun, task: Task<Void, Never>)?
    /// Runs that have ended, and whose end is still to be dealt with.
    private var ended: [(run: QueuedRun, error: (any Error)?)] = []
    private var isNotifiedOfLoad = false
    private var isStopping = false
    private var isMetricsFileBehind = false

    /// After so many refusals in a row there is a pause: a server that counts them locks the role out.
    private static let refusalLimit = 3

    private var settings: ConfigurationSection<ScheduleKeys> { installation.configuration.scheduling }
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
    }

    /// Works until told to stop.
    mutating func run() async {
        log.notice("the daemon starts", metadata: metadata)
        await look()
        var shutdownTimer: Task<Void, Never>?
        for await event in events {
            switch event {
            case .timer(let number):
                if number == timerNumber { await look() }
            case .notification(let channel):
                if channel == settings.notifyChannel { isNotifiedOfLoad = true }
                await look()
            case .runEnded(let run, let error):
                current = nil
                ended.append((run, error))
                await look()
            case .reload: await reload()
            case .shutdown:
                log.notice("the daemon stops", metadata: current.map { ["run_id": "\($0.run.runID)"] })
                isStopping = true
                shutdownTimer = Task { [send, grace = settings.shutdownGrace] in
                    try? await Task.sleep(for: grace)
                    send.yield(.graceIsOver)
                }
            case .graceIsOver:
                log.notice("the run is cancelled: schedule.shutdown_grace is over")
                current?.task.cancel()
            }
            if isStopping && current == nil { break }
        }
        shutdownTimer?.cancel()
        await stop()
    }

    private var metadata: Logger.Metadata {
        let next = settings.schedule.next(after: Int(Date().timeIntervalSince1970))
        return [
            "channel": "\(channel)", "version": "\(Installation.version)",
            "next": "\(next.map { settings.schedule.clock.time(at: $0).description } ?? "on request only")",
        ]
    }

    // MARK: Looking around

    /// Looks around and acts, and sets the timer for the next time.
    private mutating func look() async {
        guard !isStopping || !ended.isEmpty else { return }
        do {
            let delay = try await act()
            if faults > 0 { log.notice("the database is back") }
            (faults, refusals) = (0, 0)
            await writeMetrics()
            setTimer(delay)
        } catch {
            faults += 1
            await connection?.close()
            connection = nil
            setTimer(delay(after: error))
        }
    }

    /// Tells of a failed look, and how long to wait before the next.
    private mutating func delay(after error: any Error) -> Duration {
        let isRefusal = (error as? PostgresError)?.code == .authenticationFailed
        refusals = isRefusal ? refusals + 1 : 0
        if isRefusal { stopListening() }
        if refusals >= Self.refusalLimit {
            let pause = installation.configuration.retry.backoff.longest
            log.error("the server does not accept the role, the next attempt is in \(pause) or at SIGHUP: \(error)")
            return pause
        }
        // Once is news; the rest would fill the log.
        log.log(level: faults == 1 ? .warning : .debug, "the database cannot be used, waiting: \(error)")
        return Backoff(first: .seconds(1), longest: settings.poll).delay(afterAttempt: faults)
    }

    /// - Returns: How long nothing will be to do.
    private mutating func act() async throws -> Duration {
        let connection = try await openConnection()
        let lease = installation.configuration.timeouts.lease
        let outcome = try await connection.withSession {
            [lease = schedulerLease, schedule = settings.schedule] session in
            try lease.acquire(
                schedule: schedule.description, nextMoment: schedule.next(after: Int(Date().timeIntervalSince1970)),
                session: session)
        }
        for (run, error) in ended { try await dealWithEnd(of: run, error, connection) }
        ended = []
        guard case .held(let scheduledSince) = outcome else {
            if case .heldByOther(let host, let processID) = outcome, isActing || isFirstLook {
                log.notice("another daemon acts", metadata: ["host": "\(host)", "process": "\(processID)"])
            }
            (isActing, isFirstLook, isNotifiedOfLoad) = (false, false, false)
            return min(settings.poll, lease / 3)
        }
        if !isActing { log.notice("this daemon acts", metadata: metadata) }
        (isActing, isFirstLook) = (true, false)
        guard !isStopping else { return settings.poll }
        try await reviveDeadRuns(connection)
        let state = try await enqueueWhatIsDue(since: scheduledSince, connection)
        if current == nil, state.runningRunID == nil, let next = state.next { start(next) }
        return nextLook(after: state)
    }

    private mutating func openConnection() async throws -> PostgresConnection {
        if let connection { return connection }
        let opened = try await PostgresConnection.open(installation.connectionSettings)
        connection = opened
        // Not before: two that knock with a wrong password are twice as many attempts.
        if listener == nil { startListening() }
        let remarks = try await opened.withSession { [installation] in try installation.remarksOnRole($0) }
        for remark in remarks where !knownRemarks.contains(remark) { log.warning("\(remark)") }
        knownRemarks = remarks
        return opened
    }

    private var schedulerLease: SchedulerLease {
        SchedulerLease(
            channel: channel, holder: holder, host: ScoringRun.hostName,
            processID: ProcessInfo.processInfo.processIdentifier, programVersion: Installation.version,
            duration: installation.configuration.timeouts.lease)
    }

    private func nextLook(after state: RunQueue.State) -> Duration {
        var delay = min(settings.poll, installation.configuration.timeouts.lease / 3)
        if let due = settings.schedule.next(after: Int(state.now.rounded(.down))) {
            delay = min(delay, .seconds(Double(due) - state.now))
        }
        if let wait = state.secondsUntilNext { delay = min(delay, .seconds(wait)) }
        return max(delay, .milliseconds(10))
    }

    private mutating func setTimer(_ delay: Duration) {
        timer?.cancel()
        timerNumber += 1
        timer = Task { [send, number = timerNumber] in
            do {
                try await Task.sleep(for: delay)
                send.yield(.timer(number))
            } catch {
                // Another timer took its place.
            }
        }
    }

    private mutating func writeMetrics() async {
        guard let path = installation.configuration.metrics.textfile, let connection else { return }
        let file = MetricsFile(path: path, channel: channel)
        do {
            let health = try await connection.withSession { [channel] session in
                try RunHealth.current(channel: channel, session: session)
            }
            try file.write(health, isActing: isActing)
            if isMetricsFileBehind { log.notice("the metrics file is written again") }
            isMetricsFileBehind = false
        } catch {
            // Once is news here, too.
            let reason = (error as? PostgresError).map { "\($0)" } ?? error.localizedDescription
            log.log(
                level: isMetricsFileBehind ? .debug : .warning, "the metrics file cannot be written: \(reason)",
                metadata: ["file": "\(path)"])
            isMetricsFileBehind = true
        }
    }

    // MARK: Acting

    /// Marks a dead run as such, and queues another attempt of each run that is to be repeated.
    private func reviveDeadRuns(_ connection: PostgresConnection) async throws {
        let (channel, retry) = (channel, installation.configuration.retry)
        let lease = installation.configuration.timeouts.lease
        let dead = try await connection.withSession { session in
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
        for runID in dead { log.error("a run was abandoned", metadata: ["run_id": "\(runID)"]) }
    }

    /// Records what is due or was missed, and what the load job has asked for.
    private mutating func enqueueWhatIsDue(
        since scheduledSince: Int, _ connection: PostgresConnection
    ) async throws -> RunQueue.State {
        let policy = DuePolicy(
            schedule: settings.schedule, catchUp: settings.catchUp, grace: settings.grace / .seconds(1))
        let (channel, overlap, isNotified) = (channel, settings.overlap, isNotifiedOfLoad)
        let (state, entries) = try await connection.withSession { session in
            var entries: [String] = []
            let state = try RunQueue.state(channel: channel, session: session)
            let handled = max(state.lastMoment ?? 0, scheduledSince)
            let decision = policy.decide(after: handled, now: state.now)
            if let missed = decision.missed {
                let message =
                    "\(missed.count == 1 ? "1 run was" : "\(missed.count) runs were") missed, the last at"
                    + " \(policy.schedule.clock.time(at: missed.moment))"
                try RunQueue.skip(
                    channel: channel, trigger: .schedule, moment: missed.moment, reasonCode: "MISSED", message: message,
                    session: session)
                entries.append(message)
            }
            if let due = decision.run {
                let trigger = due.isCatchUp ? RunTrigger.catchUp : .schedule
                let isBusy = state.runningRunID != nil || state.queuedBySchedule > 0
                if isBusy && (overlap == .skip || state.queuedBySchedule > 0) {
                    try RunQueue.skip(
                        channel: channel, trigger: trigger, moment: due.moment, reasonCode: "OVERLAP",
                        message: state.runningRunID.map { "run \($0) was still going on" }
                            ?? "another run of the schedule was still waiting",
                        session: session)
                    entries.append("a run was due while another was going on; it is skipped")
                } else {
                    try RunQueue.add(channel: channel, trigger: trigger, moment: due.moment, session: session)
                }
            }
            if isNotified { try RunQueue.addForNotification(channel: channel, session: session) }
            let hasChanged = decision.missed != nil || decision.run != nil || isNotified
            return (hasChanged ? try RunQueue.state(channel: channel, session: session) : state, entries)
        }
        isNotifiedOfLoad = false
        for entry in entries { log.warning("\(entry)") }
        return state
    }

    private mutating func start(_ run: QueuedRun) {
        let options = RunOptions(
            asOf: run.asOf, isForced: run.isForced, trigger: run.trigger, queuedRunID: run.runID,
            skipsUnchanged: settings.unchanged == .skip)
        var log = log
        log[metadataKey: "run_id"] = "\(run.runID)"
        if let warning = installation.transportWarning { log.warning("\(warning)") }
        log.notice("a run starts", metadata: ["trigger": "\(run.trigger.rawValue)", "attempt": "\(run.attempt)"])
        let scoring = ScoringRun(installation, options: options) { [log] event in log.tell(event) }
        current = (
            run,
            Task { [send, log] in
                do {
                    let summary = try await scoring.execute()
                    // Its reason has figures in it, and no data.
                    if let refusal = summary.refusal { log.error("\(refusal)") }
                    log.notice(
                        summary.published ? "the run is published" : "the run is stored, not published",
                        metadata: [
                            "recommendations": "\(summary.recommendations)", "milliseconds": "\(summary.phases.total)",
                        ])
                    send.yield(.runEnded(run, nil))
                } catch {
                    send.yield(.runEnded(run, error))
                }
            }
        )
    }

    /// Records the end of a run where it could not do so itself, and queues another attempt if the fault may pass.
    private func dealWithEnd(
        of run: QueuedRun, _ error: (any Error)?, _ connection: PostgresConnection
    ) async throws {
        guard let error else { return }
        let failure = RunFailure(error)
        log.log(
            level: failure.isSkip ? .notice : .error, "the run has not been published: \(failure.message)",
            metadata: ["run_id": "\(run.runID)", "reason": "\(failure.reasonCode)"])
        let (overlap, retry, isStopping) = (settings.overlap, installation.configuration.retry, isStopping)
        let next: Int64? = try await connection.withSession { session in
            if failure.isOverlap {
                if run.trigger == .schedule && overlap == .skip {
                    try RunQueue.end(
                        run.runID, as: .skipped, reasonCode: "OVERLAP", message: failure.message, session: session)
                }
                return nil
            }
            if !failure.mayPass {
                // Harmless if the run has started: then its end is recorded.
                try RunQueue.end(
                    run.runID, as: failure.status, reasonCode: failure.reasonCode, message: failure.message,
                    session: session)
            }
            if failure.isCancelled && isStopping {
                return try RunQueue.retry(run.runID, after: .zero, attemptLimit: .max, session: session)
            }
            guard failure.mayPass else { return nil }
            let delay = retry.backoff.delay(afterAttempt: run.attempt)
            // A run that did not get as far as to start is still queued.
            try RunQueue.postpone(run.runID, by: delay, session: session)
            return try RunQueue.retry(
                run.runID, after: delay, attemptLimit: retry.attempts, session: session)
        }
        if let next { log.notice("another attempt is queued", metadata: ["run_id": "\(next)"]) }
    }

    // MARK: Signals

    private mutating func reload() async {
        do {
            let loaded = try load()
            if loaded.configuration.publish.channel != channel { await releaseLease() }
            installation = loaded
            await connection?.close()
            connection = nil
            stopListening()
            log.notice("the configuration was read again", metadata: metadata)
        } catch {
            log.error("the configuration has a mistake; the old one stays: \(error)")
        }
        await look()
    }

    private mutating func stopListening() {
        listener?.cancel()
        listener = nil
    }

    private mutating func startListening() {
        let listener = NotificationListener(
            installation: installation,
            channels: [NotificationListener.requests] + (settings.notifyChannel.map { [$0] } ?? []),
            log: log, events: send)
        self.listener = Task { await listener.run() }
    }

    private mutating func stop() async {
        timer?.cancel()
        stopListening()
        await releaseLease()
        await connection?.close()
        connection = nil
        log.notice("the daemon has stopped")
    }

    private func releaseLease() async {
        guard isActing, let connection else { return }
        do {
            try await connection.withSession { [schedulerLease] in try schedulerLease.release(session: $0) }
        } catch {
            log.debug("the lease could not be given up; it ends by itself: \(error)")
        }
    }
}
