import UnixSignals

/// SIGHUP, by which an administrator asks a daemon to read its configuration again.
enum HangUpSignals {
    /// Turns every signal into an event, until cancelled.
    static func forward(to events: AsyncStream<DaemonEvent>.Continuation) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) { events.yield(.hangUp) }
    }
}
