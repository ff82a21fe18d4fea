@testable import Daemon
@testable import ResultStore
@testable import Scoring

/// The state of a daemon, and a world that answers its questions.
struct Trial {
    /// Monday, 2026-06-01 00:00 UTC.
    static let midnight = 1_780_272_000
    static let other = SchedulerLease.Outcome.heldByOther(host: "elsewhere", processID: 7)

    var state: DaemonState
    /// What the questions are answered with.
    var lease = SchedulerLease.Outcome.held(scheduledSince: midnight)
    var queue = RunQueue.State.of()
    var remarks: [String] = []
    var dead: [Int64] = []
    var nextAttempt: Int64?
    var metricsFailure: String?
    var loaded: DaemonSettings?
    /// Which questions the database does not answer.
    var isFailing: (DaemonQuestion) -> Bool = { _ in false }
    var isRefusing = false

    init(_ settings: DaemonSettings) {
        state = DaemonState(settings)
    }

    /// A daemon that has looked around once.
    static func started(
        _ settings: DaemonSettings, _ prepare: (inout Trial) -> Void = { _ in }
    ) -> Trial {
        var trial = Trial(settings)
        prepare(&trial)
        trial.send(.started)
        return trial
    }

    /// All that is done because of an event, until no question is open.
    @discardableResult
    mutating func send(_ event: DaemonEvent, at now: Int = midnight) -> [DaemonAction] {
        var actions: [DaemonAction] = []
        var next: DaemonEvent? = event
        while let event = next {
            next = nil
            for action in state.react(to: event, at: now, random: 1) {
                actions.append(action)
                if case .setTimer(let number, let delay) = action { (timerNumber, wait) = (number, delay) }
                if case .ask(let question) = action { next = answer(question) }
            }
        }
        return actions
    }

    /// The timer that was set last fires.
    @discardableResult
    mutating func tick() -> [DaemonAction] {
        send(.timer(timerNumber))
    }

    private var timerNumber = 0
    /// How long the timer waits that was set last.
    private(set) var wait = Duration.zero

    private mutating func answer(_ question: DaemonQuestion) -> DaemonEvent {
        if question != .readConfiguration, isFailing(question) {
            return .databaseFailed(isRefusal: isRefusing, "no answer")
        }
        switch question {
        case .readConfiguration:
            return loaded.map { .configurationRead($0) } ?? .configurationRefused("line 3: no such key")
        case .connect: return .connected
        case .readRemarks: return .remarks(remarks)
        case .acquireLease: return .lease(lease)
        case .settle: return .settled(nextAttempt: nextAttempt)
        case .reviveDeadRuns: return .revived(dead: dead)
        case .queueDue(let due): return .queue(queue, warnings: due.decide(queue).warnings)
        case .writeMetrics: return .metrics(failure: metricsFailure)
        }
    }
}
