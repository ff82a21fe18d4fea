import Scheduling
import Testing

@testable import Daemon
@testable import ResultStore
@testable import Scoring

@Suite("What is due becomes a row")
struct DueRunsTests {
    private static let hour = 3600

    /// What is decided so many seconds after the schedule began to hold, for a run each full hour.
    private func decide(
        after seconds: Int, lastMoment: Int? = nil, running: Int64? = nil, queuedBySchedule: Int = 0,
        catchUp: CatchUp = .once, overlap: Overlap = .skip, isNotifiedOfLoad: Bool = false
    ) throws -> (changes: [QueueChange], warnings: [String]) {
        let settings = try DaemonSettings.of(cron: "0 * * * *", catchUp: catchUp, overlap: overlap)
        return DueRuns(
            scheduling: settings.scheduling, scheduledSince: Trial.midnight, isNotifiedOfLoad: isNotifiedOfLoad
        ).decide(
            .of(
                now: Double(Trial.midnight + seconds), lastMoment: lastMoment.map { Trial.midnight + $0 },
                running: running, queuedBySchedule: queuedBySchedule))
    }

    private func moment(_ hours: Int) -> Int { Trial.midnight + hours * Self.hour }

    @Test func nothingIsDueBetweenMoments() throws {
        let (changes, warnings) = try decide(after: Self.hour - 1)
        #expect(changes == [])
        #expect(warnings == [])
    }

    @Test func aMomentThatHasComeIsQueued() throws {
        let (changes, warnings) = try decide(after: Self.hour + 2)
        #expect(changes == [.add(.schedule, moment: moment(1))])
        #expect(warnings == [])
    }

    // MARK: Handled already

    @Test func aMomentWithARowIsNotDueAgain() throws {
        #expect(try decide(after: Self.hour + 2, lastMoment: Self.hour).changes == [])
        // Nor are those before it, when the database's clock was ahead for a while.
        #expect(try decide(after: Self.hour + 2, lastMoment: 5 * Self.hour).changes == [])
    }

    /// A changed schedule holds from then on.
    @Test func momentsBeforeTheScheduleAreNotDue() throws {
        #expect(try decide(after: 2, lastMoment: -5 * Self.hour).changes == [])
    }

    // MARK: Missed

    @Test func afterDowntimeOneRunStandsForAll() throws {
        let (changes, warnings) = try decide(after: 72 * Self.hour + 600)
        let message = "71 runs were missed, the last at 2026-06-03T23:00:00"
        #expect(
            changes == [
                .skip(.schedule, moment: moment(71), because: .missed, message: message),
                .add(.catchUp, moment: moment(72)),
            ])
        #expect(warnings == [message])
    }

    @Test func oneMissedRunIsCaughtUp() throws {
        #expect(try decide(after: Self.hour + 600).changes == [.add(.catchUp, moment: moment(1))])
    }

    @Test func missedRunsAreOnlyRecordedWhereNobodyWantsThem() throws {
        let message = "1 run was missed, the last at 2026-06-01T01:00:00"
        #expect(
            try decide(after: Self.hour + 600, catchUp: .none).changes
                == [.skip(.schedule, moment: moment(1), because: .missed, message: message)])
    }

    // MARK: While another run is going on

    struct Overlapping: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var running: Int64?
        var queuedBySchedule = 0
        let overlap: Overlap
        /// Why it is skipped; nil when it is queued.
        let expected: String?
    }

    @Test(
        arguments: [
            Overlapping(testDescription: "skip", running: 4, overlap: .skip, expected: "run 4 was still going on"),
            Overlapping(testDescription: "queue", running: 4, overlap: .queue, expected: nil),
            Overlapping(
                testDescription: "one at most is queued", running: 4, queuedBySchedule: 1, overlap: .queue,
                expected: "run 4 was still going on"),
            Overlapping(
                testDescription: "one waits, skip", queuedBySchedule: 1, overlap: .skip,
                expected: "another run of the schedule was still waiting"),
            Overlapping(
                testDescription: "one waits, queue", queuedBySchedule: 1, overlap: .queue,
                expected: "another run of the schedule was still waiting"),
            Overlapping(testDescription: "nothing goes on", overlap: .skip, expected: nil),
        ], [false, true])
    func isSkippedWithOverlapOrWaits(overlapping: Overlapping, isCatchUp: Bool) throws {
        let (changes, warnings) = try decide(
            after: Self.hour + (isCatchUp ? 600 : 0), running: overlapping.running,
            queuedBySchedule: overlapping.queuedBySchedule, overlap: overlapping.overlap)
        let trigger = isCatchUp ? RunTrigger.catchUp : .schedule
        guard let message = overlapping.expected else {
            #expect(changes == [.add(trigger, moment: moment(1))])
            #expect(warnings == [])
            return
        }
        #expect(changes == [.skip(trigger, moment: moment(1), because: .overlap, message: message)])
        #expect(warnings == ["a run was due while another was going on; it is skipped"])
    }

    // MARK: The load job

    @Test func aLoadIsQueuedBesideWhatIsDue() throws {
        #expect(try decide(after: 5, isNotifiedOfLoad: true).changes == [.addForNotification])
        // It waits for the run that is going on: that may have read what was there before.
        #expect(try decide(after: 5, running: 4, isNotifiedOfLoad: true).changes == [.addForNotification])
        #expect(
            try decide(after: Self.hour, isNotifiedOfLoad: true).changes
                == [.add(.schedule, moment: moment(1)), .addForNotification])
    }
}
