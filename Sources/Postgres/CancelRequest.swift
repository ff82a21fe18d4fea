import CLibPQ
import Synchronization

/// A request to stop a statement, which any one thread may send while another waits for the statement.
///
/// `@unchecked` since the pointer is not `Sendable`: it is never changed, only ``send()`` reads it, and libpq copies
/// into it all it needs of the connection.
final class CancelRequest: @unchecked Sendable {
    private enum Way {
        /// libpq's `PGcancel`, which sends the connection's secret key in clear, whatever the connection uses.
        case key(OpaquePointer)
        /// A connection with these settings, and the server process to be told over it.
        case connection(ConnectionSettings, backendPID: Int32)
    }

    private let way: Way
    private let delivered = Atomic<Bool>(false)

    /// Creates a request by a connection's cancel key, which it owns from then on.
    init(owning handle: OpaquePointer) {
        way = .key(handle)
    }

    /// Creates a request over a connection of its own, as the same role.
    ///
    /// - Parameters:
    ///   - settings: Those of the connection to be stopped, for its server only.
    ///   - backendPID: The process that works for it. Behind a pooler the number is the pooler's invention: then no
    ///     process is found and the request does not count as delivered.
    init(_ settings: ConnectionSettings, backendPID: Int32) {
        way = .connection(settings, backendPID: backendPID)
    }

    deinit {
        if case .key(let handle) = way { PQfreeCancel(handle) }
    }

    /// Whether the server took the request.
    var wasDelivered: Bool {
        delivered.load(ordering: .acquiring)
    }

    /// Sends the request and returns when the server has acted on it, however long that takes.
    func send() {
        switch way {
        case .key(let handle):
            var reason = [CChar](repeating: 0, count: 256)
            delivered.store(PQcancel(handle, &reason, Int32(reason.count)) == 1, ordering: .releasing)
        case .connection(let settings, let backendPID):
            delivered.store((try? Self.cancel(backendPID, settings)) ?? false, ordering: .releasing)
        }
    }

    private static func cancel(_ backendPID: Int32, _ settings: ConnectionSettings) throws -> Bool {
        let interrupt = try Interrupt()
        let connection = try LibPQConnection.connect(settings, interrupt: interrupt)
        defer { connection.close() }
        // Its own sessions only: a number that is not the server's must not stop anybody else.
        let result = try Session(connection).execute(
            """
            select pg_catalog.pg_cancel_backend(pid) from pg_catalog.pg_stat_activity
             where pid = $1 and usename = session_user and datname = pg_catalog.current_database()
            """, [.bigint(Int64(backendPID))])
        return try result.rows.first?.get(at: 0, as: Bool.self) ?? false
    }
}
