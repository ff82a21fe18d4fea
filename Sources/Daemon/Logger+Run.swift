import Holdings
import Logging
import ResultStore
import Scoring

extension Logger {
    /// Tells what a run does.
    func tell(_ event: RunEvent) {
        switch event {
        case .started: break
        case .phase(let phase): info("\(phase.rawValue)", metadata: ["phase": "\(phase.rawValue)"])
        case .progress: break
        case .findings(let findings):
            for finding in findings where finding.severity != .info {
                warning("\(finding.message)", metadata: ["finding": "\(finding.code.rawValue)"])
            }
        case .trained(let model):
            info(
                "\(model)",
                metadata: [
                    "loss": "\(model.loss)", "iterations": "\(model.iterations)",
                    "gradient_norm": "\(model.gradientNorm)",
                ])
        case .warning(let text): warning("\(text)")
        }
    }

    /// Tells what has come of a run.
    func tell(_ summary: RunSummary) {
        // Its reason has figures in it, and no data.
        if let refusal = summary.refusal { error("\(refusal)") }
        notice(
            summary.published ? "the run is published" : "the run is stored, not published",
            metadata: [
                "recommendations": "\(summary.recommendations)", "milliseconds": "\(summary.phases.total)",
            ])
    }
}
