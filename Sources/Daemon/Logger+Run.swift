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
        case .warning(let text): warning("\(text)")
        }
    }
}
