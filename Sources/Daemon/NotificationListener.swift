import Configuration
import Logging
import Postgres
import Scheduling
import Scoring

/// Listens for notifications over a connection of its own, and comes back when it is lost.
///
/// What is lost meanwhile is found by polling: notifications make the daemon quick, never right.
struct NotificationListener: Sendable {
    /// The channel on which `peerfolio.request_run` and `peerfolio.cancel_run` notify.
    static let requests = "peerfolio"

    /// How often a connection that says nothing is looked after.
    private static let patience = Duration.seconds(30)

    let installation: Installation
    let channels: [String]
    let log: Logger
    let events: AsyncStream<DaemonEvent>.Continuation

    /// Forwards notifications until cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await listen()
            } catch {
                if Task.isCancelled { return }
                log.debug("notifications are not heard: \(error)")
                // A role that is locked out for too many attempts does not hear anything either.
                let isRefused = (error as? PostgresError)?.code == .authenticationFailed
                let (poll, pause) = (
                    installation.configuration.scheduling.poll, installation.configuration.retry.backoff.longest
                )
                try? await Task.sleep(for: isRefused ? max(poll, pause) : poll)
            }
        }
    }

    private func listen() async throws {
        try await installation.withConnection { connection in
            try await connection.withSession { session in
                for channel in channels { try session.listen(to: channel) }
            }
            // Whatever was asked for before is found now.
            events.yield(.notification(channel: Self.requests))
            while !Task.isCancelled {
                let notifications = try await connection.withSession { session in
                    let notifications = try session.notifications(waitingFor: Self.patience)
                    // A peer that has gone without a word is found out.
                    if notifications.isEmpty { try session.execute("select 1") }
                    return notifications
                }
                for notification in notifications { events.yield(.notification(channel: notification.channel)) }
            }
        }
    }
}
