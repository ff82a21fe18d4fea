import Postgres
import ResultStore

extension QueueChange {
    /// Makes the change.
    ///
    /// - Returns: The number of a further attempt; nil for other changes, and when there is none.
    func apply(channel: String, session: Session) throws -> Int64? {
        switch self {
        case .add(let trigger, let moment):
            try RunQueue(session).add(channel: channel, trigger: trigger, moment: moment)
        case .skip(let trigger, let moment, let reason, let message):
            try RunQueue(session).skip(
                channel: channel, trigger: trigger, moment: moment, because: reason, message: message)
        case .addForNotification:
            try RunQueue(session).addForNotification(channel: channel)
        case .end(let runID, let reason, let message, let sqlState):
            try RunQueue(session).end(runID, because: reason, message: message, sqlState: sqlState)
        case .postpone(let runID, let delay):
            try RunQueue(session).postpone(runID, by: delay)
        case .retry(let runID, let delay, let attemptLimit):
            return try RunQueue(session).retry(runID, after: delay, attemptLimit: attemptLimit)
        }
        return nil
    }
}
