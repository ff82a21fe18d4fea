import CLibPQ
import Synchronization

/// Owns one `PGcancel`, which any one thread may use while another waits for the statement.
///
/// `@unchecked` since the pointer is not `Sendable`: it is never changed, only ``send()`` reads it, and libpq copies
/// into it all it needs of the connection.
final class CancelRequest: @unchecked Sendable {
    private let handle: OpaquePointer
    private let delivered = Atomic<Bool>(false)

    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQfreeCancel(handle)
    }

    /// Whether the server took the request.
    var wasDelivered: Bool {
        delivered.load(ordering: .acquiring)
    }

    /// Sends the request and returns when the server has acted on it, however long that takes.
    func send() {
        var reason = [CChar](repeating: 0, count: 256)
        delivered.store(PQcancel(handle, &reason, Int32(reason.count)) == 1, ordering: .releasing)
    }
}
