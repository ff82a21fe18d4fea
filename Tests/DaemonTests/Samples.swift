import Scheduling

@testable import Daemon
@testable import ResultStore
@testable import Scoring

extension DaemonSettings {
    /// Settings as the defaults are, but for what is given.
    static func of(
        channel: String = "live", cron: String? = nil, catchUp: CatchUp = .once, overlap: Overlap = .skip,
        unchanged: Unchanged = .skip, notifyChannel: String? = nil, poll: Duration = .seconds(15),
        lease: Duration = .seconds(30), metricsFile: String? = nil, transportWarning: String? = nil
    ) throws -> DaemonSettings {
        DaemonSettings(
            channel: channel,
            scheduling: DaemonSettings.Timetable(
                schedule: Schedule(
                    try cron.map { [try CronExpression($0)] } ?? [], clock: try WallClock(zoneName: "UTC")),
                catchUp: catchUp, grace: .seconds(6 * 3600), overlap: overlap, unchanged: unchanged,
                notifyChannel: notifyChannel, poll: poll, shutdownGrace: .seconds(90)),
            retry: .sample, lease: lease, metricsFile: metricsFile, transportWarning: transportWarning)
    }
}

extension DaemonSettings.Retry {
    static let sample = Self(attempts: 3, backoff: Backoff(first: .seconds(60), longest: .seconds(900)))
}

extension RunQueue.State {
    /// An empty queue, but for what is given.
    static func of(
        now: Double = Double(Trial.midnight), lastMoment: Int? = nil, running: Int64? = nil, next: QueuedRun? = nil,
        queuedBySchedule: Int = 0, secondsUntilNext: Double? = nil
    ) -> Self {
        Self(
            now: now, lastMoment: lastMoment, runningRunID: running, next: next, queuedBySchedule: queuedBySchedule,
            secondsUntilNext: secondsUntilNext)
    }
}

extension QueuedRun {
    static func of(_ runID: Int64, _ trigger: RunTrigger = .request, attempt: Int = 1) -> QueuedRun {
        QueuedRun(runID: runID, trigger: trigger, asOf: nil, isForced: false, attempt: attempt)
    }
}

extension EndedRun {
    /// A run that this has ended; nil for one with a result.
    static func of(_ run: QueuedRun, _ error: (any Error)?) -> EndedRun {
        EndedRun(run: run, failure: error.map { RunFailure($0) })
    }
}

extension [DaemonAction] {
    /// The questions asked.
    var questions: [DaemonQuestion] {
        compactMap { if case .ask(let question) = $0 { question } else { nil } }
    }

    /// The runs started.
    var starts: [Int64] {
        compactMap { if case .start(let run, _) = $0 { run.runID } else { nil } }
    }

    /// The log, without what is said beside.
    var log: [String] {
        compactMap { if case .log(let level, let message, _) = $0 { "\(level): \(message)" } else { nil } }
    }
}
