import Scheduling
import Testing

@testable import Daemon
@testable import ResultStore
@testable import Scoring

/// Sees all that a daemon does, and objects to what it must never do.
///
/// It keeps its own account from events and actions alone, and knows nothing of the daemon's state.
struct Witness {
    private(set) var settings: DaemonSettings
    private(set) var running: QueuedRun?
    private(set) var armedTimer: Int?
    private(set) var isGraceTimerSet = false
    private(set) var isStopping = false
    private var isConnected = false
    private var isListening = false
    /// Whether the lease was held when it was last asked for, in this look.
    private var isHoldingLease = false
    /// The run that may be started: the database's answer in this look.
    private var next: QueuedRun?
    private var openQuestion: DaemonQuestion?
    /// The run whose end the database has not heard of yet.
    private var unsettled: QueuedRun?
    /// Whether a load is still to be told to the database.
    private var isLoadOwed = false

    init(_ settings: DaemonSettings) {
        self.settings = settings
    }

    mutating func hear(_ event: DaemonEvent) {
        defer { openQuestion = nil }
        switch event {
        case .timer(let number): if number == armedTimer { armedTimer = nil }
        case .notification(let channel): if channel == settings.scheduling.notifyChannel { isLoadOwed = true }
        case .runEnded(let ended):
            running = nil
            if ended.failure != nil { unsettled = ended.run }
        case .shutdown: isStopping = true
        case .configurationRead(let loaded): settings = loaded
        case .connected: isConnected = true
        case .lease(.held): isHoldingLease = true
        case .lease(.heldByOther):
            // Whoever holds it has heard of the load, too.
            (isHoldingLease, isLoadOwed) = (false, unsettled != nil && isLoadOwed)
        case .settled:
            unsettled = nil
            if !isHoldingLease { isLoadOwed = false }
        case .queue(let state, _):
            isLoadOwed = false
            next = state.runningRunID == nil ? state.next : nil
        case .databaseFailed: isHoldingLease = false
        default: break
        }
    }

    mutating func see(_ action: DaemonAction) {
        #expect(openQuestion == nil, "a question is the last action")
        switch action {
        case .setTimer(let number, let delay):
            #expect(!isStopping)
            #expect(number != armedTimer)
            #expect(delay >= .milliseconds(10))
            #expect(delay <= max(settings.scheduling.poll, settings.retry.backoff.longest))
            armedTimer = number
            // The look is over.
            (isHoldingLease, next) = (false, nil)
        case .setGraceTimer:
            #expect(isStopping && running != nil)
            isGraceTimerSet = true
        case .start(let run, _):
            #expect(running == nil, "one run at a time")
            #expect(!isStopping, "nothing starts after the shutdown")
            #expect(isHoldingLease, "only the daemon with the lease acts")
            #expect(run == next, "only what the database has just said may start does")
            #expect(unsettled == nil, "the end of a run is dealt with before another starts")
            running = run
        case .cancelRun: #expect(isStopping && running != nil)
        case .listen:
            #expect(!isListening && isConnected)
            isListening = true
        case .stopListening:
            #expect(isListening)
            isListening = false
        case .releaseLease: #expect(isConnected)
        case .disconnect:
            #expect(isConnected)
            isConnected = false
        case .ask(let question):
            check(question)
            openQuestion = question
        case .log: break
        }
    }

    private func check(_ question: DaemonQuestion) {
        switch question {
        case .readConfiguration: break
        case .connect: #expect(!isConnected)
        case .settle(let changes):
            #expect(isConnected && unsettled != nil)
            for change in changes {
                switch change {
                case .end(let runID, _, _, _), .postpone(let runID, _), .retry(let runID, _, _):
                    #expect(runID == unsettled?.runID)
                case .add, .skip, .addForNotification: Issue.record("\(change) is not about a run that has ended")
                }
            }
        case .reviveDeadRuns: #expect(isConnected && isHoldingLease && !isStopping)
        case .queueDue(let due):
            #expect(isConnected && isHoldingLease && !isStopping)
            #expect(due.isNotifiedOfLoad == isLoadOwed, "a load asks for a run once")
        case .writeMetrics(let isActing):
            #expect(isConnected && isActing == isHoldingLease)
        case .readRemarks, .acquireLease: #expect(isConnected)
        }
    }

    /// What holds while no question is open.
    func rest(hasStopped: Bool) {
        #expect(openQuestion == nil, "a question is always answered")
        if hasStopped {
            #expect(isStopping && running == nil && !isConnected && !isListening)
        } else if isStopping {
            #expect(running != nil && isGraceTimerSet, "only a run keeps a daemon from stopping")
        } else {
            #expect(armedTimer != nil, "there is always a next look")
        }
    }
}
