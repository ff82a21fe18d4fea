package import Scheduling

/// When the daemon runs, and what it does when something comes between.
package struct ScheduleKeys: KeySection {
    let cron = Key("schedule.cron", .cron, default: [], "When the daemon runs; several are a list.")
    let timeZone = Key(
        "schedule.time_zone", .timeZone, default: .utc, "Whose clocks `schedule.cron` goes by.")
    package let catchUp = Key(
        "schedule.catch_up", .choice(CatchUp.self), default: .once,
        "After downtime: one run for all that were missed, or none.")
    package let grace = Key(
        "schedule.grace", .duration, default: .hours(6), "A missed run that is older is not made up for.")
    package let overlap = Key(
        "schedule.overlap", .choice(Overlap.self), default: .skip, "When a run is due while another is going on.")
    package let unchanged = Key(
        "schedule.unchanged", .choice(Unchanged.self), default: .skip,
        "When input and configuration are those of the live run; `peerfolio run` always runs.")
    package let notifyChannel = Key(
        "schedule.notify", .notifyChannel, "A `NOTIFY` of your load job on this channel starts a run.")
    package let poll = Key(
        "schedule.poll", .duration, default: .seconds(10),
        "How often the daemon looks for requests that it was not notified of.")
    package let shutdownGrace = Key(
        "schedule.shutdown_grace", .duration, default: .seconds(60),
        "How long a run may go on when the daemon is told to stop.")

    package var changes: KeyEffect { .nothing }
}

extension ConfigurationSection<ScheduleKeys> {
    /// The due moments; none without an expression.
    package var schedule: Schedule { Schedule(self.cron, clock: self.timeZone) }
}
