import CLibPQ
import Foundation

/// A message that `NOTIFY` has sent.
public struct Notification: Sendable, Hashable {
    /// The channel.
    public let channel: String
    /// The text after the channel; empty without one.
    public let payload: String
}

extension Session {
    /// Asks the server for the notifications of a channel, until the connection ends.
    ///
    /// Behind a pooler in transaction mode the server process that listens is soon another one's: notifications get lost,
    /// and may never come.
    public func listen(to channel: String) throws {
        try executeScript("LISTEN \(try escapeIdentifier(channel))")
    }

    /// Waits until a notification has come, or for some time.
    ///
    /// - Parameter timeout: How long to wait; zero only takes what is there.
    /// - Returns: All notifications that have come; none after the timeout.
    /// - Throws: ``PostgresError/Code/connectionLost``; `CancellationError` when the task was cancelled.
    public func notifications(waitingFor timeout: Duration) throws -> [Notification] {
        try connection.notifications(waitingFor: timeout)
    }
}

extension LibPQConnection {
    func notifications(waitingFor timeout: Duration) throws -> [Notification] {
        let deadline = Deadline(after: timeout)
        while true {
            let handle = try open()
            guard PQconsumeInput(handle) == 1 else { throw closeAsLost(reportedBy: nil) }
            var notifications: [Notification] = []
            while let next = PQnotifies(handle) {
                notifications.append(
                    Notification(
                        channel: String(cString: next.pointee.relname), payload: String(cString: next.pointee.extra)))
                PQfreemem(next)
            }
            if !notifications.isEmpty { return notifications }
            switch waitForSocket(Int16(POLLIN), until: deadline, heeding: interrupt) {
            case .ready: continue
            case .interrupted: throw CancellationError()
            case .timedOut: return []
            }
        }
    }
}
