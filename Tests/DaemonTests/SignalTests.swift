import Logging
import Testing

@testable import Daemon
@testable import ResultStore
@testable import Scoring

@Suite("Signals")
struct SignalTests {
    private static let farewell: [DaemonAction] = [
        .stopListening, .releaseLease(channel: "live"), .disconnect, .log(.notice, "the daemon has stopped"),
    ]

    // MARK: SIGTERM

    @Test func stopsAtOnceWhereNoRunGoesOn() throws {
        var trial = Trial.started(try .of())
        #expect(trial.send(.shutdown) == [.log(.notice, "the daemon stops")] + Self.farewell)
        #expect(trial.state.hasStopped)
    }

    @Test func aStandbyHasNothingToGiveUp() throws {
        var trial = Trial.started(try .of()) { $0.lease = Trial.other }
        #expect(!trial.send(.shutdown).contains(.releaseLease(channel: "live")))
    }

    @Test func stopsAtOnceWhereTheDatabaseIsAway() throws {
        var trial = Trial(try .of())
        trial.isFailing = { _ in true }
        trial.send(.started)
        #expect(trial.send(.shutdown).log == ["notice: the daemon stops", "notice: the daemon has stopped"])
        #expect(trial.state.hasStopped)
    }

    @Test func aRunMayEndWithinTheGrace() throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        #expect(
            trial.send(.shutdown) == [
                .log(.notice, "the daemon stops", ["run_id": "1"]), .setGraceTimer(.seconds(90)),
            ])
        #expect(!trial.state.hasStopped)
        // Nothing begins meanwhile.
        #expect(trial.tick() == [])
        #expect(trial.send(.notification(channel: "peerfolio")) == [])
        trial.queue = .of(next: .of(2))
        let actions = trial.send(.runEnded(.of(.of(1), nil)))
        #expect(actions.starts == [])
        #expect(actions.suffix(4) == Self.farewell[...])
        #expect(trial.state.hasStopped)
    }

    @Test func aRunThatTakesLongerIsCancelledAndQueuedAgain() throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        trial.send(.shutdown)
        #expect(
            trial.send(.graceIsOver) == [
                .log(.notice, "the run is cancelled: schedule.shutdown_grace is over"), .cancelRun,
            ])
        #expect(!trial.state.hasStopped)
        trial.nextAttempt = 2
        let actions = trial.send(.runEnded(.of(.of(1), CancellationError())))
        #expect(
            actions.questions.last
                == .settle([
                    .end(1, because: .cancelled, message: "the run was cancelled"),
                    .retry(1, after: .zero, attemptLimit: .max),
                ]))
        #expect(actions.contains(.log(.notice, "another attempt is queued", ["run_id": "2"])))
        #expect(actions.suffix(4) == Self.farewell[...])
        #expect(trial.state.hasStopped)
    }

    /// Even where the database is away by then.
    @Test func stopsAfterOneAttemptToDealWithTheEnd() throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        trial.send(.shutdown)
        trial.isFailing = { _ in true }
        let log = trial.send(.runEnded(.of(.of(1), CancellationError()))).log
        #expect(
            log == ["warning: the database cannot be used, waiting: no answer", "notice: the daemon has stopped"])
        #expect(trial.state.hasStopped)
    }

    // MARK: SIGHUP

    @Test func aNewConfigurationHoldsAtOnce() throws {
        var trial = Trial.started(try .of())
        trial.loaded = try .of(cron: "0 * * * *", notifyChannel: "dwh loaded", poll: .seconds(3))
        let actions = trial.send(.hangUp)
        #expect(
            Array(actions.prefix(6)) == [
                .ask(.readConfiguration), .disconnect, .stopListening,
                .log(
                    .notice, "the configuration was read again",
                    ["channel": "live", "version": Installation.version, "next": "2026-06-01T01:00:00"]),
                .ask(.connect), .listen(to: ["peerfolio", "dwh loaded"]),
            ])
        #expect(actions.questions.contains(.acquireLease(nextMoment: Trial.midnight + 3600)))
        #expect(trial.wait == .seconds(3))
    }

    @Test func anotherChannelReleasesTheLease() throws {
        var trial = Trial.started(try .of())
        trial.loaded = try .of(channel: "trial")
        #expect(
            Array(trial.send(.hangUp).prefix(3)) == [
                .ask(.readConfiguration), .releaseLease(channel: "live"), .disconnect,
            ])
        #expect(trial.send(.shutdown).contains(.releaseLease(channel: "trial")))
    }

    @Test func aStandbyReleasesNothing() throws {
        var trial = Trial.started(try .of()) { $0.lease = Trial.other }
        trial.loaded = try .of(channel: "trial")
        #expect(!trial.send(.hangUp).contains(.releaseLease(channel: "live")))
    }

    @Test func aMistakeLeavesTheOldConfiguration() throws {
        var trial = Trial.started(try .of(poll: .seconds(3)))
        let actions = trial.send(.hangUp)
        #expect(
            actions.log == ["error: the configuration has a mistake; the old one stays: line 3: no such key"])
        #expect(!actions.contains(.disconnect))
        #expect(trial.wait == .seconds(3))
    }

    @Test func aRunGoesOnThroughANewConfiguration() throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        trial.loaded = try .of(channel: "trial")
        trial.queue = .of(next: .of(2))
        #expect(trial.send(.hangUp).starts == [])
        #expect(trial.send(.runEnded(.of(.of(1), nil))).starts == [2])
    }

    // MARK: The order of events

    @Test func anAnswerToNoQuestionIsAMistake() async {
        await #expect(processExitsWith: .failure) {
            var state = DaemonState(try .of())
            _ = state.react(to: .connected, at: 0, random: 0)
        }
    }
}
