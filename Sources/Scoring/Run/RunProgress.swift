import ResultStore
import Synchronization

/// What a run is doing now, shared by the work that reports it and the heartbeat that records it.
final class RunProgress: Sendable {
    struct State {
        var phase = RunPhase.start
        var done = 0
        var total = 0
    }

    private let state = Mutex(State())
    private let onEvent: @Sendable (RunEvent) -> Void

    init(onEvent: @escaping @Sendable (RunEvent) -> Void) {
        self.onEvent = onEvent
    }

    var current: State { state.withLock { $0 } }

    func begin(_ phase: RunPhase) {
        state.withLock { $0 = State(phase: phase) }
        onEvent(.phase(phase))
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
