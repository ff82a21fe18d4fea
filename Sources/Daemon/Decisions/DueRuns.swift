import ResultStore
import Scheduling

/// Decides what to queue, from what the database says at that moment.
struct DueRuns: Sendable, Equatable {
    /// What is due when, and what becomes of it.
    let scheduling: DaemonSettings.Timetable
    /// Since when the schedule holds, in seconds since 1970-01-01 00:00 UTC.
    let scheduledSince: Int
    /// Whether the load job has asked for a run.
    let isNotifiedOfLoad: Bool

    /// What to do about the moments that have come since the last one that was decided about, and about the load.
    ///
    /// - Returns: The changes, in order, and what there is to tell of them.
    func decide(_ state: RunQueue.State) -> (changes: [QueueChange], warnings: [String]) {
        let policy = DuePolicy(
            schedule: scheduling.schedule, catchUp: scheduling.catchUp, grace: scheduling.grace / .seconds(1))
        let decision = policy.decide(after: max(state.lastMoment ?? 0, scheduledSince), now: state.now)
        var (changes, warnings) = ([QueueChange](), [String]())
        if let missed = decision.missed {
            let runs = missed.count == 1 ? "1 run was" : "\(missed.count) runs were"
            let message = "\(runs) missed, the last at \(scheduling.schedule.clock.time(at: missed.moment))"
            changes.append(.skip(.schedule, moment: missed.moment, because: .missed, message: message))
            warnings.append(message)
        }
        if let due = decision.run {
            let trigger = due.isCatchUp ? RunTrigger.catchUp : .schedule
            if let obstacle = obstacle(state) {
                changes.append(.skip(trigger, moment: due.moment, because: .overlap, message: obstacle))
                warnings.append("a run was due while another was going on; it is skipped")
            } else {
                changes.append(.add(trigger, moment: due.moment))
            }
        }
        if isNotifiedOfLoad { changes.append(.addForNotification) }
        return (changes, warnings)
    }

    /// Why a run of the schedule is not to be queued, in words; nil if it is.
    private func obstacle(_ state: RunQueue.State) -> String? {
        let isOneWaiting = state.queuedBySchedule > 0
        if let running = state.runningRunID, isOneWaiting || scheduling.overlap == .skip {
            return "run \(running) was still going on"
        }
        return isOneWaiting ? "another run of the schedule was still waiting" : nil
    }
}
