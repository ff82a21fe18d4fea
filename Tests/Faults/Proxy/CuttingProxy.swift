import Foundation
import Synchronization

/// A proxy on 127.0.0.1 in front of a server's socket that knows the protocol, and cuts connections at a given message.
///
/// Messages are counted over all connections and both directions, in the order in which they come by. Of a stream of
/// rows the first, the second and the thousandth count, so that a listing stays short.
final class CuttingProxy: Sendable {
    /// What happens at a message.
    enum Fault: Sendable {
        case none
        /// Connections are cut, each at one message.
        case cuts([Cut])
        /// The server says that it is of another version.
        case version(String)
        /// From the message on everything is taken and nothing is passed on, on any connection: a peer that
        /// acknowledges and never answers.
        case silence(Int)

        /// The connection is cut in place of passing a message on.
        static func cutBefore(_ message: Int) -> Fault { .cuts([Cut(message: message, passesOn: false)]) }

        /// A message is passed on, and then the connection is cut.
        static func cutAfter(_ message: Int) -> Fault { .cuts([Cut(message: message, passesOn: true)]) }
    }

    /// Where a connection is cut.
    struct Cut: Sendable {
        let message: Int
        let passesOn: Bool
    }

    /// When everything fell silent, and what was not answered.
    struct Silence: Sendable {
        let start: ContinuousClock.Instant
        let isPublication: Bool
        /// The server's limit for a statement in the transaction that was under way; nil outside of one.
        let statementTimeout: Duration?
    }

    /// Stands for the COMMIT that publishes a run, where a fault wants the number of a message.
    static let publication = 0
    /// Stands for the COMMIT of the transaction that asks what became of that one.
    static let question = -1

    /// A message that was counted.
    struct Passage: Sendable {
        /// The connection, by the socket of its client.
        let link: Int32
        /// Whether the server sent it.
        let isServer: Bool
        /// Whether it asks the server to commit.
        let isCommit: Bool
        /// What stands for it beside its number; nil if nothing does.
        let standIn: Int?
    }

    private struct State {
        let fault: Fault
        /// Those that are still to come.
        var cuts: [Cut]
        var counted: [Passage] = []
        var silence: Silence?
        var isStopped = false
        var isReached = false
        var descriptors: Set<Int32> = []
    }

    private enum Decision {
        case pass, cut, passAndCut, drop
    }

    private let state: Mutex<State>
    private let listener: Int32
    private let socketPath: String

    /// The port on 127.0.0.1.
    let port: UInt16

    /// - Parameter socketPath: The Unix socket of the server.
    init(socketPath: String, fault: Fault = .none) throws {
        self.socketPath = socketPath
        if case .cuts(let cuts) = fault {
            state = Mutex(State(fault: fault, cuts: cuts))
        } else {
            state = Mutex(State(fault: fault, cuts: []))
        }
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutableBytes(of: &address) { [listener] bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
                && getsockname(listener, pointer, &length) == 0
        }
        guard isBound else { throw Failure("the proxy found no port: errno \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { self.acceptConnections() }
    }

    /// The messages that came by.
    var messages: [Passage] { state.withLock { $0.counted } }

    /// Whether the messages of the fault came by.
    var isReached: Bool { state.withLock { $0.isReached } }

    /// The silence, once it has begun.
    var silence: Silence? { state.withLock { $0.silence } }

    /// Ends all connections and the proxy.
    func stop() {
        let open = state.withLock { state in
            state.isStopped = true
            return state.descriptors
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: Connections

    /// One connection through the proxy; each direction has a thread of its own.
    private final class Link: Sendable {
        let client: Int32
        let server: Int32
        /// Scans what the server says; the other direction tells it of requests for encryption.
        let serverScanner = Mutex(MessageScanner(isServer: true))
        /// What stands for the COMMIT of the transaction under way: whether it moves the pointer, or asks for it.
        let standIn = Mutex<Int?>(nil)
        let statementTimeout = Mutex<Duration?>(nil)
        private let open = Mutex(2)

        init(client: Int32, server: Int32) {
            (self.client, self.server) = (client, server)
        }

        /// Looks at what the client says.
        func listen(to message: MessageScanner.Message) {
            let text = String(decoding: message.bytes, as: UTF8.self)
            if text.contains("previous_run_id = live_run_id") { standIn.withLock { $0 = publication } }
            if text.contains("COMMIT_LOST") { standIn.withLock { $0 = question } }
            guard let limit = text.firstMatch(of: /"statement_timeout" = '(\d+)(m?)s'/) else { return }
            let number = Int(limit.1) ?? 0
            statementTimeout.withLock { $0 = limit.2.isEmpty ? .seconds(number) : .milliseconds(number) }
        }

        func cut() {
            shutdown(client, Int32(SHUT_RDWR))
            shutdown(server, Int32(SHUT_RDWR))
        }

        /// Whether both directions have ended.
        func directionEnded() -> Bool {
            open.withLock { open in
                open -= 1
                return open == 0
            }
        }
    }

    private func acceptConnections() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                close(listener)
                return
            }
            // Small messages one by one would wait for acknowledgements.
            var isOn: Int32 = 1
            setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
            let server = Self.connect(to: socketPath)
            let link = Link(client: client, server: server)
            let isStopped = state.withLock { state in
                state.descriptors.formUnion([client, server])
                return state.isStopped
            }
            if isStopped || server < 0 { link.cut() }
            for isServer in [false, true] {
                Thread.detachNewThread { self.pump(link, isServer: isServer) }
            }
        }
    }

    /// Passes one direction on until it ends or is cut.
    private func pump(_ link: Link, isServer: Bool) {
        let (source, target) = isServer ? (link.server, link.client) : (link.client, link.server)
        var clientScanner = MessageScanner(isServer: false)
        var rowCount = 0
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        reading: while true {
            let count = recv(source, &bytes, bytes.count, 0)
            guard count > 0 else { break }
            let messages =
                isServer
                ? link.serverScanner.withLock { $0.scan(bytes[..<count]) } : clientScanner.scan(bytes[..<count])
            for message in messages {
                rowCount = message.type.isRow ? rowCount + 1 : 0
                let isCounted = [0, 1, 2, 1000].contains(rowCount)
                let isCommit = !isServer && message.bytes.dropFirst(5).starts(with: Array("COMMIT".utf8))
                if !isServer, !message.type.isRow { link.listen(to: message) }
                let passage = Passage(
                    link: link.client, isServer: isServer, isCommit: isCommit,
                    standIn: isCommit ? link.standIn.withLock { $0 } : nil)
                let decision = isCounted ? decide(passage, link) : pendingDecision
                if !isServer, message.type == .start, MessageScanner.asksForEncryption(message.bytes) {
                    link.serverScanner.withLock { $0.expectAnswer() }
                }
                let passedOn = version.map { message.sayingVersion($0) } ?? message.bytes
                switch decision {
                case .drop: continue
                case .cut: break reading
                case .pass:
                    guard Self.sendAll(passedOn, to: target) else { break reading }
                case .passAndCut:
                    // Before the server can have answered: else the answer might still get through.
                    if !isServer { shutdown(link.client, Int32(SHUT_RDWR)) }
                    _ = Self.sendAll(passedOn, to: target)
                    break reading
                }
            }
        }
        link.cut()
        guard link.directionEnded() else { return }
        state.withLock { state in
            state.descriptors.subtract([link.client, link.server])
            close(link.client)
            if link.server >= 0 { close(link.server) }
        }
    }

    /// The version that the server is to say; nil for its own.
    private var version: String? {
        guard case .version(let text) = state.withLock({ $0.fault }) else { return nil }
        return text
    }

    private var pendingDecision: Decision { state.withLock { $0.silence == nil ? .pass : .drop } }

    /// Counts a message, and says what is to be done with it.
    private func decide(_ passage: Passage, _ link: Link) -> Decision {
        state.withLock { state in
            state.counted.append(passage)
            let numbers = [state.counted.count, passage.standIn ?? state.counted.count]
            if let index = state.cuts.firstIndex(where: { numbers.contains($0.message) }) {
                let cut = state.cuts.remove(at: index)
                state.isReached = state.cuts.isEmpty
                return cut.passesOn ? .passAndCut : .cut
            }
            if case .silence(let number) = state.fault, state.silence == nil, numbers.contains(number) {
                state.silence = Silence(
                    start: .now, isPublication: passage.standIn == Self.publication,
                    statementTimeout: link.statementTimeout.withLock { $0 })
                state.isReached = true
            }
            return state.silence == nil ? .pass : .drop
        }
    }

    private static func connect(to path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafeBytes(of: &address) { bytes in
            let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return Glibc.connect(descriptor, pointer, socklen_t(bytes.count))
        }
        guard result == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    private static func sendAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
