import ResultStore
import Synchronization

/// What a run is doing now, and how long it has done what: shared by the work that reports it and the heartbeat that
/// records it.
final class RunProgress: Sendable {
    struct State {
        var phase = RunPhase.start
        var done = 0
        var total = 0
        fileprivate var start = ContinuousClock.now
        fileprivate var durations: [RunPhase: Duration] = [:]
    }

    private let state = Mutex(State())
    private let onEvent: @Sendable (RunEvent) -> Void

    init(onEvent: @escaping @Sendable (RunEvent) -> Void) {
        self.onEvent = onEvent
    }

    var current: State { state.withLock { $0 } }

    /// Begins a phase, which ends the one before; a test may hold the run here.
    func begin(_ phase: RunPhase) async {
        state.withLock { state in
            let now = ContinuousClock.now
            state.durations[state.phase] = now - state.start
            state = State(phase: phase, start: now, durations: state.durations)
        }
        onEvent(.phase(phase))
        await pausePoint(phase == .done ? "published" : phase.rawValue)
    }

    /// Milliseconds of wall time that a phase took, or has taken so far; 0 if it never began.
    func milliseconds(of phase: RunPhase) -> Int {
        let duration = state.withLock { state in
            state.phase == phase ? .now - state.start : state.durations[phase] ?? .zero
        }
        return Int(duration / .milliseconds(1))
    }

    func report(done: Int, total: Int) {
        let phase = state.withLock { state in
            (state.done, state.total) = (done, total)
            return state.phase
        }
        onEvent(.progress(phase, done: done, total: total))
    }

    func send(_ event: RunEvent) {
        onEvent(event)
    }
}

extension RunSummary.Phases {
    /// The phases of a run as far as it has come.
    ///
    /// Search and score run together; each gets the share of the wall time that it had of the workers' time.
    init(_ progress: RunProgress, searchTime: Duration, scoreTime: Duration) {
        let both = progress.milliseconds(of: .search)
        read = progress.milliseconds(of: .read)
        encode = progress.milliseconds(of: .encode)
        let time = searchTime + scoreTime
        search = time > .zero ? Int((Double(both) * (searchTime / time)).rounded()) : both
        score = both - search
        write = progress.milliseconds(of: .write)
        check = progress.milliseconds(of: .check)
        publish = progress.milliseconds(of: .publish)
    }
}
