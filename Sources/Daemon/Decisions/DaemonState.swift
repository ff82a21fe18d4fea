import Logging
import ResultStore
import Scheduling
import Scoring

/// What the daemon knows, and the only place that decides what it does next.
///
/// A value without clocks, chance, input or output: ``DaemonLoop`` hands in what happens, and carries out what comes back.
/// A look around is a chain of questions. It begins when something may be to do, ends with a timer for the next look, and
/// is broken off by the database's first failure; what was not done is still to do at the next look.
struct DaemonState {
    /// How far a look around has come: which question is open, and what is needed once it is answered.
    private enum Step {
        case resting
        case readingConfiguration
        case connecting
        case checkingRole
        case acquiringLease
        case settling(SchedulerLease.Outcome)
        case reviving(scheduledSince: Int)
        case queueing
        case writingMetrics(nextLookIn: Duration)
    }

    /// The run of this daemon: one at a time, and its end is dealt with before another starts.
    private enum Work {
        case none
        case running(QueuedRun)
        case ended(EndedRun)
    }

    /// After so many refusals in a row there is a pause: a server that counts them locks the role out.
    static let refusalLimit = 3

    /// Whether the daemon has stopped: nothing is done any more.
    private(set) var hasStopped = false

    private var settings: DaemonSettings
    private var step = Step.resting
    private var work = Work.none
    private var isConnected = false
    private var isListening = false
    private var isActing = false
    private var isFirstLook = true
    private var isNotifiedOfLoad = false
    private var isStopping = false
    private var isMetricsFileBehind = false
    /// Failed looks in a row.
    private var faults = 0
    /// How often in a row the server has not accepted the service's role.
    private var refusals = 0
    /// What was said of the rights of the connection's role.
    private var knownRemarks: [String] = []
    private var timerNumber = 0

    init(_ settings: DaemonSettings) {
        self.settings = settings
    }

    /// Decides what to do.
    ///
    /// - Parameters:
    ///   - event: What has happened. While a question is open, its answer and nothing else.
    ///   - now: The time, in seconds since 1970-01-01 00:00 UTC.
    ///   - random: A number from 0 to 1, for waits.
    /// - Returns: What to do, in order; a question is the last, if there is one.
    mutating func react(to event: DaemonEvent, at now: Int, random: Double) -> [DaemonAction] {
        switch (step, event) {
        case (.resting, .started):
            return [.log(.notice, "the daemon starts", announcement(at: now))] + look(at: now)
        case (.resting, .timer(let number)):
            return number == timerNumber ? look(at: now) : []
        case (.resting, .notification(let channel)):
            if channel == settings.scheduling.notifyChannel { isNotifiedOfLoad = true }
            return look(at: now)
        case (.resting, .runEnded(let ended)):
            work = .ended(ended)
            return look(at: now)
        case (.resting, .hangUp):
            return ask(.readConfiguration, .readingConfiguration)
        case (.readingConfiguration, .configurationRead(let loaded)):
            return adopt(loaded, at: now) + look(at: now)
        case (.readingConfiguration, .configurationRefused(let reason)):
            return [.log(.error, "the configuration has a mistake; the old one stays: \(reason)")] + look(at: now)
        case (.resting, .shutdown): return shutDown()
        case (.resting, .graceIsOver):
            return [.log(.notice, "the run is cancelled: schedule.shutdown_grace is over"), .cancelRun]
        case (.connecting, .connected): return checkRole()
        case (.checkingRole, .remarks(let remarks)):
            defer { knownRemarks = remarks }
            return remarks.filter { !knownRemarks.contains($0) }.map { .log(.warning, $0) } + acquireLease(at: now)
        case (.acquiringLease, .lease(let outcome)): return settle(under: outcome, at: now, random)
        case (.settling(let outcome), .settled(let next)):
            return (next.map { [.log(.notice, "another attempt is queued", ["run_id": "\($0)"])] } ?? [])
                + act(under: outcome, at: now)
        case (.reviving(let since), .revived(let dead)):
            return dead.map { .log(.error, "a run was abandoned", ["run_id": "\($0)"]) } + queueDue(since: since)
        case (.queueing, .queue(let state, let warnings)): return startNext(state, warnings)
        case (.writingMetrics(let delay), .metrics(let failure)): return noteMetrics(failure) + rest(for: delay)
        case (_, .databaseFailed(let isRefusal, let reason)):
            return breakOff(isRefusal: isRefusal, reason, random)
        default: preconditionFailure("\(event) is no answer to what was asked: \(step)")
        }
    }

    // MARK: Looking around

    private mutating func ask(_ question: DaemonQuestion, _ step: Step) -> [DaemonAction] {
        self.step = step
        return [.ask(question)]
    }

    /// Begins a look; a daemon that is to stop takes only one more, when its run has ended.
    private mutating func look(at now: Int) -> [DaemonAction] {
        step = .resting
        if isStopping, case .running = work { return [] }
        return isConnected ? acquireLease(at: now) : ask(.connect, .connecting)
    }

    private mutating func checkRole() -> [DaemonAction] {
        isConnected = true
        var actions: [DaemonAction] = []
        // Not before: two that knock with a wrong password are twice as many attempts.
        if !isListening {
            let notifyChannel = settings.scheduling.notifyChannel
            actions.append(.listen(to: [NotificationListener.requests] + (notifyChannel.map { [$0] } ?? [])))
            isListening = true
        }
        return actions + ask(.readRemarks, .checkingRole)
    }

    private mutating func acquireLease(at now: Int) -> [DaemonAction] {
        ask(.acquireLease(nextMoment: settings.scheduling.schedule.next(after: now)), .acquiringLease)
    }

    /// Deals with the end of this daemon's run, whoever acts now.
    private mutating func settle(
        under outcome: SchedulerLease.Outcome, at now: Int, _ random: Double
    ) -> [DaemonAction] {
        guard case .ended(let ended) = work, let failure = ended.failure else { return act(under: outcome, at: now) }
        let changes = ended.changes(
            overlap: settings.scheduling.overlap, retry: settings.retry, isStopping: isStopping, random: random)
        let metadata = ["run_id": "\(ended.run.runID)", "reason": failure.reason.rawValue]
        return [
            .log(failure.isSkip ? .notice : .error, "the run has not been published: \(failure.message)", metadata)
        ] + ask(.settle(changes), .settling(outcome))
    }

    /// Becomes the daemon that acts, or one that waits until it may.
    private mutating func act(under outcome: SchedulerLease.Outcome, at now: Int) -> [DaemonAction] {
        if case .ended = work { work = .none }
        var actions: [DaemonAction] = []
        switch outcome {
        case .heldByOther(let host, let processID):
            if isActing || isFirstLook {
                actions.append(.log(.notice, "another daemon acts", ["host": host, "process": "\(processID)"]))
            }
            (isActing, isFirstLook, isNotifiedOfLoad) = (false, false, false)
            return actions + endLook(waiting: longestWait)
        case .held(let scheduledSince):
            if !isActing { actions.append(.log(.notice, "this daemon acts", announcement(at: now))) }
            (isActing, isFirstLook) = (true, false)
            return actions
                + (isStopping
                    ? endLook(waiting: settings.scheduling.poll)
                    : ask(.reviveDeadRuns, .reviving(scheduledSince: scheduledSince)))
        }
    }

    private mutating func queueDue(since scheduledSince: Int) -> [DaemonAction] {
        let due = DueRuns(
            scheduling: settings.scheduling, scheduledSince: scheduledSince, isNotifiedOfLoad: isNotifiedOfLoad)
        return ask(.queueDue(due), .queueing)
    }

    /// Starts the run whose turn it is, unless one is going on, whoever has started that.
    private mutating func startNext(_ state: RunQueue.State, _ warnings: [String]) -> [DaemonAction] {
        isNotifiedOfLoad = false
        var actions: [DaemonAction] = warnings.map { .log(.warning, $0) }
        if case .none = work, state.runningRunID == nil, let run = state.next {
            work = .running(run)
            let runID = "\(run.runID)"
            if let warning = settings.transportWarning { actions.append(.log(.warning, warning, ["run_id": runID])) }
            actions.append(
                .log(
                    .notice, "a run starts",
                    ["run_id": runID, "trigger": run.trigger.rawValue, "attempt": "\(run.attempt)"]))
            actions.append(.start(run, skipsUnchanged: settings.scheduling.unchanged == .skip))
        }
        return actions + endLook(waiting: wait(after: state))
    }

    /// How long a look may be off: for requests nobody has notified of, and for the lease.
    private var longestWait: Duration { min(settings.scheduling.poll, settings.lease / 3) }

    /// How long nothing will be to do.
    private func wait(after state: RunQueue.State) -> Duration {
        var delay = longestWait
        if let due = settings.scheduling.schedule.next(after: Int(state.now.rounded(.down))) {
            delay = min(delay, .seconds(Double(due) - state.now))
        }
        if let wait = state.secondsUntilNext { delay = min(delay, .seconds(wait)) }
        return max(delay, .milliseconds(10))
    }

    private mutating func endLook(waiting delay: Duration) -> [DaemonAction] {
        let news: [DaemonAction] = faults > 0 ? [.log(.notice, "the database is back")] : []
        (faults, refusals) = (0, 0)
        guard settings.metricsFile != nil else { return news + rest(for: delay) }
        return news + ask(.writeMetrics(isActing: isActing), .writingMetrics(nextLookIn: delay))
    }

    private mutating func noteMetrics(_ failure: String?) -> [DaemonAction] {
        defer { isMetricsFileBehind = failure != nil }
        guard let failure else {
            return isMetricsFileBehind ? [.log(.notice, "the metrics file is written again")] : []
        }
        // Once is news; the rest would fill the log.
        return [
            .log(
                isMetricsFileBehind ? .debug : .warning, "the metrics file cannot be written: \(failure)",
                ["file": settings.metricsFile ?? ""])
        ]
    }

    /// Gives up a look that the database has failed, and waits longer each time.
    private mutating func breakOff(isRefusal: Bool, _ reason: String, _ random: Double) -> [DaemonAction] {
        faults += 1
        refusals = isRefusal ? refusals + 1 : 0
        var actions = disconnect() + (isRefusal ? stopListening() : [])
        if refusals >= Self.refusalLimit {
            let pause = settings.retry.backoff.longest
            let message = "the server does not accept the role, the next attempt is in \(pause) or at SIGHUP: \(reason)"
            return actions + [.log(.error, message)] + rest(for: pause)
        }
        // Once is news here, too.
        actions.append(.log(faults == 1 ? .warning : .debug, "the database cannot be used, waiting: \(reason)"))
        let backoff = Backoff(first: .seconds(1), longest: settings.scheduling.poll)
        return actions + rest(for: backoff.delay(afterAttempt: faults, random: random))
    }

    /// Ends a look, and with it a daemon that is to stop.
    private mutating func rest(for delay: Duration) -> [DaemonAction] {
        step = .resting
        if isStopping { return stop() }
        timerNumber += 1
        return [.setTimer(timerNumber, delay)]
    }

    // MARK: Signals

    private mutating func adopt(_ loaded: DaemonSettings, at now: Int) -> [DaemonAction] {
        let hasMoved = loaded.channel != settings.channel
        let actions = (hasMoved ? releaseLease() : []) + disconnect() + stopListening()
        settings = loaded
        return actions + [.log(.notice, "the configuration was read again", announcement(at: now))]
    }

    private mutating func shutDown() -> [DaemonAction] {
        isStopping = true
        guard case .running(let run) = work else { return [.log(.notice, "the daemon stops")] + stop() }
        return [
            .log(.notice, "the daemon stops", ["run_id": "\(run.runID)"]),
            .setGraceTimer(settings.scheduling.shutdownGrace),
        ]
    }

    private mutating func stop() -> [DaemonAction] {
        hasStopped = true
        return stopListening() + releaseLease() + disconnect() + [.log(.notice, "the daemon has stopped")]
    }

    private mutating func stopListening() -> [DaemonAction] {
        defer { isListening = false }
        return isListening ? [.stopListening] : []
    }

    private func releaseLease() -> [DaemonAction] {
        isActing && isConnected ? [.releaseLease(channel: settings.channel)] : []
    }

    private mutating func disconnect() -> [DaemonAction] {
        defer { isConnected = false }
        return isConnected ? [.disconnect] : []
    }

    private func announcement(at now: Int) -> [String: String] {
        let schedule = settings.scheduling.schedule
        let next = schedule.next(after: now).map { schedule.clock.time(at: $0).description }
        return [
            "channel": settings.channel, "version": Installation.version, "next": next ?? "on request only",
        ]
    }
}
