import CLibPQ
import Dispatch
import Foundation

/// One `PGconn` in non-blocking mode, with a deadline for everything that waits.
///
/// Used from one thread at a time. It knows statements and COPY, and nothing of transactions.
final class LibPQConnection {
    /// How long a cancel, and the clean-up after it, may take before the connection is given up.
    ///
    /// Five seconds are far above the milliseconds that both need on a network that works.
    static let cancelGrace = Duration.seconds(5)

    private var handle: OpaquePointer?

    private let settings: ConnectionSettings

    /// What the server said while it let us in.
    private let notices = ConnectionNotices()

    /// Warnings that came with the connection, in the server's words.
    var warnings: [String] { notices.warnings }

    /// Ends the waiting of the current session; `nil` between sessions.
    var interrupt: Interrupt?

    /// The time limit of one statement, and of one step of a COPY.
    var operationTimeout: Duration

    private init(handle: OpaquePointer, settings: ConnectionSettings) {
        self.handle = handle
        self.settings = settings
        operationTimeout = settings.operationTimeout
    }

    deinit {
        close()
    }

    /// Closes the socket without waiting for the server.
    func close() {
        PQfinish(handle)
        handle = nil
    }

    // MARK: Connecting

    /// Connects, trying each address in turn, for as long as the settings allow for each.
    ///
    /// - Throws: ``PostgresError``, or `CancellationError` once the interrupt is raised.
    static func connect(_ settings: ConnectionSettings, interrupt: Interrupt) throws -> LibPQConnection {
        guard let handle = startConnecting(try settings.decision().options) else {
            throw PostgresError(code: .system, message: "libpq is out of memory")
        }
        let connection = LibPQConnection(handle: handle, settings: settings)
        connection.interrupt = interrupt
        // libpq would print notices on standard error.
        PQsetNoticeReceiver(handle, ConnectionNotices.receiver, Unmanaged.passUnretained(connection.notices).toOpaque())
        // The SQLSTATE of a refused connection then stands in the text, which is all that libpq has of it.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        if PQstatus(handle) != CONNECTION_BAD { try settings.policy.check(handle) }
        try connection.finishConnecting(before: Deadline(after: settings.connectTimeout), settings.connectTimeout)
        guard PQsetnonblocking(handle, 1) == 0 else {
            throw PostgresError(code: .connectionLost, message: "the connection was lost right after it was made")
        }
        connection.interrupt = nil
        return connection
    }

    /// Keeps the server from ending the connection while we compute, which idle_session_timeout (14 and later) would do.
    ///
    /// For the session, since it counts between transactions. Behind a pooler the setting stays with the server's session
    /// and does no harm there: its idle sessions are the pooler's to end.
    func stayWhenIdle(_ interrupt: Interrupt) throws {
        guard serverVersion >= 140_000 else { return }
        self.interrupt = interrupt
        defer { self.interrupt = nil }
        do {
            _ = try run { PQsendQuery($0, "SET idle_session_timeout = 0") }
        } catch let error as PostgresError where error.code == .server {
            // A pooler that allows no SET; the error comes back when the session is missed.
        }
    }

    /// Begins to connect: names are looked up, and nothing is sent yet.
    static func startConnecting(_ options: [(keyword: String, value: String)]) -> OpaquePointer? {
        CStrings.withArray(options.map { $0.keyword }) { keywords in
            CStrings.withArray(options.map { $0.value }) { values in
                PQconnectStartParams(keywords, values, 0)
            }
        }
    }

    private func finishConnecting(before first: Deadline, _ limit: Duration) throws {
        let handle = try open()
        var (deadline, address) = (first, Self.address(of: handle))
        var hasGivenUp = false
        let overdue = PostgresError(
            code: .timeout, message: "no connection within \(limit); check host, port and firewall")
        var polling = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD {
            switch polling {
            case PGRES_POLLING_OK:
                // From here on a notice goes nowhere: what a statement makes the server say may quote data.
                PQsetNoticeReceiver(handle, { _, _ in }, nil)
                return
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
                let events = polling == PGRES_POLLING_READING ? POLLIN : POLLOUT
                switch waitForSocket(Int16(events), until: deadline, heeding: interrupt) {
                case .ready: polling = PQconnectPoll(handle)
                case .interrupted: throw CancellationError()
                case .timedOut:
                    guard Self.giveUpAddress(of: handle) else { throw overdue }
                    hasGivenUp = true
                    polling = PQconnectPoll(handle)
                }
                let current = Self.address(of: handle)
                if current != address { (deadline, address) = (Deadline(after: limit), current) }
            default: throw hasGivenUp ? connectFailure(after: overdue) : connectFailure()
            }
        }
        throw hasGivenUp ? connectFailure(after: overdue) : connectFailure()
    }

    /// The failure of the last address, after others had been given up: what libpq says of those would mislead.
    private func connectFailure(after overdue: PostgresError) -> PostgresError {
        let failure = connectFailure()
        return failure.code == .connectionFailed ? overdue : failure
    }

    /// The host, the address and the port that are being tried.
    private static func address(of handle: OpaquePointer) -> [String] {
        [PQhost(handle), PQhostaddr(handle), PQport(handle)].map { $0.map { String(cString: $0) } ?? "" }
    }

    /// Makes libpq go on to the next address, when the one that is being tried has not answered at all.
    ///
    /// Connecting in steps has no call for that. Shutting a socket down that is still connecting makes that fail.
    ///
    /// - Returns: False when the address has answered, and libpq would not go on.
    private static func giveUpAddress(of handle: OpaquePointer) -> Bool {
        PQstatus(handle) == CONNECTION_STARTED && shutdown(PQsocket(handle), Int32(SHUT_RDWR)) == 0
    }

    // MARK: State

    /// The open `PGconn`.
    ///
    /// - Throws: ``PostgresError/Code/connectionLost`` once it was closed or has died.
    func open() throws(PostgresError) -> OpaquePointer {
        guard let handle else {
            throw PostgresError(code: .connectionLost, message: "the connection is closed; open a new one")
        }
        return handle
    }

    /// Whether the connection was closed or is known to be dead.
    var isClosed: Bool {
        handle == nil || PQstatus(handle) == CONNECTION_BAD
    }

    /// Where the connection is with respect to a transaction; unknown when it is closed.
    var transactionStatus: PGTransactionStatusType {
        PQtransactionStatus(handle)
    }

    /// The server's version as one number, such as 150018.
    var serverVersion: Int {
        Int(PQserverVersion(handle))
    }

    /// A setting that the server reports, such as `server_encoding`.
    func parameter(_ name: String) -> String? {
        PQparameterStatus(handle, name).map { String(cString: $0) }
    }

    /// The process that the server named at the start, 0 when closed.
    var backendPID: Int32 {
        PQbackendPID(handle)
    }

    // MARK: Waiting

    /// How waiting ended.
    enum WaitOutcome {
        case ready(Int16)
        case timedOut
        case interrupted
    }

    /// Waits for the socket, for an interrupt, or for the deadline, whichever comes first.
    func waitForSocket(_ events: Int16, until deadline: Deadline, heeding interrupt: Interrupt?) -> WaitOutcome {
        var descriptors = [pollfd(fd: PQsocket(handle), events: events, revents: 0)]
        if let interrupt {
            descriptors.append(pollfd(fd: interrupt.readEnd, events: Int16(POLLIN), revents: 0))
        }
        while true {
            // Looked at first, so that a peer that never stops sending does not outlast the deadline.
            if deadline.hasPassed {
                return .timedOut
            }
            let count = poll(&descriptors, nfds_t(descriptors.count), deadline.remaining.wholeMilliseconds)
            if count > 0 {
                // The interrupt goes first, or a peer that never stops sending would hide it.
                return interrupt?.isRaised == true ? .interrupted : .ready(descriptors[0].revents)
            }
            if count < 0 && errno != EINTR {
                // Without poll there is no waiting; libpq will find out what is wrong with its socket.
                return .ready(0)
            }
        }
    }

    /// Asks the server, in another thread, to stop what it is doing, and waits for that request to end.
    ///
    /// A request that is still under way when the statement ends would stop the next one.
    ///
    /// - Returns: Whether the request ended within the grace and reached the server.
    func requestCancel(within grace: Duration) -> Bool {
        guard let request = cancelRequest(within: grace) else { return false }
        let done = DispatchSemaphore(value: 0)
        DispatchQueue(label: "peerfolio.postgres.cancel").async {
            request.send()
            done.signal()
        }
        let milliseconds = Int(grace.wholeMilliseconds)
        return done.wait(timeout: .now() + .milliseconds(milliseconds)) == .success && request.wasDelivered
    }

    /// The request to stop what the server is doing: by the cancel key, or by a second connection where the key would
    /// cross in clear a network on which the connection itself is encrypted.
    private func cancelRequest(within grace: Duration) -> CancelRequest? {
        guard PQsslInUse(handle) == 1 || PQgssEncInUse(handle) == 1 else {
            return PQgetCancel(handle).map { CancelRequest(owning: $0) }
        }
        let server = [("host", PQhost(handle)), ("hostaddr", PQhostaddr(handle)), ("port", PQport(handle))]
            .map { (keyword: $0.0, value: $0.1.map { String(cString: $0) } ?? "") }
            .filter { !$0.value.isEmpty }
        // A server that is no longer what was asked for is still the one that works on the statement.
        return CancelRequest(
            settings.narrowed(to: server + [("target_session_attrs", "any")], timeout: grace),
            backendPID: backendPID)
    }
}
