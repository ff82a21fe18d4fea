public import Logging
public import Scoring
public import ServiceLifecycle

/// The daemon: starts runs when they are due, asked for or to be repeated, one at a time.
///
/// It may run on several machines. One holds the lease and acts; the others look whether it still lives. What must happen
/// once happens once because of what is in the database (a row for each due moment, one running run for each channel, the
/// publication's term), not because of the lease.
///
/// Everything that happens reaches one loop as an event: notifications, ends of runs, signals, and the time that is due.
public struct SchedulerDaemon: ServiceLifecycle.Service {
    private let load: @Sendable () throws -> Installation
    private let installation: Installation
    private let log: Logger

    /// Creates a daemon.
    ///
    /// - Parameters:
    ///   - installation: What to do, and when.
    ///   - log: Where to tell of it.
    ///   - load: Reads the configuration again, for SIGHUP.
    public init(_ installation: Installation, log: Logger, load: @escaping @Sendable () throws -> Installation) {
        self.installation = installation
        self.log = log
        self.load = load
    }

    /// Works until the surrounding service group shuts down.
    ///
    /// A run that is going on then may end within `schedule.shutdown_grace`; later it is cancelled, and queued again for
    /// whoever acts next. Faults of the database are waited out.
    public func run() async throws {
        let (events, send) = AsyncStream.makeStream(of: DaemonEvent.self)
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await HangUpSignals.forward(to: send) }
                var loop = DaemonLoop(installation: installation, log: log, load: load, events: events, send: send)
                await loop.run()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            send.yield(.shutdown)
        }
    }
}
