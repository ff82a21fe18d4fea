import Postgres
import ResultStore

extension QueueChange {
    /// Makes the change.
    ///
    /// - Returns: The number of a further attempt; nil for other changes, and when there is none.
    func apply(channel: String, session: Session) throws -> Int64? {
        switch self {
        case .add(let trigger, let moment):
            try RunQueue.add(channel: channel, trigger: trigger, moment: moment, session: session)
        case .skip(let trigger, let moment, let reason, let message):
            try RunQueue.skip(
                channel: channel, trigger: trigger, moment: moment, because: reason, message: message, session: session)
        case .addForNotification:
            try RunQueue.addForNotification(channel: channel, session: session)
        case .end(let runID, let reason, let message, let sqlState):
            try RunQueue.end(runID, because: reason, message: message, sqlState: sqlState, session: session)
        case .postpone(let runID, let delay):
            try RunQueue.postpone(runID, by: delay, session: session)
        case .retry(let runID, let delay, let attemptLimit):
            return try RunQueue.retry(runID, after: delay, attemptLimit: attemptLimit, session: session)
        }
        return nil
    }
}
