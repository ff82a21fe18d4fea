import Foundation
import Synchronization

/// A one-way switch that another thread can turn on and that wakes a thread inside `poll(2)`.
///
/// One serves one session: it is never reset, so a late cancellation cannot reach the session after it.
final class Interrupt: Sendable {
    private let raised = Atomic<Bool>(false)
    private let writeEnd: Int32

    /// The descriptor that becomes readable, for good, once the interrupt is raised.
    let readEnd: Int32

    /// Creates an interrupt that is not raised.
    ///
    /// - Throws: ``PostgresError/Code/system`` if the process has no descriptors left.
    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PostgresError(
                code: .system,
                message: "cannot create a pipe (errno \(errno)); raise the limit of open files (ulimit -n)"
            )
        }
        readEnd = ends[0]
        writeEnd = ends[1]
        _ = fcntl(readEnd, F_SETFD, FD_CLOEXEC)
        _ = fcntl(writeEnd, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Whether the interrupt was raised.
    var isRaised: Bool {
        raised.load(ordering: .acquiring)
    }

    /// Turns the switch on; the first call counts.
    func raise() {
        guard !raised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = write(writeEnd, &byte, 1)
    }
}
