import Logging
import Postgres
import Scheduling
import Testing

@testable import Daemon
@testable import ResultStore
@testable import Scoring

@Suite("Starting runs, one at a time")
struct RunTests {
    @Test func startsTheRunWhoseTurnItIs() throws {
        var trial = Trial.started(try .of(transportWarning: "not encrypted"))
        trial.queue = .of(next: .of(5, .notify, attempt: 2))
        let actions = trial.send(.notification(channel: "peerfolio"))
        #expect(
            actions.filter { if case .ask = $0 { false } else { true } } == [
                .log(.warning, "not encrypted", ["run_id": "5"]),
                .log(.notice, "a run starts", ["run_id": "5", "trigger": "notify", "attempt": "2"]),
                .start(.of(5, .notify, attempt: 2), skipsUnchanged: true),
                .setTimer(2, .seconds(10)),
            ])
    }

    @Test func unchangedInputIsScoredWhereThatIsWanted() throws {
        var trial = Trial(try .of(unchanged: .run))
        trial.queue = .of(next: .of(5))
        #expect(trial.send(.started).contains(.start(.of(5), skipsUnchanged: false)))
    }

    @Test func aRunOfThisDaemonGoesOn() throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        // It may not have got as far as to tell the database.
        trial.queue = .of(next: .of(2))
        #expect(trial.tick().starts == [])
        #expect(trial.send(.runEnded(.of(.of(1), nil))).starts == [2])
    }

    @Test func aRunOfSomebodyElseGoesOn() throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(running: 1, next: .of(2)) }
        #expect(trial.tick().starts == [])
        trial.queue = .of(next: .of(2))
        #expect(trial.tick().starts == [2])
    }

    /// Before anything else is started, and whoever acts by now.
    @Test(arguments: [true, false])
    func theEndOfARunIsDealtWith(isActing: Bool) throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        (trial.queue, trial.nextAttempt) = (.of(next: .of(9)), 8)
        if !isActing { trial.lease = Trial.other }
        let end = EndedRun.of(.of(1), PostgresError(code: .connectionLost, message: "lost"))
        let actions = trial.send(.runEnded(end))
        #expect(
            actions.prefix(4) == [
                .ask(.acquireLease(nextMoment: nil)),
                .log(
                    .error, "the run has not been published: \(try #require(end.failure).message)",
                    ["run_id": "1", "reason": "DATABASE_UNAVAILABLE"]),
                .ask(.settle([.postpone(1, by: .seconds(60)), .retry(1, after: .seconds(60), attemptLimit: 3)])),
                .log(.notice, "another attempt is queued", ["run_id": "8"]),
            ])
        #expect(actions.starts == (isActing ? [9] : []))
    }

    @Test func aRunThatWasSkippedIsNoError() throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        trial.queue = .of()
        let actions = trial.send(.runEnded(.of(.of(1), ScoringError(.noChange, "as run 7"))))
        #expect(actions.log == ["notice: the run has not been published: as run 7"])
    }

    // MARK: The load job

    @Test func aNotificationOfALoadAsksForOneRun() throws {
        var trial = Trial.started(try .of(notifyChannel: "dwh loaded"))
        #expect(trial.send(.notification(channel: "dwh loaded")).isQueueingForALoad == [true])
        #expect(trial.tick().isQueueingForALoad == [false])
    }

    @Test func aRequestIsNoLoad() throws {
        var trial = Trial.started(try .of(notifyChannel: "dwh loaded"))
        #expect(trial.send(.notification(channel: "peerfolio")).isQueueingForALoad == [false])
    }

    @Test func aLoadIsRememberedUntilTheDatabaseKnows() throws {
        var trial = Trial.started(try .of(notifyChannel: "dwh loaded"))
        trial.isFailing = { if case .queueDue = $0 { true } else { false } }
        trial.send(.notification(channel: "dwh loaded"))
        trial.isFailing = { _ in false }
        #expect(trial.tick().isQueueingForALoad == [true])
        #expect(trial.tick().isQueueingForALoad == [false])
    }

    /// The daemon that acts has heard it, too.
    @Test func aStandbyLeavesALoadToTheActor() throws {
        var trial = Trial.started(try .of(notifyChannel: "dwh loaded")) { $0.lease = Trial.other }
        trial.send(.notification(channel: "dwh loaded"))
        trial.lease = .held(scheduledSince: Trial.midnight)
        #expect(trial.tick().isQueueingForALoad == [false])
    }

    @Test func whatPassesWithoutARunIsTold() throws {
        var trial = Trial.started(try .of(cron: "0 0 * * *", overlap: .skip))
        trial.queue = .of(now: Double(Trial.midnight) + 86_400, running: 4)
        #expect(trial.tick().log == ["warning: a run was due while another was going on; it is skipped"])
    }
}

extension [DaemonAction] {
    fileprivate var isQueueingForALoad: [Bool] {
        questions.compactMap { if case .queueDue(let due) = $0 { due.isNotifiedOfLoad } else { nil } }
    }
}
