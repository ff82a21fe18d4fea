import Synchronization

/// Something that happens once, and that others may look for.
final class Turn: Sendable {
    private let taken = Mutex(false)

    var isTaken: Bool { taken.withLock { $0 } }

    func take() {
        taken.withLock { $0 = true }
    }
}
