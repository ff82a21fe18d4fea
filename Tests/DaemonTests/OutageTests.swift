import Logging
import Testing

@testable import Daemon
@testable import ResultStore
@testable import Scoring

@Suite("When the database cannot be used")
struct OutageTests {
    /// Breaks off wherever it happens, and begins anew with another connection.
    @Test(arguments: ["connect", "readRemarks", "acquireLease", "settle", "reviveDeadRuns", "queueDue"])
    func aLookIsBrokenOff(at name: String) throws {
        var trial = Trial.started(try .of()) { $0.queue = .of(next: .of(1)) }
        trial.loaded = try .of()
        trial.send(.hangUp)
        trial.isFailing = { "\($0)".hasPrefix(name) }
        trial.queue = .of(next: .of(2))
        let isAboutConnecting = ["connect", "readRemarks"].contains(name)
        let end = DaemonEvent.runEnded(.of(.of(1), ScoringError(.noChange, "as run 7")))
        let failed = trial.send(isAboutConnecting ? .hangUp : end)
        #expect(failed.questions.last.map { "\($0)".hasPrefix(name) } == true)
        #expect(failed.contains(.log(.warning, "the database cannot be used, waiting: no answer")))
        #expect(failed.contains(.disconnect))
        #expect(failed.starts == [])
        #expect(failed.last == .setTimer(3, .seconds(1)))
        trial.isFailing = { _ in false }
        let resumed = trial.tick()
        #expect(resumed.questions.first == .connect)
        #expect(resumed.log.contains("notice: the database is back"))
        // What was not done is done now.
        if name == "acquireLease" || name == "settle" {
            #expect(resumed.questions.contains { if case .settle = $0 { true } else { false } })
        }
        #expect(resumed.starts == (isAboutConnecting ? [] : [2]))
    }

    @Test func waitsLongerEachTimeAndSaysSoOnce() throws {
        var trial = Trial(try .of(poll: .seconds(6)))
        trial.isFailing = { _ in true }
        var waits: [Duration] = []
        var log = trial.send(.started).log
        for _ in 0..<5 {
            waits.append(trial.wait)
            log += trial.tick().log
        }
        #expect(waits == [.seconds(1), .seconds(2), .seconds(4), .seconds(6), .seconds(6)])
        #expect(
            log == ["notice: the daemon starts", "warning: the database cannot be used, waiting: no answer"]
                + Array(repeating: "debug: the database cannot be used, waiting: no answer", count: 5))
        trial.isFailing = { _ in false }
        #expect(trial.tick().log == ["notice: this daemon acts", "notice: the database is back"])
        // The next fault is news again, and waited out from the beginning.
        trial.isFailing = { _ in true }
        #expect(trial.tick().log == ["warning: the database cannot be used, waiting: no answer"])
        #expect(trial.wait == .seconds(1))
    }

    // MARK: A server that does not accept the role

    @Test func aRefusedRoleIsTriedThreeTimesThenWithAPause() throws {
        var trial = Trial(try .of())
        (trial.isFailing, trial.isRefusing) = ({ _ in true }, true)
        trial.send(.started)
        #expect(trial.wait == .seconds(1))
        trial.tick()
        #expect(trial.wait == .seconds(2))
        for _ in 0..<3 {
            #expect(
                trial.tick().log == [
                    "error: the server does not accept the role, the next attempt is in 900.0 seconds or at SIGHUP:"
                        + " no answer"
                ])
            #expect(trial.wait == .seconds(900))
        }
        // SIGHUP is for an administrator who has mended it.
        #expect(trial.send(.hangUp).questions == [.readConfiguration, .connect])
    }

    @Test(arguments: [true, false])
    func anythingElseEndsTheRefusals(isAnotherFault: Bool) throws {
        var trial = Trial(try .of())
        (trial.isFailing, trial.isRefusing) = ({ _ in true }, true)
        trial.send(.started)
        trial.tick()
        if isAnotherFault { trial.isRefusing = false } else { trial.isFailing = { _ in false } }
        trial.tick()
        (trial.isFailing, trial.isRefusing) = ({ _ in true }, true)
        trial.tick()
        #expect(trial.wait < .seconds(900))
    }

    /// Two that knock with a wrong password are twice as many attempts.
    @Test func doesNotListenWhileTheRoleIsRefused() throws {
        var trial = Trial(try .of())
        (trial.isFailing, trial.isRefusing) = ({ _ in true }, true)
        let requests = DaemonAction.listen(to: ["peerfolio"])
        #expect(!trial.send(.started).contains(requests))
        trial.isFailing = { _ in false }
        #expect(trial.tick().contains(requests))
        trial.isFailing = { _ in true }
        #expect(trial.tick().contains(.stopListening))
        trial.isFailing = { _ in false }
        #expect(trial.tick().contains(requests))
    }

    /// The listener comes back by itself.
    @Test func otherFaultsLeaveTheListenerAlone() throws {
        var trial = Trial.started(try .of())
        trial.isFailing = { _ in true }
        #expect(!trial.tick().contains(.stopListening))
        trial.isFailing = { _ in false }
        #expect(!trial.tick().contains(.listen(to: ["peerfolio"])))
    }
}
