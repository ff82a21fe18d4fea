import Logging
import Scoring
import Testing

@testable import Daemon
@testable import ResultStore

@Suite("Looking around")
struct LookTests {
    @Test func theFirstLookAsksEverything() throws {
        var trial = Trial(try .of(cron: "0 * * * *", notifyChannel: "dwh loaded", metricsFile: "/tmp/p.prom"))
        let settings = try DaemonSettings.of(cron: "0 * * * *", notifyChannel: "dwh loaded")
        let announcement = [
            "channel": "live", "version": Installation.version, "next": "2026-06-01T01:00:00",
        ]
        let due = DueRuns(
            scheduling: settings.scheduling, scheduledSince: Trial.midnight, isNotifiedOfLoad: false)
        #expect(
            trial.send(.started) == [
                .log(.notice, "the daemon starts", announcement),
                .ask(.connect),
                .listen(to: ["peerfolio", "dwh loaded"]),
                .ask(.readRemarks),
                .ask(.acquireLease(nextMoment: Trial.midnight + 3600)),
                .log(.notice, "this daemon acts", announcement),
                .ask(.reviveDeadRuns),
                .ask(.queueDue(due)),
                .ask(.writeMetrics(isActing: true)),
                .setTimer(1, .seconds(10)),
            ])
    }

    @Test func furtherLooksAreQuiet() throws {
        var trial = Trial.started(try .of())
        let actions = trial.tick()
        #expect(actions.log == [])
        #expect(!actions.contains { if case .listen = $0 { true } else { false } })
        #expect(!actions.questions.contains(.connect))
        #expect(actions.last == .setTimer(2, .seconds(10)))
    }

    @Test func aTimerThatWasReplacedDoesNothing() throws {
        var trial = Trial.started(try .of())
        trial.send(.notification(channel: "peerfolio"))
        #expect(trial.send(.timer(1)) == [])
        #expect(trial.send(.timer(2)) != [])
    }

    @Test func whatIsSaidOfTheRoleIsSaidOnce() throws {
        var trial = Trial.started(try .of()) { $0.remarks = ["is a superuser"] }
        trial.remarks = ["is a superuser", "may write to sources"]
        trial.loaded = try .of()
        let actions = trial.send(.hangUp)
        #expect(actions.log.filter { $0.hasPrefix("warning") } == ["warning: may write to sources"])
    }

    @Test func deadRunsAreTold() throws {
        var trial = Trial.started(try .of())
        trial.dead = [3]
        #expect(trial.tick().contains(.log(.error, "a run was abandoned", ["run_id": "3"])))
    }

    // MARK: One of several daemons acts

    @Test func aDaemonWithoutTheLeaseOnlyLooks() throws {
        var trial = Trial(try .of())
        (trial.lease, trial.queue) = (Trial.other, .of(next: .of(1)))
        let actions = trial.send(.started)
        #expect(actions.contains(.log(.notice, "another daemon acts", ["host": "elsewhere", "process": "7"])))
        #expect(actions.questions == [.connect, .readRemarks, .acquireLease(nextMoment: nil)])
        #expect(actions.starts == [])
        #expect(trial.wait == .seconds(10))
        // That is no news any more.
        #expect(trial.tick().log == [])
    }

    @Test func aStandbyBecomesTheActorWhenTheLeaseIsFree() throws {
        var trial = Trial.started(try .of()) { $0.lease = Trial.other }
        trial.lease = .held(scheduledSince: Trial.midnight)
        trial.queue = .of(next: .of(1))
        let actions = trial.tick()
        #expect(actions.log == ["notice: this daemon acts", "notice: a run starts"])
        #expect(actions.starts == [1])
    }

    @Test func aDaemonThatHasLostItsLeaseStepsBack() throws {
        var trial = Trial.started(try .of())
        trial.lease = Trial.other
        trial.queue = .of(next: .of(1))
        let actions = trial.tick()
        #expect(actions.log == ["notice: another daemon acts"])
        #expect(actions.starts == [])
        #expect(trial.send(.shutdown).contains(.releaseLease(channel: "live")) == false)
    }

    // MARK: The next look

    struct Wait: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var cron: String?
        var poll = Duration.seconds(15)
        var lease = Duration.seconds(30)
        var queue = RunQueue.State.of()
        let expected: Duration
    }

    @Test(arguments: [
        Wait(testDescription: "a third of the lease", expected: .seconds(10)),
        Wait(testDescription: "as often as it polls", poll: .seconds(4), expected: .seconds(4)),
        Wait(
            testDescription: "a moment that comes earlier", cron: "0 * * * *",
            queue: .of(now: Double(Trial.midnight) + 3597.5), expected: .seconds(2.5)),
        Wait(testDescription: "a run that waits", queue: .of(secondsUntilNext: 3), expected: .seconds(3)),
        Wait(testDescription: "never at once", queue: .of(secondsUntilNext: -5), expected: .milliseconds(10)),
    ])
    func theNextLookIsAtTheFirstReason(wait: Wait) throws {
        let trial = Trial.started(try .of(cron: wait.cron, poll: wait.poll, lease: wait.lease)) {
            $0.queue = wait.queue
        }
        #expect(trial.wait == wait.expected)
    }

    // MARK: The metrics file

    @Test func aMetricsFileThatCannotBeWrittenIsNewsOnce() throws {
        var trial = Trial.started(try .of(metricsFile: "/absent/p.prom")) { $0.metricsFailure = "no such folder" }
        #expect(trial.wait == .seconds(10))
        let again = trial.tick()
        #expect(again.log == ["debug: the metrics file cannot be written: no such folder"])
        trial.metricsFailure = nil
        #expect(trial.tick().log == ["notice: the metrics file is written again"])
        trial.metricsFailure = "disk full"
        #expect(
            trial.tick().contains(
                .log(.warning, "the metrics file cannot be written: disk full", ["file": "/absent/p.prom"])))
    }

    @Test(arguments: [true, false])
    func theMetricsFileSaysWhoActs(isActing: Bool) throws {
        var trial = Trial.started(try .of(metricsFile: "/tmp/p.prom")) {
            if !isActing { $0.lease = Trial.other }
        }
        #expect(trial.tick().questions.last == .writeMetrics(isActing: isActing))
    }
}
