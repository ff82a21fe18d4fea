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
        /// The connection is cut in place of passing the message on.
        case cutBefore(Int)
        /// The message is passed on, and then the connection is cut.
        case cutAfter(Int)
        /// The server says that it is of another version.
        case version(String)
        /// From the message on everything is taken and nothing is passed on, on any connection: a peer that
        /// acknowledges and never answers.
        case silence(Int)
    }

    /// Stands for the COMMIT that publishes a run, where a fault wants the number of a message.
    static let publication = 0

    /// A message that was counted.
    struct Passage: Sendable {
        /// The connection, by the socket of its client.
        let link: Int32
        /// Whether the server sent it.
        let isServer: Bool
        let type: MessageScanner.Kind
        /// Whether it asks the server to commit.
        let isCommit: Bool
        /// Whether it asks the server to commit the publication of a run.
        let isPublication: Bool
    }

    private struct State {
        let fault: Fault
        var counted: [Passage] = []
        var isSilent = false
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
        state = Mutex(State(fault: fault))
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

    /// Whether the message of the fault came by.
    var isReached: Bool { state.withLock { $0.isReached } }

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
        /// Whether the transaction under way has moved the pointer.
        let isPublishing = Mutex(false)
        private let open = Mutex(2)

        init(client: Int32, server: Int32) {
            (self.client, self.server) = (client, server)
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
                if !isServer, String(decoding: message.bytes, as: UTF8.self).contains("previous_run_id = live_run_id") {
                    link.isPublishing.withLock { $0 = true }
                }
                let passage = Passage(
                    link: link.client, isServer: isServer, type: message.type, isCommit: isCommit,
                    isPublication: isCommit && link.isPublishing.withLock { $0 })
                let decision = isCounted ? decide(passage) : pendingDecision
                if !isServer, message.type == .start, MessageScanner.asksForEncryption(message.bytes) {
                    link.serverScanner.withLock { $0.expectAnswer() }
                }
                let passedOn = version.map { message.sayingVersion($0) } ?? message.bytes
                switch decision {
                case .drop: continue
                case .cut: break reading
                case .pass, .passAndCut:
                    guard Self.sendAll(passedOn, to: target), decision == .pass else { break reading }
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

    private var pendingDecision: Decision { state.withLock { $0.isSilent ? .drop : .pass } }

    /// Counts a message, and says what is to be done with it.
    private func decide(_ passage: Passage) -> Decision {
        state.withLock { state in
            state.counted.append(passage)
            let numbers = passage.isPublication ? [Self.publication, state.counted.count] : [state.counted.count]
            let decision: Decision
            switch state.fault {
            case .cutBefore(let number) where numbers.contains(number): decision = .cut
            case .cutAfter(let number) where numbers.contains(number): decision = .passAndCut
            case .silence(let number) where numbers.contains(number):
                state.isSilent = true
                decision = .drop
            default: return state.isSilent ? .drop : .pass
            }
            state.isReached = true
            return decision
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
