import Foundation
import ResultStore

/// The daemon's figures as a text file for node_exporter's textfile collector: a new file each time, moved into place, so
/// that nobody reads a part of one.
struct MetricsFile: Sendable {
    let path: String
    let channel: String

    /// Writes the file.
    ///
    /// - Parameters:
    ///   - health: The state of the channel; nil before its first run.
    ///   - isActing: Whether this daemon holds the lease.
    func write(_ health: RunHealth?, isActing: Bool) throws {
        let file = URL(fileURLWithPath: path)
        // Beside it, because a move between file systems is a copy; node_exporter reads names that end in .prom.
        let temporary = file.deletingLastPathComponent()
            .appendingPathComponent(".\(file.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier)")
        try Data(text(health, isActing: isActing).utf8).write(to: temporary)
        guard rename(temporary.path, file.path) == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path])
        }
    }

    func text(_ health: RunHealth?, isActing: Bool) -> String {
        var lines: [String] = []
        func gauge(_ name: String, _ help: String, _ value: Double?) {
            guard let value else { return }
            lines.append("# HELP peerfolio_\(name) \(help)")
            lines.append("# TYPE peerfolio_\(name) gauge")
            // A channel is a name of letters, digits and underscores: nothing in it needs quoting.
            lines.append("peerfolio_\(name){channel=\"\(channel)\"} \(Self.number(value))")
        }
        gauge("scheduler_acting", "Whether this daemon holds the lease.", isActing ? 1 : 0)
        gauge("live_run", "Number of the published run.", health?.liveRunID.map(Double.init))
        gauge("published_timestamp_seconds", "When the published run was published.", health?.publishedEpoch)
        gauge("next_run_timestamp_seconds", "The next due moment.", health?.nextRunEpoch)
        gauge("queued_runs", "Runs that wait for their turn.", health.map { Double($0.queuedRuns) })
        gauge("running", "Whether a run is going on.", health.map { $0.runningRunID == nil ? 0 : 1 })
        gauge(
            "failures_since_success", "Failed runs since the newest one that succeeded.",
            health.map { Double($0.failuresSinceSuccess) })
        return lines.joined(separator: "\n") + "\n"
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }
}
