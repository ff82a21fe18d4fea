import Postgres
import Scheduling
import TestSupport
import Testing

@testable import Daemon
@testable import ResultStore
@testable import Scoring

@Suite("Whatever happens, in any order")
struct AnySequenceTests {
    /// Invented events and invented answers, failures among them; ``Witness`` says what must hold.
    @Test(arguments: TestSeed.list(60))
    func theDaemonKeepsItsRules(seed: UInt64) throws {
        var world = try InventedWorld(seed: seed)
        world.send(.started)
        for _ in 0..<400 where !world.state.hasStopped { world.sendAny() }
        // However it went, it stops in an orderly way.
        if !world.state.hasStopped { world.stop() }
        #expect(world.state.hasStopped)
    }

    /// The same happenings lead to the same actions: there is no clock, no chance and no state beside the value.
    @Test(arguments: TestSeed.list(5))
    func theSameAgain(seed: UInt64) throws {
        var (one, other) = (try InventedWorld(seed: seed), try InventedWorld(seed: seed))
        for _ in 0..<200 where !one.state.hasStopped {
            #expect(one.sendAny() == other.sendAny())
        }
    }

    /// The sequences reach what they are to try.
    @Test func sequencesComeAround() throws {
        var seen: [String: Int] = [:]
        for seed in 0..<60 as Range<UInt64> {
            var world = try InventedWorld(seed: seed)
            for action in world.send(.started) { seen[Self.name("\(action)"), default: 0] += 1 }
            for _ in 0..<400 where !world.state.hasStopped {
                for action in world.sendAny() { seen[Self.name("\(action)"), default: 0] += 1 }
            }
        }
        for name in [
            "start", "cancelRun", "setGraceTimer", "releaseLease", "stopListening", "disconnect",
        ] {
            #expect(seen[name, default: 0] >= 10, "\(name)")
        }
    }

    private static func name(_ action: String) -> String { String(action.prefix { $0 != "(" }) }
}

/// Events and answers by chance; only such as may be.
private struct InventedWorld {
    private(set) var state: DaemonState
    private var witness: Witness
    private var random: SeededGenerator
    private var now = Double(Trial.midnight)
    private var runID: Int64 = 0
    private let configurations: [DaemonSettings]

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        configurations = [
            try .of(),
            try .of(cron: "*/5 * * * *", notifyChannel: "dwh loaded", metricsFile: "/tmp/p.prom"),
            try .of(channel: "trial", cron: "0 * * * *", overlap: .queue, poll: .seconds(2)),
        ]
        let settings = configurations[Int.random(in: 0..<3, using: &random)]
        state = DaemonState(settings)
        witness = Witness(settings)
    }

    @discardableResult
    mutating func sendAny() -> [DaemonAction] {
        var events: [DaemonEvent] = [
            .notification(channel: "peerfolio"), .notification(channel: "dwh loaded"), .timer(0),
        ]
        if !witness.isStopping { events.append(.hangUp) }
        if let timer = witness.armedTimer { events += Array(repeating: .timer(timer), count: 4) }
        if witness.running != nil { events += [end(), end(), end()] }
        if witness.isGraceTimerSet { events.append(.graceIsOver) }
        let isShutdown = !witness.isStopping && chance(0.003)
        return send(isShutdown ? .shutdown : events[Int.random(in: 0..<events.count, using: &random)])
    }

    mutating func stop() {
        if !witness.isStopping { send(.shutdown) }
        if witness.running != nil { send(end()) }
    }

    @discardableResult
    mutating func send(_ event: DaemonEvent) -> [DaemonAction] {
        now += Double.random(in: 0...90, using: &random)
        var actions: [DaemonAction] = []
        var next: DaemonEvent? = event
        while let event = next {
            next = nil
            witness.hear(event)
            for action in state.react(to: event, at: Int(now), random: .random(in: 0...1, using: &random)) {
                witness.see(action)
                actions.append(action)
                if case .ask(let question) = action { next = answer(question) }
            }
        }
        witness.rest(hasStopped: state.hasStopped)
        return actions
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func end() -> DaemonEvent {
        let errors: [(any Error)?] = [
            nil, CancellationError(), PostgresError(code: .connectionLost, message: "lost"),
            RunError(.alreadyRunning, "busy"), ScoringError(.noChange, "as run 7"), ScoringError(.dataRefused, "no"),
        ]
        return .runEnded(
            .of(witness.running ?? .of(0), errors[Int.random(in: 0..<errors.count, using: &random)]))
    }

    private mutating func answer(_ question: DaemonQuestion) -> DaemonEvent {
        let mayFail =
            switch question {
            case .readConfiguration, .writeMetrics: false
            default: true
            }
        if mayFail && chance(0.1) { return .databaseFailed(isRefusal: chance(0.5), "no answer") }
        switch question {
        case .readConfiguration:
            return chance(0.3)
                ? .configurationRefused("line 3")
                : .configurationRead(configurations[Int.random(in: 0..<3, using: &random)])
        case .connect: return .connected
        case .readRemarks: return .remarks(chance(0.2) ? ["is a superuser"] : [])
        case .acquireLease:
            return .lease(chance(0.2) ? Trial.other : .held(scheduledSince: Trial.midnight))
        case .settle: return .settled(nextAttempt: chance(0.5) ? 99 : nil)
        case .reviveDeadRuns: return .revived(dead: chance(0.1) ? [7] : [])
        case .queueDue:
            runID += 1
            return .queue(
                .of(
                    now: now, running: chance(0.2) ? 6 : nil, next: chance(0.5) ? .of(runID) : nil,
                    secondsUntilNext: chance(0.3) ? .random(in: -1...60, using: &random) : nil),
                warnings: [])
        case .writeMetrics: return .metrics(failure: chance(0.2) ? "disk full" : nil)
        }
    }
}
