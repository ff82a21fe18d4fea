import Foundation
import Holdings
import ResultStore
import Scoring
import Synchronization

/// Shows how a run goes on: a bar that redraws itself on a terminal, plain lines elsewhere.
final class ProgressDisplay: Sendable {
    private struct State {
        /// What is being done, in words.
        var step: String?
        var lastDrawn: ContinuousClock.Instant?
        var isBarVisible = false
    }

    private let state = Mutex(State())
    private let isTerminal: Bool
    private let clock = ContinuousClock()
    private static let barWidth = 30

    init() {
        isTerminal = isatty(STDERR_FILENO) == 1
    }

    /// Takes an event of a run.
    func show(_ event: RunEvent) {
        switch event {
        case .started(let runID): line("run \(runID) started")
        case .phase(let phase): phase == .done ? finish() : begin(Self.word(phase))
        case .progress(let phase, let done, let total): progress(Self.word(phase), done, total)
        case .findings(let findings):
            for finding in findings where finding.severity != .info {
                // Not "error", which begins the one line that ends a command.
                let word = finding.severity == .error ? "finding that refuses" : "warning"
                line("\(word): \(finding.message) [\(finding.code.rawValue), \(finding.occurrences)]")
            }
        case .trained(let model): line("\(model)")
        case .warning(let text): line("warning: \(text)")
        }
    }

    /// Removes the bar from the terminal.
    func finish() {
        state.withLock { eraseBar(&$0) }
    }

    /// Shows how far a step is, and that it has begun where it is another one than before.
    ///
    /// - Parameter total: 0 where it is not known.
    func step(_ step: String, done: Int, total: Int) {
        let isNew = state.withLock { $0.step != step }
        if isNew { begin(step) }
        progress(step, done, total)
    }

    private func begin(_ step: String) {
        state.withLock { state in
            state.step = step
            state.lastDrawn = nil
            if isTerminal { draw(step, 0, 0, &state) } else { Output.note(step) }
        }
    }

    private func progress(_ step: String, _ done: Int, _ total: Int) {
        state.withLock { state in
            let now = clock.now
            // Ten times a second is enough for eyes, and every ten seconds for a log.
            let interval: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
            guard state.step == step, now - (state.lastDrawn ?? now - interval) >= interval else { return }
            defer { state.lastDrawn = now }
            if isTerminal {
                draw(step, done, total, &state)
            } else if state.lastDrawn != nil {
                Output.note("\(step): \(Self.amount(done, total))")
            }
        }
    }

    private func line(_ text: String) {
        state.withLock { state in
            eraseBar(&state)
            Output.note(text)
        }
    }

    private func draw(_ step: String, _ done: Int, _ total: Int, _ state: inout State) {
        let filled = total > 0 ? Self.barWidth * done / total : 0
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.barWidth - filled)
        let text = "\r\u{1B}[K[\(bar)] \(step) \(done > 0 ? Self.amount(done, total) : "")"
        Output.toStandardError(text)
        state.isBarVisible = true
    }

    private func eraseBar(_ state: inout State) {
        guard state.isBarVisible else { return }
        Output.toStandardError("\r\u{1B}[K")
        state.isBarVisible = false
    }

    private static func amount(_ done: Int, _ total: Int) -> String {
        total > 0 ? "\(Output.grouped(done)) of \(Output.grouped(total))" : Output.grouped(done)
    }

    private static func word(_ phase: RunPhase) -> String {
        switch phase {
        case .start: "starting"
        case .read: "reading holdings"
        case .encode: "encoding portfolios"
        case .search: "searching peers"
        case .write: "writing recommendations"
        case .check: "verifying"
        case .publish: "publishing"
        case .done: "done"
        }
    }
}
